// A made-up cluster for tests of the panel: enough of a node's behaviour to answer every command.

import { randomBytes } from "node:crypto";

import { Agreed } from "./agreed.mjs";
import { Market } from "./market.mjs";
import { Monitor } from "./monitor.mjs";
import { evenOut, planView } from "./moves.mjs";
import { Refused } from "./refused.mjs";
import { Sessions } from "./sessions.mjs";
import { Settings } from "./settings.mjs";
import { Tasks } from "./tasks.mjs";

const key = (n) => n.toString(16).padStart(4, "0").repeat(16);
const NAMES = [
  "amber-otter",
  "brisk-heron",
  "calm-lynx",
  "dusty-wren",
  "early-finch",
  "fern-badger",
  "grey-plover",
  "hazel-stoat",
  "ivory-tern",
  "jade-newt",
];
const CHECKS = [
  [
    "interface",
    "This machine is on a network",
    "eth0 has 192.168.1.20.",
    false,
  ],
  ["multicast", "Multicast passes", "eth0: what was sent came back.", false],
  [
    "port",
    "The ports are free for Covey",
    "The lobby listens on port 4700.",
    false,
  ],
  [
    "firewall",
    "Others reach this machine",
    "“brisk-heron” reached both ports of this machine.",
    true,
  ],
  ["one_way", "Whoever is heard is reached", "2 nodes answer.", true],
  ["members", "All members are connected", "2 of 2 others are alive.", true],
  [
    "other_cluster",
    "No node of another cluster is nearby",
    "Nobody else is heard.",
    false,
  ],
  [
    "version",
    "Everyone has the same version",
    "This node has version 0.1.0.",
    true,
  ],
  ["clock", "The clocks agree", "2 clocks are within 5 s of this one.", true],
  [
    "identity",
    "No other machine has this node's identity",
    "Nobody else proved to hold its key.",
    false,
  ],
  [
    "settings",
    "The settings can be used",
    "Every setting was understood.",
    false,
  ],
  ["source", "Others are looked for", "3 of 6 ways show a node.", false],
];
const WORDS = ["harbor", "violet", "anchor", "meadow"];

/** What joining another cluster takes along and leaves; `names` by kind. */
export function joinPlan(cluster_name, { others = 0, events = 12, ...names }) {
  const kinds =
    "agents locals foreign_agents settings places barriers counters variables decisions";
  const listed = kinds.split(" ").map((kind) => {
    const known = names[kind] ?? [];
    return [kind, { count: known.length, names: known }];
  });
  return { cluster_name, others, events, ...Object.fromEntries(listed) };
}

export class World {
  constructor({ nodes = 3, agents = 9, cluster = "studio" } = {}) {
    this.now = () => Date.now();
    this.listeners = new Set();
    this.events = [];
    this.seq = 0;
    this.cluster = cluster;
    this.nodes = Array.from({ length: nodes }, (_, i) => this.makeNode(i));
    this.agents = new Map();
    const kinds = ["echo", "counter", "ticker"];
    for (let i = 0; i < agents; i += 1) {
      const python = i % 4 === 3;
      const name = python ? `planner-${i}` : `${kinds[i % 3]}-${i}`;
      this.agents.set(
        name,
        this.makeAgent(name, {
          runtime: python
            ? {
                kind: "process",
                command: ["python3", "agent.py"],
                env: {},
                files: [{ path: "agent.py", contents: "", executable: false }],
              }
            : { kind: "builtin", agent: kinds[i % 3] },
          node: this.nodes[i % nodes].id,
          capabilities: python ? ["plan", "summarise"] : [],
        }),
      );
    }
    this.pairing = { nearby: [], requests: [], ask: null, invites: [] };
    /** What joining another cluster would take along and leave: nothing. */
    this.joinPlan = joinPlan(cluster, {});
    this.archives = [];
    this.replayed = null;
    /** Who was granted exclusive agents. */
    this.tenures = new Map();
    /** The rates that were reset. */
    this.refilled = [];
    this.traffic = this.nodes.slice(1).map((node) => ({
      id: node.id,
      sent_per_s: 0,
      received_per_s: 0,
    }));
    this.problems = nodes === 1 ? [] : [];
    this.logs = new Map();
    /** The planned moves, and what was asked of them. */
    this.plan = null;
    this.steered = [];
    /** What was asked to be started. */
    this.started = [];
    /** Rules of an agent that exclude every node. */
    this.rules = new Map();
    /** What the doctor finds, by check; everything else is well. */
    this.doctor = {};
    this.examined = 0;
    /** Whether the other voters are out of sight. */
    this.mute = false;
    this.broken = ["quoter"];
    this.agreed = new Agreed(this);
    this.market = new Market(this);
    this.monitor = new Monitor(this);
    this.sessions = new Sessions(this);
    this.tasks = new Tasks(
      (queue) => this.able(queue.split("+")),
      this.now,
      this.nodes[0].id,
    );
    this.settings = new Settings(this.nodes[0].id, this.now, (reason) => {
      throw new Refused(
        { code: "setting_refused", reason: {} },
        "No setting was changed.",
        `It cannot be: ${reason}.`,
        "Choose another value.",
      );
    });
    this.nodes.forEach((node) =>
      this.fact(
        { kind: "node_started", version: "0.1.0" },
        node.id,
        null,
        -60_000,
      ),
    );
    for (const agent of [...this.agents.values()].slice(0, 30)) {
      this.fact(
        { kind: "agent_wanted", name: agent.id },
        this.nodes[0].id,
        this.nodes[0].id,
        -50_000,
      );
      this.fact(
        { kind: "agent_placed", name: agent.id, reason: "unplaced" },
        agent.node,
        null,
        -49_900,
      );
      this.fact(
        { kind: "agent_started", name: agent.id },
        agent.node,
        null,
        -49_800,
      );
    }
  }

