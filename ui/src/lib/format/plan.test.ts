import { expect, test } from "vitest";

import type { MoveState, PlanPhase, PlanView } from "$lib/ipc/bindings";

import { dues, durationWords, isGoing, isOpen, planStanding, rateWord, tally } from "./plan";

function plan(phase: PlanPhase, ...states: MoveState[]): PlanView {
  const moves = states.map((state, i) => ({
    state,
    reason: null,
    name: `a-${i}`,
    from: "n1",
    to: "n2",
    why: "",
  }));
  return { phase, interval_ms: 10_000, started: 100_000, moves };
}

test("plan is finished once no move of it is open, whatever came of them", () => {
  expect(planStanding(plan("running", "done", "moving"))).toBe("running");
  expect(planStanding(plan("paused", "done", "waiting"))).toBe("paused");
  expect(planStanding(plan("running", "done", "failed", "overtaken"))).toBe("finished");
  expect(planStanding(plan("paused", "done"))).toBe("finished");
  expect(planStanding(plan("aborted", "done", "waiting"))).toBe("ended");
});

test("only a plan with moves to come can be steered", () => {
  expect(isOpen(plan("running", "waiting"))).toBe(true);
  expect(isOpen(plan("paused", "waiting"))).toBe(true);
  expect(isOpen(plan("running", "done"))).toBe(false);
  expect(isOpen(plan("aborted", "waiting"))).toBe(false);
  expect(isOpen(null)).toBe(false);
});

test("what is on its way goes on after a pause and after an end", () => {
  expect(isGoing(plan("paused", "moving", "waiting"))).toBe(true);
  expect(isGoing(plan("aborted", "moving"))).toBe(true);
  expect(isGoing(plan("paused", "waiting"))).toBe(false);
  expect(isGoing(plan("running", "waiting"))).toBe(true);
});

test("every move is counted once", () => {
  const sums = tally(plan("running", "done", "done", "failed", "waiting"));

  expect(sums).toEqual({ all: 4, done: 2, failed: 1, waiting: 1, moving: 0, overtaken: 0 });
});

test("next and last move are told while there are some", () => {
  const three = plan("running", "done", "waiting", "waiting");

  expect(dues(three, 100_001)).toEqual({ next: 110_000, last: 120_000 });
  expect(dues(three, 99_000)).toEqual({ next: 100_000, last: 120_000 });
  expect(dues(three, 120_000)).toBeNull();
  expect(dues({ ...three, phase: "paused" }, 100_001)).toBeNull();
});

test("rate has words, also one that was chosen elsewhere", () => {
  expect(rateWord(500)).toBe("2 a second");
  expect(rateWord(5_000)).toBe("one every 5 s");
  expect(rateWord(250)).toBe("one every 250 ms");
  expect(durationWords(12, 10_000)).toBe("over 1 min 50 s at the least");
  expect(durationWords(1, 60_000)).toBe("at once");
});
