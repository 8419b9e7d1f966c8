// Two claims on one name, as a person settles what became of them.

import type { EventRecord, Fact, Precedence } from "$lib/ipc/bindings";

export type ClaimLost = Extract<Fact, { kind: "claim_lost" }>;
export type Conflict = { key: string; at: number; loser: string; fact: ClaimLost };

/** Why one claim stands before another. */
export const PRECEDENCES = {
  epoch: "the agent there is the later life",
  earlier: "it was claimed there first",
  smaller_id: "both claimed it at the same moment, and the key of that node is the smaller",
} as const satisfies Record<Precedence, string>;

type Told = Record<string, string | string[]>;

/** What each claim told of the name, a line for each field that either told. */
export function compared(
  kept: Told,
  dropped: Told,
): { field: string; kept: string; dropped: string }[] {
  const fields = [...new Set([...Object.keys(kept), ...Object.keys(dropped)])].sort();
  return fields.map((field) => ({
    field,
    kept: words(kept[field]),
    dropped: words(dropped[field]),
  }));
}

function words(value: string | string[] | undefined): string {
  if (value === undefined) return "–";
  return typeof value === "string" ? value : value.join(", ");
}

/** The conflicts among `events`, newest first; each as the node tells it whose claim was lost. */
export function conflictsOf(
  events: readonly EventRecord[],
  key: (event: EventRecord) => string,
): Conflict[] {
  return events
    .flatMap((event): Conflict[] =>
      event.fact.kind === "claim_lost"
        ? [{ key: key(event), at: event.stamp.wall, loser: event.origin, fact: event.fact }]
        : [],
    )
    .toReversed();
}
