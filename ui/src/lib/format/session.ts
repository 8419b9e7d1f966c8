// Sessions, in words and tones.

import type {
  Fact,
  NoteView,
  ParticipantStanding,
  SessionFate,
  SessionNoteKind,
  SessionRow,
  SessionState,
} from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { count } from "./number";
import { span } from "./time";
import { spaced } from "./words";

type Mark = { word: string; tone: Tone };

export const STATES = {
  running: { word: "Running", tone: "active" },
  settled: { word: "Settled", tone: "ok" },
  unsettled: { word: "Unsettled", tone: "idle" },
  no_quorum: { word: "No quorum", tone: "warn" },
  aborted: { word: "Aborted", tone: "bad" },
  over_budget: { word: "Over budget", tone: "warn" },
  expired: { word: "Expired", tone: "warn" },
  cancelled: { word: "Cancelled", tone: "idle" },
} as const satisfies Record<SessionState, Mark>;

export const STANDINGS = {
  idle: { word: "Not asked", tone: "idle" },
  awaited: { word: "Awaited", tone: "moving" },
  spoke: { word: "Answered", tone: "ok" },
  failed: { word: "Failed", tone: "bad" },
} as const satisfies Record<ParticipantStanding, Mark>;

export const NOTES = {
  asked: "Asked",
  said: "Said by",
  failed: "Failed:",
  replaced: "Replaced by",
  ended: "Ended",
} as const satisfies Record<SessionNoteKind, string>;

/** What a protocol says of itself, for people: what is code there is quoted here. */
export function docWords(doc: string): string {
  return doc.replaceAll(/`([^`]+)`/gu, "“$1”");
}

/** What an agent answered, without the marks of JSON; as it came, if it is no object. */
export function saidWords(text: string): string {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said !== "object" || said === null || Array.isArray(said)) return text;
    return Object.entries(said)
      .map(
        ([field, value]) =>
          `${field}: ${typeof value === "string" ? value : JSON.stringify(value)}`,
      )
      .join("; ");
  } catch {
    return text;
  }
}

/** A line of the journal: who did what. */
export function noteWords(note: NoteView, relay: string | null): string {
  const who = note.agent ?? note.whom.join(", ");
  if (note.kind === "asked") return `Round ${note.round}, asked: ${who}`;
  const what = `${NOTES[note.kind]} ${who}`.trim();
  return relay === null ? what : `${what}, told by ${relay}`;
}

/** How far a session is, or what came out. */
export function sessionWords(row: SessionRow): string {
  if (row.state !== "running") return row.words;
  const answered = `${count(row.answered)} of ${count(row.participants)} answered`;
  return `${row.phase}, ${answered}, ${span(row.left_ms)} left`;
}

/** How large a part an amount is, in percent, for a bar. */
export function share(amount: number, of: number): number {
  return of === 0 ? 0 : Math.min(100, (100 * amount) / of);
}

/** A line of the journal at which a participant spoke or failed. */
export type Word = { note: NoteView; agent: string; asked: NoteView | undefined };

/** What each participant did, with the question that it answers. */
export function wordsOf(journal: readonly NoteView[]): Word[] {
  return journal.flatMap((note) => {
    if (note.agent === null || (note.kind !== "said" && note.kind !== "failed")) return [];
    const asked = journal.find(({ kind, round }) => kind === "asked" && round === note.round);
    return [{ note, agent: note.agent, asked }];
  });
}

type Started = Extract<Fact, { kind: "session_started" }>;
type Ended = Extract<Fact, { kind: "session_ended" }>;

export function sessionStarted({ session, protocol, participants, subject }: Started): [string] {
  const about = subject === "" ? "" : `: ${subject}`;
  const by = `${spaced(protocol)} with ${count(participants)}`;
  return [`session ${session} began, ${by}${about}`];
}

const FATES = {
  settled: "settled",
  unsettled: "ended unsettled",
  no_quorum: "had no quorum",
  aborted: "was aborted",
  over_budget: "went over its budget",
  expired: "expired",
  cancelled: "was cancelled",
} as const satisfies Record<SessionFate, string>;

export function sessionEnded({ session, fate, words }: Ended): [string] {
  return [`session ${session} ${FATES[fate]}${words === "" ? "" : `: ${words}`}`];
}
