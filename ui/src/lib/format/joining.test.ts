import { expect, test } from "vitest";

import type { Archive, JoinPlan } from "$lib/ipc/bindings";

import { archiveLines, conflictWords, matters, planLines, replayedWords } from "./joining";

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

test("archive lists what can be replayed, of the group and of what merges", () => {
  const counter = { name: "hits", scope: "cluster", value: "7", version: 3 } as const;
  const archive = {
    left: 1,
    belongings: { counters: [{ ...counter, name: "visits", scope: "global" }], variables: [] },
    group: {
      settings: [{ key: "agents.log_lines", place: "cluster", value: "200" }],
      counters: [counter],
      variables: [],
      decisions: [{ question: "colour", value: "red", version: 1, by: "n" }],
      places: [{}],
    },
  } as unknown as Archive;

  expect(archiveLines(archive)).toEqual([
    { kind: "Setting", name: "agents.log_lines", value: "200" },
    { kind: "Counter", name: "hits", value: "7" },
    { kind: "Counter", name: "visits", value: "7" },
    { kind: "Question", name: "colour", value: "red" },
  ]);
  expect(archiveLines({ ...archive, group: null })).toHaveLength(1);
});

test("replay says how much was made and how much was not", () => {
  const hits = { kind: "counter", name: "hits" } as const;
  const conflict = { ...hits, archived: "7", there: "9", reason: "it counts otherwise" };

  expect(replayedWords({ made: [hits], there: [], conflicts: [conflict] })).toBe(
    "1 made, 0 there already, 1 conflict",
  );
  expect(conflictWords(conflict)).toBe("was 7, 9 here: it counts otherwise");
  expect(conflictWords({ ...conflict, archived: null, there: null })).toBe(
    "was several values: it counts otherwise",
  );
});
