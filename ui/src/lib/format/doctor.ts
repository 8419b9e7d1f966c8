// What the doctor says, in words and tones.

import type { SourceKind, SourceReport, SourceState, Verdict } from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { counted } from "./number";
import { span } from "./time";

export const VERDICTS = {
  fail: { word: "Wrong", tone: "bad" },
  warn: { word: "Look at this", tone: "warn" },
  unknown: { word: "Not checked", tone: "idle" },
  ok: { word: "Well", tone: "ok" },
} as const satisfies Record<Verdict, { word: string; tone: Tone }>;

/** The worst first; what could not be looked at comes before what is well. */
export const VERDICT_ORDER = Object.keys(VERDICTS) as Verdict[];

export const SOURCES = {
  mdns: { word: "Multicast", what: "Announcements on the local network" },
  same_machine: { word: "This computer", what: "Other instances that run here" },
  address_book: { word: "Address book", what: "Where members were reached before" },
  address: { word: "Address", what: "Named under peers in covey.toml" },
  dns: { word: "DNS name", what: "Named under dns in covey.toml, looked up every 30 s" },
  routing: { word: "Members", what: "What members know of each other" },
  join_key: { word: "Join key", what: "Lets in whoever holds the same key" },
} as const satisfies Record<SourceKind, { word: string; what: string }>;

export const SOURCE_STATES = {
  failing: { word: "Failing", tone: "bad" },
  found: { word: "Found", tone: "ok" },
  searching: { word: "Searching", tone: "moving" },
  nobody: { word: "Nobody there", tone: "idle" },
  itself: { word: "This node itself", tone: "idle" },
  off: { word: "Off", tone: "idle" },
} as const satisfies Record<SourceState, { word: string; tone: Tone }>;

/** What a way of finding nodes has come to, in a few words. */
export function sourceNote(source: SourceReport): string {
  const found = source.found > 0 ? counted(source.found, "node") : "";
  const tried = source.tried_ms_ago === null ? "" : `tried ${span(source.tried_ms_ago)} ago`;
  return [found, tried].filter((part) => part !== "").join(" · ");
}
