import { expect, test } from "vitest";

import type { Fact } from "$lib/ipc/bindings";

import { standing } from "./agent";
import { FACT_KINDS, factGroup, factTone, factWord, mentions, sentence } from "./fact";
import { codeDigits, fingerprint, nameFault } from "./id";
import { bytes, counted, memory, took } from "./number";
import { problemWords } from "./problem";
import { ago, countdown, period, span } from "./time";

test("spans name their greatest unit, and two below ten minutes", () => {
  expect(span(4_900)).toBe("4 s");
  expect(span(200_000)).toBe("3 min 20 s");
  expect(span(3_599_000)).toBe("59 min");
  expect(span(90_000_000)).toBe("1 d");
  expect(span(-5)).toBe("0 s");
});

test("periods that are set keep what is below a second", () => {
  expect(period(500)).toBe("500 ms");
  expect(period(2_500)).toBe("2.5 s");
  expect(period(2_000)).toBe("2 s");
  expect(period(12_345)).toBe("12 s");
  expect(period(90_000)).toBe("1 min 30 s");
});

test("clock that runs ahead is no reason to speak of the future", () => {
  expect(ago(2_000, 1_000)).toBe("just now");
  expect(ago(0, 12_000)).toBe("12 s ago");
});

test("countdown ends at zero", () => {
  expect(countdown(65_000, 0)).toBe("1:05");
  expect(countdown(3_700_000, 0)).toBe("1:01:40");
  expect(countdown(0, 5_000)).toBe("0:00");
});

test("sizes and short times carry their units", () => {
  expect(took(340)).toBe("340 µs");
  expect(took(1_240)).toBe("1.2 ms");
  expect(took(3_400_000)).toBe("3.4 s");
  expect(memory(512)).toBe("512 MiB");
  expect(memory(16_384)).toBe("16.0 GiB");
  expect(bytes(900)).toBe("900 B");
  expect(counted(1, "agent")).toBe("1 agent");
  expect(counted(2, "agent")).toBe("2 agents");
});

test("keys and codes are cut into groups", () => {
  expect(fingerprint("00a1b2c3")).toBe("00a1 b2c3");
  expect(codeDigits("407915")).toBe("407 915");
});

test("names follow the rule of the registry", () => {
  for (const good of ["echo", "a/b", "planner-7", "0.x_y"]) expect(nameFault(good)).toBeUndefined();
  for (const bad of ["", "Echo", "-a", "a/b/c", "a/", "x".repeat(65)]) {
    expect(nameFault(bad)).toBeTypeOf("string");
  }
});

test("agent that nobody wants is stopped, one that nobody holds is unplaced", () => {
  expect(standing({ phase: null, wanted: false })).toBe("stopped");
  expect(standing({ phase: null, wanted: true })).toBe("unplaced");
  expect(standing({ phase: "running", wanted: true })).toBe("running");
  expect(standing({ phase: "finished", wanted: false })).toBe("stopped");
  expect(standing({ phase: "stopping", wanted: false })).toBe("stopping");
});

test("end of an agent is told with its reason and what follows", () => {
  const parts = sentence({
    origin: "n1",
    seq: 1,
    stamp: { wall: 0, counter: 0, node: "n1" },
    actor: null,
    fact: {
      kind: "agent_exited",
      name: "planner",
      reason: { kind: "exited", code: 1 },
      next: "failed",
    },
  });

  expect(parts).toEqual([
    { agent: "planner" },
    " ended on ",
    { node: "n1" },
    ": it exited with code 1, and has used up its restarts",
  ]);
});

test("every kind of fact has a sentence", () => {
  expect(FACT_KINDS).toHaveLength(69);
});

test.each(["agent_cloned", "constructor"])("fact %s of a newer node is told plainly", (kind) => {
  const fact = { kind, name: "planner", copies: 2 } as unknown as Fact;
  const event = { origin: "n1", seq: 1, stamp: { wall: 0, counter: 0, node: "n1" }, actor: null };

  const word = kind.replace("_", " ");
  expect(sentence({ ...event, fact })).toEqual([
    { node: "n1" },
    `: ${word}  {"name":"planner","copies":2}`,
  ]);
  expect(factWord(fact)).toBe(word);
  expect([factGroup(fact.kind), factTone(fact)]).toEqual(["nodes", "idle"]);
  expect(mentions({ ...event, fact })).toEqual({ nodes: ["n1"], agents: [] });
});

test("problem says what, and what to do now", () => {
  const words = problemWords({ kind: "node_down", node: "n", name: "lynx", since: 0 }, 9_000);

  expect(words.what).toBe("lynx has been down for 9 s");
  expect(words.to).toEqual({ node: "n" });
});
