// Facts of some kinds: the newest as they come, and older ones asked for once.

import type { EventRecord, Fact } from "$lib/ipc/bindings";

import { byStamp, cluster, eventKey } from "./cluster.svelte";
import { queryEvents } from "./commands";

const PAGE = 1_000;

export class Past {
  /** Why older ones are not there, if the node said so. */
  fault = $state<string>();
  /** Whether there may be older ones than were asked for. */
  cut = $state(false);
  #older = $state.raw<readonly EventRecord[]>([]);
  #reading = 0;
  readonly #kinds: ReadonlySet<Fact["kind"]>;

  constructor(kinds: readonly Fact["kind"][]) {
    this.#kinds = new Set(kinds);
  }

  /** All there is, oldest first. */
  events = $derived.by(() => {
    const all = new Map(this.#older.map((event) => [eventKey(event), event]));
    for (const event of cluster.events) {
      if (this.#kinds.has(event.fact.kind)) all.set(eventKey(event), event);
    }
    return [...all.values()].sort(byStamp);
  });

  /**
   * Asks for older ones, back to `since` and a page further, `pages` pages at most. Of two that are
   * asked for at a time the later counts.
   */
  async load(since: number, pages: number): Promise<void> {
    const reading = (this.#reading += 1);
    const found: EventRecord[] = [];
    let before: string | undefined;
    let cut = false;
    let fault: string | undefined;
    for (let page = 0; page < pages; page += 1) {
      const kinds = [...this.#kinds];
      const place = before === undefined ? {} : { before };
      const result = await queryEvents({ kinds, limit: PAGE, ...place });
      if (!result.ok) {
        fault = result.text;
        break;
      }
      found.push(...result.value.events);
      before = result.value.next ?? undefined;
      const reached = (found.at(-1)?.stamp.wall ?? 0) < since;
      if (before === undefined || reached) break;
      cut = page + 1 === pages;
    }
    if (reading !== this.#reading) return;
    this.fault = fault;
    this.cut = cut;
    this.#older = found;
  }
}
