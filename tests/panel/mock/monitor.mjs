// What the nodes of the made-up cluster measured, and the alerts that came of it.

import { Refused } from "./refused.mjs";

const MIB = 1_048_576;

/** Each metric: of what, the middle of its values, and how far they swing. */
const OF_NODES = {
  cpu: [38, 30],
  memory: [6_400 * MIB, 200 * MIB],
  memory_share: [41, 4],
  disk_free: [310_000 * MIB, 40 * MIB],
  disk_share: [36, 0.2],
  disk_read: [900_000, 800_000],
  disk_write: [2_400_000, 2_000_000],
  network_in: [640_000, 500_000],
  network_out: [480_000, 420_000],
  process_cpu: [3, 2],
  process_memory: [96 * MIB, 4 * MIB],
  agents: [4, 0],
  messages: [220, 120],
  errors: [0.4, 0.4],
  clock_offset: [3, 3],
  latency_p50: [1.4, 0.4],
  latency_p95: [6.2, 2.5],
  latency_p99: [18, 9],
};
const OF_AGENTS = {
  agent_cpu: [12, 11],
  agent_memory: [48 * MIB, 2 * MIB],
  agent_mailbox: [3, 3],
  agent_messages: [40, 25],
  agent_errors: [0.1, 0.1],
  agent_restarts: [0, 0],
  agent_latency_p50: [1.2, 0.3],
  agent_latency_p95: [5.1, 1.8],
  agent_latency_p99: [14, 6],
};

const RULES = [
  ["node_lost", "node", "critical", null, 10_000],
  ["cpu", "node", "warning", 85, 30_000],
  ["memory", "node", "warning", 90, 30_000],
  ["disk", "node", "critical", 90, 30_000],
  ["errors", "agent", "warning", 10, 30_000],
  ["restarts", "agent", "critical", 3, 0],
  ["mailbox", "agent", "warning", 80, 30_000],
  ["clock_skew", "node", "warning", 2_000, 30_000],
];

const keyOf = ({ rule, subject }) => `${rule} ${subject.node ?? subject.agent}`;

/** A number that a text stands for, the same each time. */
function seedOf(text) {
  let hash = 7;
  for (const char of text) hash = (hash * 31 + char.charCodeAt(0)) % 9_973;
  return hash;
}

export class Monitor {
  /** The alerts, under their rule and subject. */
  alerts = new Map();
  past = [];
  /** How long ago measuring began on a node, in seconds; the rest is a gap. */
  since = new Map();

  constructor(world) {
    this.world = world;
  }

  raise(rule, subject, more = {}) {
    const [, , severity] = RULES.find(([name]) => name === rule);
    const alert = {
      ...{ rule, subject, severity, state: "active", value: null },
      ...{ raised: Date.now() - 240_000, cleared: null },
      ...{ acknowledged: null, muted: null },
      ...more,
    };
    this.alerts.set(keyOf(alert), alert);
    return alert;
  }

  answer(command, args) {
    switch (command) {
      case "metrics.heat":
        return this.heat(args);
      case "metrics.get":
        return this.series(args);
      case "metrics.now":
        return this.latest();
      case "alert.list":
        return [...this.alerts.values()];
      case "alert.history":
        return this.past;
      case "alert.rules":
        return RULES.map(([rule, of, severity, raise, after]) => ({
          ...{ rule, of, severity, raise },
          clear: raise === null ? null : rule === "restarts" ? 1 : raise * 0.9,
          raise_after_ms: after,
          clear_after_ms: 30_000,
          watched: true,
          setting: `alerts.${rule}`,
        }));
      case "alert.mute":
        return this.change(args, {
          muted: {
            by: this.world.self.id,
            until: args.for_ms === undefined ? null : Date.now() + args.for_ms,
          },
        });
      case "alert.unmute":
        return this.change(args, { muted: null });
      case "alert.acknowledge":
        return this.change(args, {
          state: "acknowledged",
          acknowledged: { by: this.world.self.id, at: Date.now() },
        });
      default:
        return undefined;
    }
  }

