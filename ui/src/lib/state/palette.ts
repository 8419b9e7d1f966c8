// Everything the palette can find now: actions first, then what can be done with what there is.

import { standing, STANDINGS } from "$lib/format/agent";
import { nodeStanding } from "$lib/format/node";

import { ACTIONS, perform } from "./actions";
import { cluster } from "./cluster.svelte";
import { go } from "./route.svelte";

export type PaletteEntry = {
  id: string;
  kind: "action" | "node" | "agent";
  title: string;
  note: string;
  words: string;
  keys?: string;
  reason?: string | null;
  run: () => void;
};

export function paletteEntries(): PaletteEntry[] {
  const actions = ACTIONS.filter((action) => !["palette", "view.close"].includes(action.id)).map(
    (action): PaletteEntry => ({
      id: action.id,
      kind: "action",
      title: action.title,
      note: action.group,
      words: action.words ?? "",
      ...(action.keys === undefined ? {} : { keys: action.keys }),
      reason: action.reason?.() ?? null,
      run: () => perform(action.id),
    }),
  );
  const nodes = cluster.nodes.map((node): PaletteEntry => ({
    id: `node-${node.id}`,
    kind: "node",
    title: node.name,
    note: `Node, ${nodeStanding(node).word.toLowerCase()}`,
    words: node.id,
    run: () => go({ page: "nodes", id: node.id }),
  }));
  const agents = cluster.agents.map((agent): PaletteEntry => {
    const where = agent.node === null ? "" : ` on ${cluster.nodeName(agent.node)}`;
    return {
      id: `agent-${agent.id}`,
      kind: "agent",
      title: agent.id,
      note: `Agent, ${STANDINGS[standing(agent)].word.toLowerCase()}${where}`,
      words: agent.capabilities.join(" "),
      run: () => go({ page: "agents", id: agent.id }),
    };
  });
  return [...actions, ...nodes, ...agents];
}