  makeNode(i) {
    const n = Math.floor(i / NAMES.length);
    return {
      id: key(i + 0xa1),
      name: n === 0 ? NAMES[i] : `${NAMES[i % NAMES.length]}-${n + 1}`,
      this: i === 0,
      role: i === 0 ? "admin" : "operator",
      state: "alive",
      since: Date.now() - 3_600_000,
      version: "0.1.0",
      os: ["linux", "macos", "windows"][i % 3],
      arch: i % 3 === 1 ? "aarch64" : "x86_64",
      cpus: [8, 10, 4][i % 3],
      memory_mib: [16_384, 32_768, 8_192][i % 3],
      cpu_percent: 60 + ((i * 37) % 300),
      used_mib: 3_000 + ((i * 811) % 4_000),
      messages_per_s: 0,
      agents: 0,
      disk: "sound",
      labels: i === 1 ? { gpu: "yes" } : {},
      programs: i === 2 ? "own" : "cluster",
      addresses: [`/ip4/192.168.1.${20 + i}/tcp/4100`],
      started: Date.now() - 3_600_000,
      link:
        i === 0
          ? null
          : {
              rtt_us: 300 + ((i * 131) % 900),
              silence_ms: 12,
              converged: true,
            },
      seen_by: [],
    };
  }

  makeAgent(name, over = {}) {
    return {
      id: name,
      runtime: { kind: "builtin", agent: "echo" },
      capabilities: [],
      restart: {
        policy: "permanent",
        max_restarts: 5,
        window_ms: 60_000,
        backoff_ms: 100,
      },
      wanted: true,
      phase: "running",
      since: this.now() - 49_800,
      node: this.nodes[0].id,
      pin: null,
      owner: this.nodes[0].id,
      restarts: 0,
      last_exit: null,
      replica_of: null,
      rent: null,
      waiting: [],
      ...over,
    };
  }

  fact(fact, origin = this.nodes[0].id, actor = null, shift = 0) {
    this.seq += 1;
    this.events.push({
      origin,
      seq: this.seq,
      stamp: { wall: this.now() + shift, counter: this.seq, node: origin },
      actor,
      fact,
    });
  }

  /** Changes what is told of a node. */
  setNode(id, change) {
    this.nodes = this.nodes.map((node) =>
      node.id === id ? { ...node, ...change } : node,
    );
    this.changed();
  }