  change(args, change) {
    const alert = this.alerts.get(keyOf(args));
    if (alert === undefined) {
      throw new Refused(
        { code: "no_alert" },
        "Nothing was changed.",
        "There is no such alert, or it is over.",
        "Look at the alerts again.",
      );
    }
    this.alerts.set(keyOf(alert), { ...alert, ...change });
    return null;
  }

  window(span) {
    const step = span <= 900 ? 5 : Math.ceil(span / 180 / 60) * 60;
    const until = Math.floor(Date.now() / 1_000 / step) * step;
    const steps = Math.floor(span / step);
    return { step, steps, from: until - step * steps };
  }

  /** The value of a moment, or none where nothing was measured. */
  value(key, [middle, swing], second) {
    const seed = seedOf(key);
    const slow = Math.sin(second / (140 + (seed % 90)) + seed);
    const fast = Math.sin(second / 11 + seed * 3) * 0.3;
    return Math.max(0, middle + swing * (slow * 0.7 + fast));
  }

  points(node, key, shape, { from, step, steps }) {
    const state = this.world.nodes.find(({ id }) => id === node)?.state;
    const begins = Date.now() / 1_000 - (this.since.get(node) ?? 86_400);
    return Array.from({ length: steps }, (_, place) => {
      const second = from + place * step;
      if (second < begins || state === "down") return null;
      return this.value(key, shape, second);
    });
  }

  heat({ metric, span_s = 900 }) {
    const window = this.window(span_s);
    const rows = this.world.nodes.map(({ id, name, state }) => ({
      ...{ node: id, name, answered: state !== "down" },
      values:
        state === "down"
          ? []
          : this.points(id, `${name} ${metric}`, OF_NODES[metric], window),
    }));
    rows.sort((a, b) => a.name.localeCompare(b.name));
    return {
      ...{ metric, from: window.from * 1_000, rows },
      ...{ step_s: window.step, steps: window.steps },
    };
  }

  series({ subject, span_s = 900 }) {
    const window = this.window(span_s);
    const agent =
      subject.agent === undefined ? null : this.world.agents.get(subject.agent);
    const node = agent === null ? subject.node : agent?.node;
    const shapes = agent === null ? OF_NODES : OF_AGENTS;
    // Agents that come with Covey run in the node: they have no processor time of their own.
    const inside = agent?.runtime?.kind === "builtin";
    const series = Object.entries(shapes).map(([metric, shape]) => {
      const unknown = inside && ["agent_cpu", "agent_memory"].includes(metric);
      const key = `${subject.node ?? subject.agent} ${metric}`;
      const mean = unknown
        ? Array.from({ length: window.steps }, () => null)
        : this.points(node, key, shape, window);
      const by = (factor) =>
        mean.map((value) => (value === null ? null : value * factor));
      return { metric, mean, min: by(0.85), max: by(1.2) };
    });
    return {
      ...{ from: window.from * 1_000, step_s: window.step },
      ...{ series, silent: [] },
    };
  }

  latest() {
    const second = Date.now() / 1_000;
    const values = (key, shapes, without = []) =>
      Object.entries(shapes)
        .filter(([metric]) => !metric.includes("latency"))
        .filter(([metric]) => !without.includes(metric))
        .map(([metric, shape]) => ({
          metric,
          value: this.value(`${key} ${metric}`, shape, second),
        }));
    const up = this.world.nodes.filter(({ state }) => state !== "down");
    return [
      ...up.map(({ id, name }) => ({
        ...{ node: id, subject: { node: id } },
        values: values(name, OF_NODES),
      })),
      ...[...this.world.agents.values()]
        .filter(({ node }) => up.some(({ id }) => id === node))
        .map((agent) => ({
          ...{ node: agent.node, subject: { agent: agent.id } },
          values: values(
            agent.id,
            OF_AGENTS,
            agent.runtime?.kind === "builtin"
              ? ["agent_cpu", "agent_memory"]
              : [],
          ),
        })),
    ];
  }
}
