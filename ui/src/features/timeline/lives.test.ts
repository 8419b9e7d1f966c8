import fc from "fast-check";
import { expect, test } from "vitest";

import type { EventRecord, Fact } from "$lib/ipc/bindings";

import { type Life, livesOf, packed } from "./lives";

const NOBODY = { agents: [], nodes: [] };

function told(...facts: [wall: number, origin: string, fact: Fact][]): EventRecord[] {
  return facts.map(([wall, origin, fact], seq) => ({
    origin,
    seq,
    stamp: { wall, counter: 0, node: origin },
    actor: null,
    fact,
  }));
}

const started = (name: string): Fact => ({ kind: "agent_started", name });

test("lost node ends its lives, and each arrow says where from and why", () => {
  const { lives } = livesOf(
    told(
      [10, "a", started("x")],
      [50, "b", { kind: "member_down", node: "a", cause: "silent" }],
      [60, "b", { kind: "agent_placed", name: "x", reason: "node_down" }],
      [70, "b", started("x")],
    ),
    NOBODY,
    0,
  );

  expect(lives.map(({ node, from, until, end }) => ({ node, from, until, end }))).toEqual([
    { node: "a", from: 10, until: 50, end: "lost" },
    { node: "b", from: 70, until: null, end: "runs" },
  ]);
  expect(lives[1]?.cameFrom).toEqual({
    node: "a",
    at: 50,
    why: "the node that ran it is down",
  });
});

test("restart is a notch of the same life, the last failure its end", () => {
  const failed = (next: "starting" | "failed"): Fact => ({
    kind: "agent_exited",
    name: "x",
    reason: { kind: "exited", code: 1 },
    next,
  });
  const { lives } = livesOf(
    told(
      [10, "a", started("x")],
      [20, "a", failed("starting")],
      [21, "a", started("x")],
      [30, "a", failed("failed")],
    ),
    NOBODY,
    0,
  );

  expect(lives).toHaveLength(1);
  expect(lives[0]).toMatchObject({ restarts: [21], until: 30, end: "failed" });
});

test("life of which only the end is told began no one knows when", () => {
  const reason = { kind: "stopped" } as const;
  const { lives } = livesOf(
    told([50, "a", { kind: "agent_exited", name: "x", reason, next: "stopping" }]),
    NOBODY,
    20,
  );

  expect(lives[0]).toMatchObject({ from: 20, known: false, until: 50, end: "ended" });
});

test("agent that is handed over leaves one lane and enters the other", () => {
  const { lives } = livesOf(
    told(
      [10, "a", started("x")],
      [40, "a", { kind: "agent_handed_over", name: "x", to: "b" }],
      [41, "b", started("x")],
    ),
    NOBODY,
    0,
  );

  expect(lives[0]).toMatchObject({ node: "a", until: 40, end: "moved" });
  expect(lives[1]?.cameFrom?.why).toBe("it was handed over with its state");
});

test("what began before the first event is known from the present alone", () => {
  const { lives, closures } = livesOf(
    [],
    {
      agents: [
        { id: "x", node: "a", since: 5, phase: "running" },
        { id: "y", node: null, since: null, phase: null },
      ],
      nodes: [{ id: "b", scheduling: { cordoned: true, leaving: false, drain: null } }],
    },
    100,
  );

  expect(lives.map(({ agent, from }) => [agent, from])).toEqual([["x", 5]]);
  expect(closures).toEqual([{ node: "b", from: 100, until: null, drain: false }]);
});

test("node that was held to be lost and was not goes on with its lives", () => {
  const { lives } = livesOf(
    told([10, "a", started("x")], [50, "b", { kind: "member_down", node: "a", cause: "silent" }]),
    { agents: [{ id: "x", node: "a", since: 10, phase: "running" }], nodes: [] },
    0,
  );

  expect(lives).toHaveLength(1);
  expect(lives[0]).toMatchObject({ from: 10, until: null, end: "runs" });
});

test("drain follows a cordon, and uncordoning ends both", () => {
  const { closures } = livesOf(
    told(
      [10, "a", { kind: "node_cordoned", node: "b", cordoned: true }],
      [20, "a", { kind: "drain_asked", node: "b", until: 900 }],
      [30, "a", { kind: "node_cordoned", node: "b", cordoned: false }],
    ),
    NOBODY,
    0,
  );

  expect(closures).toEqual([
    { node: "b", from: 10, until: 20, drain: false },
    { node: "b", from: 20, until: 30, drain: true },
  ]);
});

test("no two bars of a row overlap, and none is lost uncounted", () => {
  const life = fc
    .record({ from: fc.nat(900), length: fc.nat(200), open: fc.boolean(), id: fc.uuid() })
    .map(({ from, length, open, id }): Life => {
      const until = open ? null : from + length;
      const fixed = { agent: id, node: "a", restarts: [], end: "runs", how: "" } as const;
      return { ...fixed, id, from, known: true, until, restarts: [], cameFrom: null };
    });

  fc.assert(
    fc.property(fc.array(life), fc.integer({ min: 1, max: 6 }), (lives, most) => {
      const lane = packed("a", lives, 1_000, most);

      expect(lane.bars.length + lane.hidden).toBe(lives.length);
      expect(lane.rows).toBeLessThanOrEqual(most);
      for (let row = 0; row < lane.rows; row += 1) {
        const line = lane.bars.filter((bar) => bar.row === row).map((bar) => bar.life);
        for (const [i, next] of line.slice(1).entries()) {
          expect(line[i]?.until ?? 1_001).toBeLessThanOrEqual(next.from);
        }
      }
    }),
  );
});

test("where rows are few, a move is drawn before what only went on", () => {
  const plain = (id: string): Life => ({
    id,
    agent: id,
    node: "a",
    from: 0,
    known: true,
    until: null,
    restarts: [],
    end: "runs",
    how: "",
    cameFrom: null,
  });
  const moved = { ...plain("z"), from: 500, cameFrom: { node: "b", at: 400, why: "" } };

  const lane = packed("a", [plain("x"), plain("y"), moved], 1_000, 2);

  expect(lane.bars.map(({ life }) => life.id)).toEqual(["x", "z"]);
  expect(lane.hidden).toBe(1);
});
