// What planned moves make of the number of agents on each node.

import type { NodeView, PlannedMove } from "$lib/ipc/bindings";

export type Change = { node: string; before: number; after: number };

/** Nodes that gain or lose agents, the greatest loss first, the greatest gain last. */
export function changes(
  nodes: readonly Pick<NodeView, "id" | "agents">[],
  moves: readonly Pick<PlannedMove, "from" | "to">[],
): Change[] {
  const gains = new Map<string, number>();
  const add = (node: string, by: number): void => void gains.set(node, (gains.get(node) ?? 0) + by);
  for (const { from, to } of moves) {
    add(from, -1);
    add(to, 1);
  }
  const held = new Map(nodes.map(({ id, agents }) => [id, agents]));
  return [...gains]
    .filter(([, gain]) => gain !== 0)
    .map(([node, gain]) => {
      const before = held.get(node) ?? 0;
      return { node, before, after: Math.max(0, before + gain) };
    })
    .sort((a, b) => a.after - a.before - (b.after - b.before) || (a.node < b.node ? -1 : 1));
}
