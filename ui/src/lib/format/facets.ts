// What events have in common, how often, and when.

import type { EventRecord } from "$lib/ipc/bindings";

import { factKey, mentions } from "./fact";

export type Facet = { key: string; word: string; count: number };

/** Kinds and types with how many events are of each, the most frequent first. */
export function kindFacets(events: readonly EventRecord[]): Facet[] {
  return counted(events.map((event) => factKey(event.fact)));
}

/** Nodes with how many events speak of each. */
export function nodeCounts(events: readonly EventRecord[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const event of events)
    for (const node of mentions(event).nodes) counts.set(node, (counts.get(node) ?? 0) + 1);
  return counts;
}

function counted(keys: readonly string[]): Facet[] {
  const counts = new Map<string, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const word = (key: string) => (key.includes(".") ? key : key.replaceAll("_", " "));
  return [...counts]
    .map(([key, count]) => ({ key, word: word(key), count }))
    .toSorted((a, b) => b.count - a.count || (a.key < b.key ? -1 : 1));
}

export type Bar = { from: number; until: number; count: number };

/** How many events there were in each of `bars` equal spans, from the first event to the last. */
export function histogram(events: readonly EventRecord[], bars: number): Bar[] {
  const walls = events.map((event) => event.stamp.wall);
  if (walls.length === 0) return [];
  const from = walls.reduce((least, wall) => Math.min(least, wall));
  const last = walls.reduce((most, wall) => Math.max(most, wall));
  const span = Math.max(1, (last - from + 1) / bars);
  const counts = new Array<number>(bars).fill(0);
  for (const wall of walls) {
    const bar = Math.min(bars - 1, Math.floor((wall - from) / span));
    counts[bar] = (counts[bar] ?? 0) + 1;
  }
  return counts.map((count, i) => ({ from: from + i * span, until: from + (i + 1) * span, count }));
}
