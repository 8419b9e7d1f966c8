// Agents of one node by where they would go.

import type { RefugeView } from "$lib/ipc/bindings";

export type RefugeGroup = {
  key: string;
  /** The node; none if no node is certain. */
  to: string | null;
  /** Why no node is certain. */
  why: string;
  agents: string[];
};

/** Agents without a certain place first, by their reason; then each node with what it would take. */
export function gathered(refuges: readonly RefugeView[]): RefugeGroup[] {
  const groups = new Map<string, RefugeGroup>();
  for (const { agent, to, waiting } of refuges) {
    const why = waiting.join("; ");
    const key = to ?? ` ${why}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { key, to, why, agents: [agent] });
    else group.agents.push(agent);
  }
  const order = (group: RefugeGroup): number => (group.to === null ? 0 : 1);
  return [...groups.values()].sort(
    (a, b) => order(a) - order(b) || b.agents.length - a.agents.length || (a.key < b.key ? -1 : 1),
  );
}
