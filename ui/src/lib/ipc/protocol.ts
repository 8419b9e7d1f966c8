// Names for parts of the generated interface, and a frame that knows its rows.

import type { Commands, Topics } from "./bindings";

export type { Commands, EventQuery, SpecDraft, Topics } from "./bindings";

export type CommandName = keyof Commands;

export type TopicName = keyof Topics;

/** One push of a subscription: everything, or what changed since the push before it. */
export type Frame<Row = unknown> = {
  seq: number;
  at: number;
  kind: "snapshot" | "patch";
  rows: Row[];
  removed: string[];
};
