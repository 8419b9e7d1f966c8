// How tasks are spread over nodes, from what each agent was given.

import type { AgentLoadView } from "$lib/ipc/bindings";

/** The tasks of one node's agents; null: of agents that run on no node now. */
export type Place = {
  node: string | null;
  tasks: number;
  /** Of what the busiest node was given, in percent. */
  share: number;
};

/** What each node was given, in the order in which its first agent comes. */
export function byNode(
  agents: readonly Pick<AgentLoadView, "node" | "assigned">[],
): readonly Place[] {
  const tasks = new Map<string | null, number>();
  for (const { node = null, assigned } of agents)
    tasks.set(node, (tasks.get(node) ?? 0) + assigned);
  const most = Math.max(1, ...tasks.values());
  return [...tasks].map(([node, tasks]) => ({ node, tasks, share: (100 * tasks) / most }));
}
