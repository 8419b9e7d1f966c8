import { expect, test } from "vitest";

import type { EventRecord, Fact } from "$lib/ipc/bindings";

import { toCsv, toNdjson } from "./export";
import { histogram, kindFacets } from "./facets";

test("facets count kinds and types, the most frequent first", () => {
  const told = event(1, reported("shop.order"));
  const events = [event(2, { kind: "agent_wanted", name: "a" }), told, told];

  expect(kindFacets(events)).toEqual([
    { key: "shop.order", word: "shop.order", count: 2 },
    { key: "agent_wanted", word: "agent wanted", count: 1 },
  ]);
});

test("histogram holds every event once, the last one too", () => {
  const events = [0, 1, 50, 99, 100].map((wall) => event(wall, reported("a.b")));

  const bars = histogram(events, 10);

  expect(bars.map((bar) => bar.count)).toEqual([2, 0, 0, 0, 1, 0, 0, 0, 0, 2]);
  expect(histogram([], 10)).toEqual([]);
});

test("events of one moment are one bar", () => {
  const bars = histogram([event(7, reported("a.b")), event(7, reported("a.b"))], 4);

  expect(bars.reduce((sum, bar) => sum + bar.count, 0)).toBe(2);
});

test("files hold an event a line, quoted where it must be", () => {
  const told = event(0, { ...reported("shop.order"), body: { text: 'a "b", c' } });

  expect(JSON.parse(toNdjson([told]))).toEqual(told);
  const [head, row] = toCsv([told]).split("\r\n");
  expect(head).toBe("origin,seq,time,kind,type,correlation,parent,fact");
  expect(row).toContain('n1,1,1970-01-01T00:00:00.000Z,reported,shop.order,,,"{""kind""');
});

function reported(type: string): Extract<Fact, { kind: "reported" }> {
  return { kind: "reported", type, body: {} };
}

function event(wall: number, fact: Fact): EventRecord {
  return { origin: "n1", seq: 1, stamp: { wall, counter: 0, node: "n1" }, actor: null, fact };
}