  /** One agent of a node that is drained goes to another, with its state. */
  handOver(name, to) {
    const { node } = this.agents.get(name);
    this.update(name, { node: to });
    this.fact({ kind: "agent_handed_over", name, to }, node);
    this.fact({ kind: "agent_started", name }, to);
    const { scheduling } = this.nodes.find((one) => one.id === node);
    const { drain } = scheduling;
    this.setNode(node, {
      scheduling: {
        ...scheduling,
        drain: { ...drain, left: drain.left - 1, moved: drain.moved + 1 },
      },
    });
  }

  /** Begins planned moves, from this node. */
  startPlan({ moves, interval_ms = 500 }) {
    this.plan = {
      moves,
      interval_ms,
      started: this.now(),
      phase: "running",
      failed: new Map(),
    };
    this.setPlan("running");
  }

  setPlan(phase) {
    this.plan.phase = phase;
    const fact = {
      kind: "rebalance_set",
      phase,
      moves: this.plan.moves.length,
    };
    this.fact(fact, this.self.id, this.self.id);
    this.changed();
  }

  /** Does the next `many` planned moves; with a reason they fail. */
  doMoves(many, reason) {
    const open = planView(this, this.plan).moves.filter(({ state }) =>
      ["waiting", "moving"].includes(state),
    );
    for (const { name, from, to } of open.slice(0, many)) {
      if (reason === undefined) {
        this.update(name, { node: to, moving_to: null });
        this.fact({ kind: "agent_handed_over", name, to }, from);
        this.fact({ kind: "agent_started", name }, to);
      } else {
        this.plan.failed.set(name, reason);
        this.fact({ kind: "hand_over_failed", name, to, reason }, from);
      }
    }
    this.changed();
  }

  log(name, text, stream = "stderr") {
    const lines = this.logs.get(name) ?? [];
    lines.push({ seq: lines.length + 1, at: this.now(), stream, text });
    this.logs.set(name, lines.slice(-500));
  }

  get self() {
    return this.nodes[0];
  }

  status() {
    const alive = this.nodes.filter((node) => node.state === "alive");
    const agents = [...this.agents.values()];
    return {
      node: this.self.id,
      name: this.self.name,
      cluster: key(0xc0),
      cluster_name: this.cluster,
      role: this.self.role,
      version: "0.1.0",
      nodes_alive: alive.length,
      nodes_known: this.nodes.length,
      agents_running: agents.filter((agent) => agent.phase === "running")
        .length,
      agents_known: agents.length,
      converged: alive.filter((node) => node.this || node.link?.converged)
        .length,
      messages_per_s: alive.reduce((sum, node) => sum + node.messages_per_s, 0),
      writable: true,
      problems: this.problems,
    };
  }

  /** The rows of a topic, each with its id. */
  rows(topic, params) {
    switch (topic) {
      case "status":
        return [{ ...this.status(), id: "status" }];
      case "pairing":
        return [{ ...this.pairing, id: "pairing" }];
      case "nodes":
        return this.nodes.map((node) => ({
          ...node,
          agents: this.agentsOn.get(node.id) ?? 0,
        }));
      case "agents":
        return [...this.agents.values()];
      case "traffic":
        return this.traffic;
      case "events":
        return this.events
          .slice(-500)
          .map((event) => ({ ...event, id: `${event.origin}/${event.seq}` }));
      case "logs":
        return (this.logs.get(params.name) ?? []).map((line) => ({
          ...line,
          id: String(line.seq),
        }));
      default:
        throw new Refused(
          { code: "unknown_topic", topic },
          "Nothing is shown.",
          "No such topic.",
          "",
        );
    }
  }

