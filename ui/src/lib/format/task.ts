// Tasks and how they are spread, in words.

import type { Stuck, TaskPhase, TaskView } from "$lib/ipc/bindings";

import type { Tone } from "./agent";

export const TASK_STANDINGS = {
  queued: { tone: "idle", word: "Queued" },
  running: { tone: "active", word: "Running" },
  done: { tone: "ok", word: "Done" },
  failed: { tone: "bad", word: "Failed" },
  expired: { tone: "warn", word: "Expired" },
  cancelled: { tone: "idle", word: "Cancelled" },
} as const satisfies Record<TaskPhase, { tone: Tone; word: string }>;

export const STUCK_WORDS = {
  no_suitable_agent: "No agent that runs has these capabilities.",
  all_overloaded: "All agents that have these capabilities are at their limits.",
  no_bids: "No agent bids: those that are there are being tried, or their nodes take no work.",
  too_dear: "All agents that have these capabilities ask for more than is paid.",
} as const satisfies Record<Stuck, string>;

/** What is agreed on or was paid, of what is paid at most; empty for a task that pays nothing. */
export function payWords({ pay, price }: Pick<TaskView, "pay" | "price">): string {
  if (pay === undefined) return "";
  return price === undefined ? `≤ ${pay}` : `${price} of ${pay}`;
}
