// Which dot an agent is on its node: once given, a slot is kept, so dots never dance.

export class Slots {
  readonly #byNode = new Map<string, { slots: Map<string, number>; used: Set<number> }>();

  /** Gives each agent of `node` its slot; those that are gone free theirs. */
  assign(node: string, agents: readonly string[]): ReadonlyMap<string, number> {
    const place = this.#byNode.get(node) ?? { slots: new Map<string, number>(), used: new Set() };
    this.#byNode.set(node, place);
    const here = new Set(agents);
    for (const [agent, slot] of place.slots) {
      if (here.has(agent)) continue;
      place.slots.delete(agent);
      place.used.delete(slot);
    }
    let free = 0;
    for (const agent of agents) {
      if (place.slots.has(agent)) continue;
      while (place.used.has(free)) free += 1;
      place.slots.set(agent, free);
      place.used.add(free);
    }
    return place.slots;
  }
}
