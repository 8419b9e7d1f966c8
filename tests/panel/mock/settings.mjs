// The settings of the made-up cluster: enough to change one, be refused, wait and go back.

const span = (least, most) => ({ kind: "span", least, most });
const SCHEMA = [
  [
    "calls.timeout",
    "node",
    span("100ms", "10m"),
    "30s",
    "How long a person's call of an agent may take if the caller does not say.",
  ],
  [
    "drains.deadline",
    "node",
    span("1s", "1d"),
    "10m",
    "How long a drained node hands agents over if nobody says; those left are then stopped.",
  ],
  [
    "events.age",
    "node",
    span("1h", "36500d"),
    "30d",
    "How long the node keeps events; one that no other member has yet stays longer.",
  ],
  [
    "events.size",
    "node",
    { kind: "count", least: 1, most: 4_294_967_295, unit: "MiB" },
    "1024",
    "What all events take on the node's disk; beyond, the oldest go.",
  ],
  [
    "invites.age",
    "node",
    span("1m", "1d"),
    "10m",
    "How long an invite can be used if its maker does not say.",
  ],
  [
    "invites.longest",
    "cluster",
    span("1m", "1d"),
    "1d",
    "How long an invite can be used at most: whoever finds its link gets in.",
  ],
  [
    "loads.per_second",
    "cluster",
    { kind: "count", least: 1, most: 1_000, unit: "a second" },
    "50",
    "How often all nodes together tell how busy they are; each telling reaches every node.",
  ],
  [
    "locks.lease",
    "node",
    span("1s", "12h"),
    "30s",
    "How long a lock is held without a word if its taker does not say.",
  ],
  [
    "log.level",
    "node",
    { kind: "choice", of: ["error", "warn", "info", "debug", "trace"] },
    "info",
    "How much the node writes to its log.",
  ],
  [
    "logs.lines",
    "node",
    { kind: "count", least: 10, most: 1_000, unit: "lines" },
    "1000",
    "How many of the newest lines of each agent the node keeps in memory.",
  ],
  [
    "market.ask",
    "node",
    { kind: "count", least: 0, most: 1_000_000_000, unit: "thousandths" },
    "1000",
    "What the idle node asks for a second of an agent's work, in thousandths of a credit; 0: none.",
  ],
  [
    "monitor.off",
    "node",
    { kind: "names" },
    "",
    "Agents that are not measured, and raise no alerts: `ticker, shop/*`.",
  ],
  [
    "pairing.ask_by_itself",
    "node",
    { kind: "toggle" },
    "false",
    "Whether a node that is alone asks a cluster nearby by itself to be let in.",
  ],
  [
    "placement.max_agents",
    "node",
    { kind: "count", least: 0, most: 100_000, unit: "agents" },
    "100000",
    "How many agents the node holds at most.",
  ],
  [
    "placement.weight",
    "node",
    { kind: "count", least: 1, most: 255, unit: "" },
    "10",
    "The node's share of the agents beside the others' weights: one of half the size gets 5.",
  ],
  [
    "rebalance.interval",
    "node",
    span("50ms", "10m"),
    "500ms",
    "The time between two planned moves of agents if nobody says.",
  ],
  [
    "tasks.cpu",
    "cluster",
    { kind: "count", least: 1, most: 100, unit: "%" },
    "100",
    "How busy a node's processors may be for its agents to get tasks; 100: however busy.",
  ],
  [
    "tasks.in_flight",
    "cluster",
    { kind: "count", least: 1, most: 10_000, unit: "tasks" },
    "10",
    "How many tasks one agent has at a time, of all queues; more wait.",
  ],
  [
    "tasks.memory",
    "cluster",
    { kind: "count", least: 1, most: 100, unit: "%" },
    "95",
    "How full a node's memory may be for its agents to get tasks.",
  ],
  [
    "voters.absence",
    "cluster",
    span("10s", "1d"),
    "1m",
    "How long a voter of the group must be away before a spare takes its place.",
  ],
  [
    "voters.probation",
    "cluster",
    span("1s", "1h"),
    "30s",
    "How long a node must be up and have everything before it may vote.",
  ],
];
const UNITS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function milliseconds(text) {
  const found = /^(\d+)(ms|s|m|h|d)$/u.exec(text);
  return found === null ? Number.NaN : Number(found[1]) * UNITS[found[2]];
}

