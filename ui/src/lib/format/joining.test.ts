import { expect, test } from "vitest";

import type { JoinPlan } from "$lib/ipc/bindings";

import { matters, planLines } from "./joining";

const NONE = { count: 0, names: [] };
const EMPTY: JoinPlan = {
  cluster_name: "attic",
  others: 0,
  agents: NONE,
  locals: NONE,
  events: 12,
  foreign_agents: NONE,
  settings: NONE,
  places: NONE,
  barriers: NONE,
  counters: NONE,
  variables: NONE,
  decisions: NONE,
};

test("computer with nothing of its own joins without a question", () => {
  expect(matters(EMPTY)).toBe(false);
  expect(matters({ ...EMPTY, others: 1 })).toBe(true);
});

test("plan says how many there are, what they are called, and what becomes of them", () => {
  const plan = { ...EMPTY, counters: { count: 3, names: ["hits", "jobs"] } };

  expect(planLines(plan)).toEqual([
    { what: "Counters (3)", names: "hits, jobs, …", fate: "are archived" },
  ]);
});