  get agentsOn() {
    const on = new Map();
    for (const { node } of this.agents.values())
      on.set(node, (on.get(node) ?? 0) + 1);
    return on;
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  /** One second of life: a planned move is done, and every node and `share` of the agents change. */
  tick(share = 1) {
    if (this.plan?.phase === "running") this.doMoves(1);
    const wobble = (value, by, most) =>
      Math.max(
        0,
        Math.min(most, Math.round(value + (Math.random() - 0.5) * by)),
      );
    this.nodes = this.nodes.map((node) =>
      node.state !== "alive"
        ? node
        : {
            ...node,
            cpu_percent: wobble(node.cpu_percent, 40, node.cpus * 100),
            used_mib: wobble(node.used_mib, 200, node.memory_mib),
            messages_per_s: wobble(node.messages_per_s || 40, 20, 400),
            link: node.link && {
              ...node.link,
              rtt_us: wobble(node.link.rtt_us, 60, 5_000),
              silence_ms: wobble(40, 60, 200),
            },
          },
    );
    this.traffic = this.traffic.map((row) => ({
      ...row,
      sent_per_s: wobble(row.sent_per_s || 8, 8, 60),
      received_per_s: wobble(row.received_per_s || 6, 8, 60),
    }));
    for (const [name, agent] of this.agents) {
      if (Math.random() > share) continue;
      this.agents.set(name, {
        ...agent,
        restarts: agent.restarts + (share === 1 ? 1 : 0),
      });
      if (agent.runtime.agent === "ticker" && this.agents.size < 100)
        this.log(name, `ticked ${this.seq}`);
    }
    this.changed();
  }

  update(name, change) {
    const agent = this.agents.get(name);
    if (agent === undefined) {
      throw new Refused(
        { code: "no_agent", name },
        "Nothing was done.",
        `There is no agent named ${name}.`,
        "Look at the list of agents for its name.",
      );
    }
    this.agents.set(name, { ...agent, ...change, since: this.now() });
    this.changed();
  }

  /** The agents that run and have all of these capabilities. */
  able(capabilities) {
    return [...this.agents.values()]
      .filter(
        (agent) =>
          agent.phase === "running" &&
          capabilities.every((one) => agent.capabilities.includes(one)),
      )
      .map((agent) => ({ agent: agent.id, node: agent.node }));
  }

  /** The guards of this node: one breaker is open elsewhere, as long as nobody resets it. */
  guard() {
    const gate = (name, breaker, counts) => {
      const [passed, failed, running, queued, broken, crowded] = counts;
      return {
        ...{ name, breaker, passed, failed },
        ...{ running, queued, broken, crowded },
      };
    };
    const closed = { phase: "closed" };
    const other = this.nodes[1];
    const open = (name) => ({
      ...{ phase: "open", by: other.id },
      ...{ since_ms: 2_400, retry_ms: name.length * 1_000 },
    });
    const rate = (rule, reach, share, more) => ({
      ...{ rule, operation: rule.split(" ")[0], reach, share, actor: null },
      ...{ burst: 200, left: 200, cluster_left: null },
      ...{ next_ms: 0, full_ms: 0 },
      ...{ passed: 0, refused: 0, alone: false, ...more },
    });
    const few = { at_once: 4_096, queue: 4_096, gates: [], rates: [] };
    if (other === undefined) return few;
    return {
      ...few,
      gates: [
        gate("planner-3", closed, [5_210, 2, 41, 0, 0, 0]),
        ...this.broken.map((name) =>
          gate(name, open(name), [0, 0, 0, 0, 317, 0]),
        ),
        gate("summary", closed, [88, 0, 4_096, 73, 0, 12]),
      ],
      rates: [
        rate("agent.call:* 100/s burst 200", "node", "each", {
          ...{ actor: "operator", left: 187, passed: 5_338, refused: 3 },
          full_ms: this.refilled.length > 0 ? 0 : 1_300,
        }),
        rate(
          "variable.set 200/m cluster open together",
          { cluster: "open" },
          "together",
          {
            ...{ left: 4, cluster_left: 61, passed: 139, refused: 20 },
            full_ms: 41_700,
            alone: this.mute,
          },
        ),
      ],
    };
  }

  examine() {
    const alone = this.nodes.length === 1;
    const checks = CHECKS.map(([kind, title, seen, needsPeer]) => ({
      kind,
      verdict: alone && needsPeer ? "unknown" : "ok",
      title: alone && needsPeer ? "No other node is there to ask" : title,
      evidence: alone && needsPeer ? ["Nobody answers."] : [seen],
      fix: null,
      ...this.doctor[kind],
    }));
    const order = ["unknown", "ok", "warn", "fail"];
    const rank = Math.max(...checks.map((one) => order.indexOf(one.verdict)));
    const source = (kind, state, over = {}) => ({
      kind,
      target: "",
      state,
      tried_ms_ago: state === "off" ? null : 1_200,
      found: state === "found" ? this.nodes.length - 1 : 0,
      error: null,
      ...over,
    });
    const found = alone ? "nobody" : "found";
    return {
      verdict: order[Math.max(rank, 1)],
      checks,
      sources: [
        source("mdns", this.doctor.multicast ? "nobody" : found),
        source("same_machine", "nobody", { target: "/run/user/1000/covey" }),
        source("address_book", found),
        ...(this.doctor.source
          ? [
              source("dns", "failing", {
                target: "nodes.lan",
                error: '"nodes.lan" is not known to DNS, or has no address',
              }),
            ]
          : []),
        source("routing", found),
        source("join_key", "off"),
      ],
    };
  }

  call(command, args) {
    const me = this.self.id;
    const told = (fact) => this.fact(fact, me, me);
    if (Agreed.COMMANDS.has(command)) return this.agreed.call(command, args);
    if (Market.COMMANDS.has(command)) return this.market.call(command, args);
    if (Sessions.COMMANDS.has(command))
      return this.sessions.call(command, args);
    switch (command) {
      case "agent.start": {
        const { spec, pin = null, replace = false } = args;
        if (this.agents.has(spec.name) && !replace) {
          throw new Refused(
            { code: "agent_exists", name: spec.name },
            "The agent was not started.",
            `An agent named ${spec.name} exists.`,
            "Choose another name, or replace it.",
          );
        }
        this.started.push(args);
        const node = pin ?? me;
        told({ kind: "agent_wanted", name: spec.name });
        this.agents.set(
          spec.name,
          this.makeAgent(spec.name, {
            runtime: spec.runtime,
            capabilities: spec.capabilities ?? [],
            pin,
            node,
            phase: "starting",
            since: this.now(),
            restart: spec.restart ?? this.makeAgent("x").restart,
          }),
        );
        this.fact(
          { kind: "agent_placed", name: spec.name, reason: "asked" },
          node,
        );
        setTimeout(() => {
          if (!this.agents.has(spec.name)) return;
          this.update(spec.name, { phase: "running" });
          this.fact({ kind: "agent_started", name: spec.name }, node);
          this.changed();
        }, 150);
        this.changed();
        return null;
      }
      case "agent.stop":
        told({ kind: "agent_unwanted", name: args.name });
        this.update(args.name, { wanted: false, phase: null, node: null });
        return null;
      case "agent.restart":
        told({ kind: "agent_restart_asked", name: args.name });
        this.update(args.name, {
          wanted: true,
          phase: "running",
          node: this.agents.get(args.name)?.node ?? me,
        });
        return null;
      case "agent.move":
        if (args.to)
          told({ kind: "agent_move_asked", name: args.name, to: args.to });
        this.update(args.name, { pin: args.to, node: args.to ?? me });
        this.fact(
          { kind: "agent_placed", name: args.name, reason: "asked" },
          args.to ?? me,
        );
        this.changed();
        return null;
      case "agent.remove":
        this.update(args.name, {});
        this.agents.delete(args.name);
        told({ kind: "agent_removed", name: args.name });
        this.changed();
        return null;
      case "agent.call": {
        const agent = this.agents.get(args.name);
        if (args.method === "fail") {
          throw new Refused(
            { code: "agent_error", number: -32601, message: "no such method" },
            "The agent refused.",
            "It said: no such method.",
            "Check the method and its parameters.",
          );
        }
        return { value: args.params, node: agent.node, took_us: 840 };
      }
      case "agent.logs":
        return { lines: this.logs.get(args.name) ?? [] };
      case "agent.explain": {
        const agent = this.agents.get(args.name);
        const holder = agent?.node;
        const rules = (node) => [
          ...(node.state === "alive" ? [] : ["it is down"]),
          ...(node.scheduling === undefined ? [] : ["it is cordoned"]),
          ...(this.rules.get(args.name) ?? []),
        ];
        const candidates = this.nodes.map((node, i) => {
          const excluded = rules(node);
          const score =
            node.id === holder ? 4_100_000_000 : 3_000_000_000 - i * 41_000_000;
          return {
            node: node.id,
            name: node.name,
            score: excluded.length > 0 ? null : score,
            asks: null,
            beside: 0,
            excluded,
            holds: node.id === holder,
          };
        });
        candidates.sort((a, b) => (b.score ?? -1) - (a.score ?? -1));
        return { candidates, waiting: agent?.waiting ?? [] };
      }
      case "node.what_if": {
        const able = this.nodes.filter(
          (node) =>
            node.id !== args.node &&
            node.state === "alive" &&
            node.scheduling === undefined,
        );
        return [...this.agents.values()]
          .filter((agent) => agent.node === args.node && agent.wanted)
          .map((agent, i) => {
            const nowhere = able.length === 0 || agent.pin !== null;
            return {
              agent: agent.id,
              to: nowhere ? null : able[i % able.length].id,
              waiting: nowhere ? ["every node is excluded by a rule"] : [],
            };
          });
      }
      case "node.cordon": {
        const node = this.nodes.find((one) => one.id === args.node);
        told({ kind: "node_cordoned", node: args.node, cordoned: args.on });
        this.setNode(args.node, {
          scheduling: args.on
            ? {
                cordoned: true,
                leaving: false,
                drain: node.scheduling?.drain ?? null,
              }
            : undefined,
        });
        return null;
      }
      case "node.drain": {
        const until = this.now() + (args.deadline_ms ?? 600_000);
        told({ kind: "drain_asked", node: args.node, until });
        const left = [...this.agents.values()].filter(
          (agent) => agent.node === args.node,
        ).length;
        this.setNode(args.node, {
          scheduling: {
            cordoned: true,
            leaving: false,
            drain: { until, left, moved: 0, failed: [] },
          },
        });
        return null;
      }
      case "rebalance.preview":
        return { moves: evenOut(this) };
      case "rebalance.get":
        return planView(this, this.plan);
      case "rebalance.start":
        this.startPlan(args);
        return null;
      case "rebalance.steer": {
        const [from, to] = {
          pause: [["running"], "paused"],
          resume: [["paused"], "running"],
          abort: [["running", "paused"], "aborted"],
        }[args.step];
        if (!from.includes(this.plan?.phase)) {
          throw new Refused(
            { code: "no_plan" },
            "Nothing was changed.",
            "No planned moves are in that state.",
            "Look at the planned moves, or start some.",
          );
        }
        this.steered.push(args.step);
        this.setPlan(to);
        return null;
      }
      case "pairing.ask": {
        const near = this.pairing.nearby.find((one) => one.node === args.node);
        this.pairing = {
          ...this.pairing,
          ask: {
            node: args.node,
            name: near.name,
            cluster_name: near.cluster_name,
            digits: "407915",
            words: WORDS,
            phase: { kind: "waiting" },
          },
        };
        this.changed();
        return null;
      }
      case "pairing.withdraw":
        this.pairing = { ...this.pairing, ask: null };
        this.changed();
        return null;
      case "pairing.accept": {
        const request = this.pairing.requests.find(
          (one) => one.node === args.node,
        );
        this.pairing = {
          ...this.pairing,
          requests: this.pairing.requests.filter((one) => one !== request),
        };
        const node = {
          ...this.makeNode(this.nodes.length),
          id: request.node,
          name: request.name,
          role: args.role,
        };
        this.nodes = [...this.nodes, node];
        this.traffic = [
          ...this.traffic,
          { id: node.id, sent_per_s: 3, received_per_s: 2 },
        ];
        told({
          kind: "member_admitted",
          node: node.id,
          name: node.name,
          role: args.role,
        });
        this.problems = this.problems.filter(
          (problem) => problem.kind !== "one_admin",
        );
        this.changed();
        return null;
      }
      case "pairing.refuse":
        this.pairing = {
          ...this.pairing,
          requests: this.pairing.requests.filter(
            (one) => one.node !== args.node,
          ),
        };
        told({ kind: "join_refused", node: args.node });
        this.changed();
        return null;
      case "lobby.dial":
        throw new Refused(
          { code: "unreachable", place: args.address },
          "Nobody was found.",
          `Nothing answers at ${args.address}.`,
          "Check the address, and that Covey runs there.",
        );
      case "invite.create": {
        const invite = {
          id: randomBytes(8).toString("hex"),
          role: args.role,
          expires: this.now() + (args.ttl_ms ?? 600_000),
        };
        this.pairing = {
          ...this.pairing,
          invites: [...this.pairing.invites, invite],
        };
        told({ kind: "invite_made", role: args.role });
        this.changed();
        return {
          link: `covey://join/${key(0xa1)}?s=${randomBytes(16).toString("hex")}&a=192.168.1.20:4100`,
          id: invite.id,
          expires: invite.expires,
        };
      }
      case "invite.revoke":
        this.pairing = {
          ...this.pairing,
          invites: this.pairing.invites.filter((one) => one.id !== args.id),
        };
        this.changed();
        return null;
      case "cluster.join":
        throw new Refused(
          { code: "bad_link", reason: "it is cut short" },
          "Nothing was joined.",
          "The link is cut short.",
          "Copy the whole link.",
        );
      case "member.revoke":
        told({ kind: "member_revoked", node: args.node });
        this.nodes = this.nodes.filter((node) => node.id !== args.node);
        this.changed();
        return null;
      case "node.rename":
        told({ kind: "node_renamed", old: this.self.name, new: args.name });
        this.nodes = this.nodes.map((node) =>
          node.this ? { ...node, name: args.name } : node,
        );
        this.changed();
        return null;
      case "node.label":
        told({
          kind: "labels_set",
          labels: Object.entries(args.labels).map((pair) => pair.join("=")),
        });
        this.nodes = this.nodes.map((node) =>
          node.this ? { ...node, labels: args.labels } : node,
        );
        this.changed();
        return null;
      case "node.programs":
        told({
          kind: "programs_allowed",
          cluster: args.programs === "cluster",
        });
        this.nodes = this.nodes.map((node) =>
          node.this ? { ...node, programs: args.programs } : node,
        );
        this.changed();
        return null;
      case "metrics.heat":
      case "metrics.get":
      case "metrics.now":
      case "alert.list":
      case "alert.rules":
      case "alert.history":
      case "alert.mute":
      case "alert.unmute":
      case "alert.acknowledge":
        return this.monitor.answer(command, args);
      case "task.submit":
        return this.tasks.submit(args.tasks);
      case "task.list":
        return this.tasks.list(args);
      case "task.cancel":
        return this.tasks.cancel(args.tasks);
      case "balancer.get":
        return this.tasks.balance();
      case "balancer.preview":
        return this.tasks.preview(args);
      case "balancer.set":
        return this.tasks.choose(args);
      case "guard.get":
        return this.guard();
      case "guard.reset": {
        const closed = this.broken.filter((name) => name === args.name);
        this.broken = this.broken.filter((name) => name !== args.name);
        return { closed };
      }
      case "rate.reset":
        this.refilled.push(args);
        return null;
      case "cluster.plan":
        return this.joinPlan;
      case "archive.list":
        return this.archives.map(({ row }) => row);
      case "archive.get":
        return this.archives.find(({ row }) => row.id === args.id).archive;
      case "archive.replay":
        return this.replayed;
      case "agent.tenure":
        return this.tenures.get(args.name) ?? null;
      case "setting.list":
        return this.settings.list();
      case "setting.history":
        return this.settings.versions;
      case "setting.change":
        if (this.mute && args.queue) return this.settings.queue(args.changes);
        if (this.mute) {
          this.settings.check(args.changes);
          throw new Refused(
            { code: "no_quorum", have: 1, need: 2 },
            "Nothing was changed.",
            "1 of the 2 voters that it takes to agree are in sight.",
            "Bring a voter back, or wait until one is.",
          );
        }
        return this.settings.change(args.changes);
      case "setting.here":
        return this.settings.here(args.changes);
      case "setting.roll_back":
        return this.settings.rollBack(args.to);
      case "setting.withdraw":
        this.settings.pending = this.settings.pending.filter(
          ({ id }) => id !== args.id,
        );
        return null;
      case "doctor.run":
        this.examined += 1;
        return this.examine();
      case "event.query":
        return {
          events: this.events
            .filter(({ fact }) => args.kinds?.includes(fact.kind) ?? true)
            .slice(-(args.limit ?? 100))
            .toReversed(),
          next: null,
        };
      case "event.trace":
        return {
          events: this.events.filter(
            ({ fact }) => fact.correlation === args.correlation,
          ),
          more: false,
        };
      default:
        throw new Refused(
          { code: "unknown_command", command },
          "Nothing was done.",
          `There is no command ${command}.`,
          "Update Covey.",
        );
    }
  }
}
