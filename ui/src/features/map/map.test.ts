import { expect, test } from "vitest";

import type { NodeView } from "$lib/ipc/bindings";

import { dotOffset, labelBoxes, layout } from "./layout";
import { pulsesFor } from "./motion";
import { outline, SceneBuilder } from "./scene";
import { Slots } from "./slots";

const ids = (n: number): string[] =>
  Array.from({ length: n }, (_, i) => `n${String(i).padStart(2, "0")}`);

test.each([
  [1, 700, 420],
  [2, 340, 376],
  [3, 340, 376],
  [6, 720, 376],
  [9, 700, 560],
  [10, 340, 376],
  [50, 800, 480],
])("%i nodes in %i × %i stand apart and inside", (n, width, height) => {
  const { places, size } = layout(ids(n), "n00", { width, height, agents: 20 });

  expect(places).toHaveLength(n);
  for (const [i, a] of places.entries()) {
    expect(a.x).toBeGreaterThan(size / 2);
    expect(a.x).toBeLessThan(width - size / 2);
    expect(a.y).toBeGreaterThan(size / 2);
    expect(a.y).toBeLessThan(height - size / 2);
    for (const b of places.slice(i + 1)) {
      expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(size * 1.4);
    }
  }
});

test("places do not depend on the order in which nodes are told", () => {
  const box = { width: 700, height: 420, agents: 12 };

  expect(layout(ids(6).toReversed(), "n00", box)).toEqual(layout(ids(6), "n00", box));
});

test("agent keeps its dot while others come and go", () => {
  const slots = new Slots();
  slots.assign("n", ["a", "b", "c"]);

  const after = slots.assign("n", ["b", "c", "d"]);

  expect(after.get("b")).toBe(1);
  expect(after.get("c")).toBe(2);
  expect(after.get("d")).toBe(0);
});

test("dots of one node stand apart", () => {
  const plan = layout(ids(50), "n00", { width: 800, height: 480, agents: 20 });
  const dots = Array.from({ length: 20 }, (_, slot) => dotOffset(slot, plan));

  for (const [i, a] of dots.entries()) {
    if (a === undefined) throw new Error(`no room for dot ${i}`);
    for (const b of dots.slice(i + 1)) {
      if (b !== undefined) expect(Math.hypot(a.x - b.x, a.y - b.y)).toBeGreaterThan(4);
    }
  }
});

test("no message makes no pulse, and many make few", () => {
  expect(pulsesFor(0)).toBe(0);
  expect(pulsesFor(1)).toBe(1);
  expect(pulsesFor(1_000_000)).toBe(12);
});

test("links keep clear of what is written below a node", () => {
  for (const n of [2, 3, 6]) {
    const nodes = ids(n).map((id, i) => row(id, i === 0));
    const {
      layout: plan,
      nodes: shapes,
      edges,
    } = new SceneBuilder().build({
      nodes,
      agents: [],
      traffic: [],
      width: 740,
      height: 480,
    });

    expect(edges).toHaveLength(n - 1);
    for (const { x, y, name } of shapes) {
      for (const { half, top, bottom } of labelBoxes(name, plan)) {
        for (const { x1, y1, x2, y2 } of edges) {
          for (let part = 0; part <= 1; part += 0.01) {
            const [dx, dy] = [x1 + (x2 - x1) * part - x, y1 + (y2 - y1) * part - y];
            const inside = Math.abs(dx) < half - 1 && dy > top + 1 && dy < bottom - 1;
            expect(inside).toBe(false);
          }
        }
      }
    }
  }
});

test("outline tells facts and no measures", () => {
  const nodes = [row("a", true), row("b", false)];
  const before = outline(nodes, []);

  const measured = nodes.map((node) => ({ ...node, cpu_percent: 70, link: null }));
  const suspected = nodes.map((node) =>
    node.this ? node : { ...node, state: "suspect" as const },
  );

  expect(outline(measured, [])).toBe(before);
  expect(outline(suspected, [])).not.toBe(before);
  expect(outline(nodes.slice(1), [])).not.toBe(before);
});

function row(id: string, self: boolean): NodeView {
  return {
    id,
    name: "a-name-of-some-length",
    this: self,
    role: "admin",
    state: "alive",
    since: 0,
    version: "",
    os: "",
    arch: "",
    cpus: 1,
    memory_mib: 0,
    cpu_percent: 0,
    used_mib: 0,
    messages_per_s: 0,
    agents: 0,
    disk: "sound",
    labels: {},
    programs: "own",
    addresses: [],
    started: null,
    link: self ? null : { rtt_us: 1_000, silence_ms: 0, converged: true },
    seen_by: [],
  };
}
