// The picture as plain arrays: built when data changes, drawn by `draw.ts`.

import type { AgentView, NodeView, TrafficView } from "$lib/ipc/bindings";
import { standing, STANDINGS, type Tone } from "$lib/format/agent";
import { nodeStanding, schedulingWords } from "$lib/format/node";
import { percent, took } from "$lib/format/number";

import { dotOffset, labelBoxes, layout, type Layout, rimOf } from "./layout";
import { Slots } from "./slots";

export type NodeShape = {
  id: string;
  name: string;
  x: number;
  y: number;
  this: boolean;
  state: NodeView["state"];
  fill: number;
  note: string;
  /** That it takes no agents, in a word; empty for one that does. */
  badge: string;
  hidden: number;
};
export type Dot = { id: string; x: number; y: number; tone: Tone };
export type Edge = {
  id: string;
  x1: number;
  y1: number;
  x2: number;
  y2: number;
  width: number;
  broken: boolean;
  sent: number;
  received: number;
  note: string;
};
export type Scene = { layout: Layout; nodes: NodeShape[]; dots: Dot[]; edges: Edge[] };

export type Input = {
  nodes: readonly NodeView[];
  agents: readonly AgentView[];
  traffic: readonly TrafficView[];
  width: number;
  height: number;
};

/**
 * What a person must see at once: who is there, and where each agent is and how it stands. Two texts
 * are equal if only measures changed.
 */
export function outline(nodes: readonly NodeView[], agents: readonly AgentView[]): string {
  const those = nodes.map((node) => `${node.id} ${node.state} ${nodeStanding(node).word}`);
  const what = agents.map((agent) => `${agent.id} ${agent.node} ${standing(agent)}`);
  return `${those.join()};${what.join()}`;
}

export class SceneBuilder {
  readonly #slots = new Slots();

  build({ nodes, agents, traffic, width, height }: Input): Scene {
    const byNode = new Map<string, AgentView[]>();
    for (const agent of agents) {
      if (agent.node === null) continue;
      const list = byNode.get(agent.node);
      if (list === undefined) byNode.set(agent.node, [agent]);
      else list.push(agent);
    }
    const most = Math.max(0, ...[...byNode.values()].map((list) => list.length));
    const self = nodes.find((node) => node.this);
    const plan = layout(
      nodes.map((node) => node.id),
      self?.id,
      { width, height, agents: roomFor(most) },
    );
    const known = new Map(nodes.map((node) => [node.id, node]));
    const dots: Dot[] = [];
    const shapes = plan.places.flatMap(({ id, x, y }): NodeShape[] => {
      const node = known.get(id);
      if (node === undefined) return [];
      const mine = byNode.get(id) ?? [];
      const slots = this.#slots.assign(
        id,
        mine.map((agent) => agent.id),
      );
      let hidden = 0;
      for (const agent of mine) {
        const offset = dotOffset(slots.get(agent.id) ?? 0, plan);
        if (offset === undefined) hidden += 1;
        else {
          const { tone } = STANDINGS[standing(agent)];
          dots.push({ id: agent.id, x: x + offset.x, y: y + offset.y, tone });
        }
      }
      const fill = node.cpus === 0 ? 0 : Math.min(1, node.cpu_percent / node.cpus / 100);
      const badge =
        node.scheduling === undefined ? "" : schedulingWords(node.scheduling).word.toLowerCase();
      const note = `CPU ${percent(100 * fill)}`;
      const shape = { id, name: node.name, x, y, this: node.this, state: node.state };
      return [
        {
          ...shape,
          fill: node.state === "alive" ? fill : 0,
          note: node.state === "alive" ? note : "",
          badge,
          hidden,
        },
      ];
    });
    return { layout: plan, nodes: shapes, dots, edges: edges(shapes, known, traffic, plan) };
  }
}

function edges(
  shapes: readonly NodeShape[],
  known: ReadonlyMap<string, NodeView>,
  traffic: readonly TrafficView[],
  plan: Layout,
): Edge[] {
  const self = shapes.find((shape) => shape.this);
  if (self === undefined) return [];
  const rates = new Map(traffic.map((row) => [row.id, row]));
  return shapes.flatMap((shape): Edge[] => {
    const link = known.get(shape.id)?.link;
    if (shape.this || link == null) return [];
    const rate = rates.get(shape.id);
    const sent = rate?.sent_per_s ?? 0;
    const received = rate?.received_per_s ?? 0;
    const from = outside(self, shape, plan);
    const to = outside(shape, self, plan);
    return [
      {
        id: shape.id,
        x1: from.x,
        y1: from.y,
        x2: to.x,
        y2: to.y,
        width: 1 + Math.min(3, Math.log10(1 + sent + received)),
        broken: shape.state !== "alive",
        sent,
        received,
        note: took(link.rtt_us),
      },
    ];
  });
}

type Point = { x: number; y: number };

/** Where the line from the middle of `node` to `target` leaves its rim, or what is written below. */
function outside(node: NodeShape, target: Point, plan: Layout): Point {
  const { x, y } = node;
  const [dx, dy] = [target.x - x, target.y - y];
  const rim = Math.min(0.45, rimOf(plan) / Math.max(1, Math.hypot(dx, dy)));
  const part = Math.max(rim, pastLabel(node.name, dx, dy, plan));
  return { x: x + dx * part, y: y + dy * part };
}

/** What part of the way is over when a line has passed the label; none if it passes it by. */
function pastLabel(name: string, dx: number, dy: number, plan: Layout): number {
  if (!plan.roomy || dy <= 0) return 0;
  const parts = labelBoxes(name, plan).map(({ half, top, bottom }) => {
    const aside = half / Math.max(1, Math.abs(dx));
    return aside * dy < top ? 0 : Math.min(aside, bottom / dy, 1);
  });
  return Math.max(...parts);
}

/** Rings grow by steps, so that one more agent does not move anything. */
function roomFor(agents: number): number {
  return [12, 30, 56].find((room) => agents <= room) ?? 120;
}
