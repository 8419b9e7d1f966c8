// The cluster as this node sees it: one live topic for each kind of row, and what follows from them.

import type { AgentView, EventRecord, NodeView, PairingView, StatusView } from "$lib/ipc/bindings";

import { byName } from "$lib/format/id";

import { Topic } from "./topic.svelte";

export const eventKey = (event: EventRecord): string => `${event.origin}-${event.seq}`;

/** Events kept in the panel; older ones are asked for. */
const EVENTS_KEPT = 5_000;
/** Points of a sparkline: the last two minutes. */
const HISTORY_POINTS = 120;

const statusTopic = new Topic("status", {});
const nodesTopic = new Topic("nodes", {});
const agentsTopic = new Topic("agents", {});
const pairingTopic = new Topic("pairing", {});
const trafficTopic = new Topic("traffic", {});
const eventsTopic = new Topic("events", {}, EVENTS_KEPT);

const NO_PAIRING: PairingView = { nearby: [], requests: [], ask: null, invites: [] };

class Cluster {
  status = $derived<StatusView | undefined>(statusTopic.rows[0]);
  nodes = $derived(nodesTopic.rows.toSorted(byStanding));
  agents = $derived(agentsTopic.rows);
  pairing = $derived(pairingTopic.rows[0] ?? NO_PAIRING);
  traffic = $derived(trafficTopic.rows);
  /** In the order they reached this node, which costs less than the order of their time. */
  arrived = $derived(eventsTopic.rows);
  /** Newest last. */
  events = $derived(eventsTopic.rows.toSorted(byStamp));

  self = $derived(this.nodes.find((node) => node.this));
  nearby = $derived(this.pairing.nearby);
  alone = $derived(nodesTopic.loaded && this.nodes.length <= 1);

  history = $state.raw<{ messages: number[]; cpu: number[]; memory: number[] }>({
    messages: [],
    cpu: [],
    memory: [],
  });

  get nodeById(): ReadonlyMap<string, NodeView> {
    return nodesTopic.byId;
  }
  get agentById(): ReadonlyMap<string, AgentView> {
    return agentsTopic.byId;
  }
  get loaded(): boolean {
    return statusTopic.loaded && nodesTopic.loaded;
  }
  get agentsLoaded(): boolean {
    return agentsTopic.loaded;
  }
  get eventsLoaded(): boolean {
    return eventsTopic.loaded;
  }
  get pairingLoaded(): boolean {
    return pairingTopic.loaded;
  }
  get at(): number {
    return statusTopic.at;
  }

  /** Busy processors and used memory over the members that are up. */
  load = $derived.by(() => {
    let cpus = 0;
    let busy = 0;
    let memory = 0;
    let used = 0;
    for (const node of this.nodes) {
      if (node.state !== "alive") continue;
      cpus += node.cpus;
      busy += node.cpu_percent;
      memory += node.memory_mib;
      used += node.used_mib;
    }
    return { cpus, busy, memory, used };
  });

  nodeName(id: string): string {
    return this.nodeById.get(id)?.name ?? id.slice(0, 8);
  }

  start(): void {
    for (const topic of [
      statusTopic,
      nodesTopic,
      agentsTopic,
      pairingTopic,
      trafficTopic,
      eventsTopic,
    ]) {
      topic.start();
    }
    setInterval(() => this.#remember(), 1_000);
  }

  #remember(): void {
    if (this.status === undefined) return;
    const { cpus, busy, memory, used } = this.load;
    this.history = {
      messages: pushed(this.history.messages, this.status.messages_per_s),
      cpu: pushed(this.history.cpu, cpus === 0 ? 0 : busy / cpus),
      memory: pushed(this.history.memory, memory === 0 ? 0 : (100 * used) / memory),
    };
  }
}

export const cluster = new Cluster();

export function agentsOf(agents: readonly AgentView[], node: string): AgentView[] {
  return agents.filter((agent) => agent.node === node);
}

function pushed(points: number[], point: number): number[] {
  return [...points.slice(-(HISTORY_POINTS - 1)), point];
}

function byStanding(a: NodeView, b: NodeView): number {
  if (a.this !== b.this) return a.this ? -1 : 1;
  return byName(a.name, b.name) || (a.id < b.id ? -1 : 1);
}

export function byStamp(a: EventRecord, b: EventRecord): number {
  return (
    a.stamp.wall - b.stamp.wall ||
    a.stamp.counter - b.stamp.counter ||
    (a.stamp.node < b.stamp.node ? -1 : a.stamp.node > b.stamp.node ? 1 : 0) ||
    a.seq - b.seq
  );
}