/** What is wrong with a value, if anything is. */
function problem(kind, value) {
  const within = (number, least, most) => number >= least && number <= most;
  if (kind.kind === "toggle")
    return ["true", "false"].includes(value) ? null : "it is true or false";
  if (kind.kind === "choice")
    return kind.of.includes(value)
      ? null
      : `it is one of ${kind.of.join(", ")}`;
  if (kind.kind === "count") {
    return within(Number(value), kind.least, kind.most)
      ? null
      : `it is from ${kind.least} to ${kind.most}`;
  }
  return within(
    milliseconds(value),
    milliseconds(kind.least),
    milliseconds(kind.most),
  )
    ? null
    : `it is from ${kind.least} to ${kind.most}`;
}

const placed = (key, place) =>
  `${key} ${typeof place === "string" ? place : place.node}`;

export class Settings {
  constructor(me, now, refuse) {
    Object.assign(this, { me, now, refuse });
    /** Values by key and place, each with its mark. */
    this.values = new Map();
    this.runtime = new Map();
    this.versions = [];
    this.pending = [];
  }

  get version() {
    return this.versions.at(-1)?.version ?? 0;
  }

  list() {
    return {
      version: this.version,
      settings: SCHEMA.map((row) => this.view(row)),
      strangers: [],
      pending: this.pending,
    };
  }

  view([key, scope, kind, fallback, doc]) {
    const layer = (layer, node, held) =>
      held === undefined ? [] : [{ layer, node, ...held }];
    const layers = [
      ...layer("cluster", null, this.values.get(placed(key, "cluster"))),
      ...layer(
        "node",
        this.me,
        this.values.get(placed(key, { node: this.me })),
      ),
      ...layer("runtime", null, this.runtime.get(key)),
    ];
    const nodes = [...this.values].flatMap(([at, held]) => {
      const [name, node] = at.split(" ");
      return name === key && node !== "cluster"
        ? layer("node", node, held)
        : [];
    });
    const last = layers.at(-1);
    return {
      key,
      doc,
      scope,
      kind,
      default: fallback,
      value: last?.value ?? fallback,
      layer: last?.layer ?? "default",
      layers,
      nodes,
    };
  }

  check(changes) {
    for (const { key, value } of changes) {
      const row = SCHEMA.find(([name]) => name === key);
      const wrong =
        row === undefined
          ? "there is no such setting"
          : value === null
            ? null
            : problem(row[2], value);
      if (wrong !== null) this.refuse(`${key} cannot be "${value}": ${wrong}`);
    }
  }

  change(changes, by = this.me, at = this.now()) {
    this.check(changes);
    const edits = changes.map(({ key, place = "cluster", value }) => ({
      key,
      place,
      old: this.values.get(placed(key, place))?.value ?? null,
      new: value,
    }));
    return this.make("changed", edits, by, at);
  }

  make(how, edits, by = this.me, at = this.now()) {
    const version = this.version + 3;
    for (const { key, place, new: value } of edits) {
      if (value === null) this.values.delete(placed(key, place));
      else this.values.set(placed(key, place), { value, by, at, version });
    }
    this.versions.push({ version, by, at, how, edits });
    return { outcome: "agreed", version, changed: edits.length };
  }

  here(changes) {
    this.check(changes);
    for (const { key, value } of changes) {
      if (value === null) this.runtime.delete(key);
      else
        this.runtime.set(key, {
          value,
          by: this.me,
          at: this.now(),
          version: null,
        });
    }
    return null;
  }

  rollBack(to) {
    const later = this.versions
      .filter(({ version }) => version > to)
      .toReversed();
    const edits = later.flatMap(({ edits }) =>
      edits.map(({ key, place, old, new: fresh }) => ({
        key,
        place,
        old: fresh,
        new: old,
      })),
    );
    return this.make({ rolled_back: { to } }, edits);
  }

  queue(changes) {
    this.check(changes);
    const asked = this.now();
    const change = changes.map(({ key, value }) =>
      value === null ? `${key} unset` : `${key}=${value}`,
    );
    const pending = {
      id: `p${this.pending.length + 1}`,
      change: change.join(", "),
      asked,
      expires: asked + 600_000,
    };
    this.pending = [...this.pending, pending];
    return { outcome: "waits", pending };
  }
}
