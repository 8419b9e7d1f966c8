// Tasks and how they are spread, in words.

import type { Stuck, TaskPhase } from "$lib/ipc/bindings";

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
} as const satisfies Record<Stuck, string>;
