// The events on the Events page: the live ones, those read back, and a stop for reading in peace.

import type { EventRecord } from "$lib/ipc/bindings";
import { correlationOf, factKey, factWord, mentions, sentence } from "$lib/format/fact";

import { byStamp, eventKey } from "./cluster.svelte";
import { queryEvents, traceEvents } from "./commands";

/** Events of one step back. */
const PAGE = 500;
const RELATED = 12;

export type Filter = { text: string; kind: string; node: string; correlation: string };

export function fits(
  event: EventRecord,
  { text, kind, node, correlation }: Filter,
  nodeName: (id: string) => string,
): boolean {
  if (kind !== "" && factKey(event.fact) !== kind) return false;
  if (correlation !== "" && correlationOf(event.fact) !== correlation) return false;
  if (node !== "" && !mentions(event).nodes.includes(node)) return false;
  return text === "" || plainText(event, nodeName).includes(text);
}

function plainText(event: EventRecord, nodeName: (id: string) => string): string {
  const words = sentence(event).map((part) => {
    if (typeof part === "string") return part;
    return "node" in part ? nodeName(part.node) : part.agent;
  });
  return `${words.join("")} ${factWord(event.fact)}`.toLowerCase();
}

function without(
  events: readonly EventRecord[],
  others: readonly EventRecord[],
): readonly EventRecord[] {
  const known = new Set(others.map(eventKey));
  return events.filter((event) => !known.has(eventKey(event)));
}

export class EventHistory {
  reading = $state(false);
  more = $state(true);
  fault = $state<string>();

  #older = $state.raw<readonly EventRecord[]>([]);
  #held = $state.raw<readonly EventRecord[]>();
  #next: string | undefined;
  /** What belongs to the correlation that is looked at, as the store has it. */
  #traced = $state.raw<readonly EventRecord[]>([]);

  get paused(): boolean {
    return this.#held !== undefined;
  }

  pause(live: readonly EventRecord[]): void {
    this.#held = live;
  }

  resume(): void {
    this.#held = undefined;
  }

  /** How many came while paused. */
  missed(live: readonly EventRecord[]): number {
    if (this.#held === undefined) return 0;
    const seen = new Set(this.#held.map(eventKey));
    return live.filter((event) => !seen.has(eventKey(event))).length;
  }

  /** All that is known, oldest first. */
  with(live: readonly EventRecord[]): readonly EventRecord[] {
    const fresh = this.#held ?? live;
    if (this.#older.length === 0) return fresh;
    return [...without(this.#older, fresh), ...fresh];
  }

  /** What is known and what belongs to the correlation that is looked at, oldest first. */
  withTraced(known: readonly EventRecord[]): readonly EventRecord[] {
    const more = without(this.#traced, known);
    return more.length === 0 ? known : [...more, ...known].toSorted(byStamp);
  }

  /** Reads everything that belongs together. */
  async trace(correlation: string): Promise<void> {
    this.#traced = [];
    if (correlation === "") return;
    const result = await traceEvents(correlation);
    this.fault = result.ok ? undefined : result.text;
    if (result.ok) this.#traced = result.value.events;
  }

  /** Reads one page further back than what is `known`. */
  async readOn(known: readonly EventRecord[]): Promise<void> {
    this.reading = true;
    const oldest = known[0]?.stamp.wall;
    const from =
      this.#next !== undefined
        ? { after: this.#next }
        : oldest === undefined
          ? {}
          : { until: oldest + 1 };
    const result = await queryEvents({ ...from, limit: PAGE });
    this.reading = false;
    this.fault = result.ok ? undefined : result.text;
    if (!result.ok) return;
    this.#next = result.value.next ?? undefined;
    this.more = result.value.next !== null;
    const have = new Set(this.#older.map(eventKey));
    const fresh = result.value.events.filter((event) => !have.has(eventKey(event))).toReversed();
    this.#older = [...fresh, ...this.#older];
  }

  /** The events nearest to `event` that speak of the same agent, or else of the same nodes. */
  related(event: EventRecord, known: readonly EventRecord[]): EventRecord[] {
    const { nodes, agents } = mentions(event);
    const about = known.filter((other) => {
      if (other === event) return false;
      const theirs = mentions(other);
      return agents.length > 0
        ? theirs.agents.some((agent) => agents.includes(agent))
        : theirs.nodes.some((node) => nodes.includes(node));
    });
    return about
      .toSorted(
        (a, b) =>
          Math.abs(a.stamp.wall - event.stamp.wall) - Math.abs(b.stamp.wall - event.stamp.wall),
      )
      .slice(0, RELATED)
      .toSorted((a, b) => b.stamp.wall - a.stamp.wall);
  }
}
