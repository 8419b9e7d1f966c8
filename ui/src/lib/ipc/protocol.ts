// Names for parts of the generated interface, and a frame that knows its rows.

import type { Commands, Topics } from "./bindings";

export type { Commands, EventQuery, SpecDraft, Topics } from "./bindings";

export type CommandName = keyof Commands;

/** The arguments of a command; these two may leave out what the node can do without. */
export type Args<Name extends CommandName> = Name extends "agent.start"
  ? Pick<Commands["agent.start"]["args"], "spec"> & Partial<Commands["agent.start"]["args"]>
  : Name extends "event.query"
    ? Partial<Commands["event.query"]["args"]>
    : Commands[Name]["args"];

export type TopicName = keyof Topics;

/** One push of a subscription: everything, or what changed since the push before it. */
export type Frame<Row = unknown> = {
  seq: number;
  at: number;
  kind: "snapshot" | "patch";
  rows: Row[];
  removed: string[];
};
