// Planned moves in words and numbers.

import type { MoveState, PlanView } from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { span } from "./time";

export const MOVE_STATES = {
  waiting: { word: "Waits", tone: "idle" },
  moving: { word: "Moving", tone: "moving" },
  done: { word: "Moved", tone: "ok" },
  failed: { word: "Failed", tone: "bad" },
  overtaken: { word: "Overtaken", tone: "warn" },
} as const satisfies Record<MoveState, { word: string; tone: Tone }>;

/** How a plan stands. The node knows no end but an abort: a plan is over once none of its moves is open. */
export type PlanStanding = "running" | "paused" | "finished" | "ended";

export const PLAN_STANDINGS = {
  running: { word: "Runs", tone: "moving" },
  paused: { word: "Paused", tone: "warn" },
  finished: { word: "Finished", tone: "ok" },
  ended: { word: "Ended early", tone: "idle" },
} as const satisfies Record<PlanStanding, { word: string; tone: Tone }>;

export type Tally = Record<MoveState, number> & { all: number };

export function tally({ moves }: Pick<PlanView, "moves">): Tally {
  const sums = { waiting: 0, moving: 0, done: 0, failed: 0, overtaken: 0, all: moves.length };
  for (const { state } of moves) sums[state] += 1;
  return sums;
}

export function planStanding(plan: Pick<PlanView, "phase" | "moves">): PlanStanding {
  if (plan.phase === "aborted") return "ended";
  const { waiting, moving } = tally(plan);
  return waiting + moving === 0 ? "finished" : plan.phase;
}

/** Whether a person can still pause, resume or end it. */
export function isOpen(plan: Pick<PlanView, "phase" | "moves"> | null | undefined): boolean {
  if (plan === null || plan === undefined) return false;
  const standing = planStanding(plan);
  return standing === "running" || standing === "paused";
}

/** Whether it changes by itself: what is on its way arrives, also after a pause or an end. */
export function isGoing(plan: Pick<PlanView, "phase" | "moves"> | null | undefined): boolean {
  if (plan === null || plan === undefined) return false;
  return planStanding(plan) === "running" || tally(plan).moving > 0;
}

/** When the next move and the last one are due; nothing once all are, or while none is begun. */
export function dues(
  { phase, started, interval_ms, moves }: PlanView,
  now: number,
): { next: number; last: number } | null {
  const last = started + (moves.length - 1) * interval_ms;
  if (phase !== "running" || last <= now || interval_ms === 0) return null;
  const begun = Math.max(0, Math.floor((now - started) / interval_ms) + 1);
  return { next: started + begun * interval_ms, last };
}

/** How fast moves may follow each other. */
export const RATES = [
  { interval_ms: 500, word: "2 a second" },
  { interval_ms: 2_000, word: "30 a minute" },
  { interval_ms: 10_000, word: "6 a minute" },
  { interval_ms: 60_000, word: "1 a minute" },
] as const;

export function rateWord(interval_ms: number): string {
  const known = RATES.find((rate) => rate.interval_ms === interval_ms);
  if (known !== undefined) return known.word;
  return interval_ms < 1_000 ? `one every ${interval_ms} ms` : `one every ${span(interval_ms)}`;
}

/** What the rate makes of so many moves, at the least: `about 1 min 50 s`. */
export function durationWords(moves: number, interval_ms: number): string {
  const whole = (moves - 1) * interval_ms;
  return whole < 1_000 ? "at once" : `over ${span(whole)} at the least`;
}
