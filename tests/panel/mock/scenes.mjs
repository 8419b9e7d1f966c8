// The situations that the panel must show well.

import { World } from "./world.mjs";

const stranger = {
  node: "beef".repeat(16),
  name: "quiet-falcon",
  os: "linux",
  digits: "407915",
  words: ["harbor", "violet", "anchor", "meadow"],
};

const TAIL = [
  "Traceback (most recent call last):",
  '  File "agent.py", line 31, in <module>',
  '    answer["result"] = method(**(message.get("params") or {}))',
  '  File "agent.py", line 12, in plan',
  '    raise RuntimeError("no route to the warehouse")',
  "RuntimeError: no route to the warehouse",
];

/** What the doctor finds behind a firewall, with a name that nobody knows. */
const sick = (name) => ({
  multicast: {
    verdict: "fail",
    title: "Multicast is blocked on this machine",
    evidence: [
      "eth0 (192.168.1.20): what was sent to 224.0.0.251 did not come back.",
    ],
    fix: "Let UDP port 5353 from and to 224.0.0.251 pass this machine's firewall: `sudo ufw allow 5353/udp`. A node can always be reached by its address: `covey join ADDRESS`, or `peers` in covey.toml.",
  },
  members: {
    verdict: "warn",
    title: "Not all members are there",
    evidence: [`“${name}” is down.`],
    fix: "Start Covey there, or look after its network; a machine that never comes back is put out with `covey revoke NAME`.",
  },
  source: {
    verdict: "warn",
    title: "Some places from the settings lead nowhere",
    evidence: [
      'nodes.lan: "nodes.lan" is not known to DNS, or has no address.',
    ],
    fix: "Correct them under `peers` or `dns` in covey.toml, or start the node that should be there. They are tried again all the time.",
  },
});

export const SCENES = {
  alone() {
    const world = new World({
      nodes: 1,
      agents: 0,
      cluster: "amber-otter's covey",
    });
    world.problems = [{ kind: "one_admin" }];
    return world;
  },
  nearby() {
    const world = new World({ nodes: 1, agents: 3 });
    world.pairing.nearby = [
      {
        node: "cafe".repeat(16),
        name: "studio-a",
        cluster: "abcd".repeat(16),
        cluster_name: "studio",
        members: 3,
        version: "0.1.0",
        os: "linux",
        by: "mdns",
        join_key: "other",
        seen: Date.now(),
      },
      {
        node: "dada".repeat(16),
        name: "windy-crane",
        cluster: "dcba".repeat(16),
        cluster_name: "windy-crane's covey",
        members: 1,
        version: "0.1.0",
        os: "macos",
        by: "same_machine",
        join_key: "none",
        seen: Date.now(),
      },
    ];
    return world;
  },
  three() {
    return new World({ nodes: 3, agents: 14 });
  },
  asking() {
    const world = SCENES.nearby();
    world.call("pairing.ask", { node: "cafe".repeat(16) });
    return world;
  },
  request() {
    const world = new World({ nodes: 2, agents: 5 });
    world.problems = [{ kind: "one_admin" }];
    world.pairing.requests = [{ ...stranger, expires: Date.now() + 110_000 }];
    world.fact({
      kind: "join_asked",
      node: stranger.node,
      name: stranger.name,
      code: stranger.digits,
    });
    return world;
  },
  trouble() {
    const world = new World({ nodes: 6, agents: 40 });
    const [, , third, fourth] = world.nodes;
    const since = Date.now() - 48_000;
    Object.assign(third, { state: "down", since, link: null });
    Object.assign(fourth, { state: "suspect", since: Date.now() - 2_000 });
    fourth.link.converged = false;
    fourth.seen_by = [{ node: world.nodes[4].id, state: "alive" }];
    for (const agent of world.agents.values()) {
      if (agent.node === third.id) agent.node = world.nodes[0].id;
    }
    world.update("planner-3", {
      phase: "failed",
      restarts: 6,
      node: world.nodes[1].id,
      last_exit: { reason: { kind: "exited", code: 1 }, tail: TAIL },
    });
    world.update("planner-7", {
      phase: "backing_off",
      restarts: 2,
      last_exit: { reason: { kind: "killed", signal: 9 }, tail: [] },
    });
    world.update("echo-9", { phase: null, node: null });
    world.update("ticker-2", { wanted: false, phase: null, node: null });
    world.doctor = sick(third.name);
    world.monitor.since.set(fourth.id, 430);
    world.monitor.raise("node_lost", { node: third.id }, { raised: since });
    world.monitor.raise("restarts", { agent: "planner-3" }, { value: 6 });
    world.monitor.raise(
      "mailbox",
      { agent: "echo-4" },
      { muted: { by: world.nodes[1].id, until: Date.now() + 1_500_000 } },
    );
    world.monitor.past = [
      ["cpu", { node: world.nodes[1].id }, "warning", 5_400_000, 320_000],
      ["clock_skew", { node: fourth.id }, "warning", 9_000_000, 61_000],
    ].map(([rule, subject, severity, ago, lasted]) => ({
      ...{ rule, subject, severity, value: null },
      ...{ raised: Date.now() - ago, cleared: Date.now() - ago + lasted },
    }));
    const day = 86_400_000;
    const [first, second] = world.nodes;
    world.settings.change(
      [{ key: "locks.lease", place: "cluster", value: "1m" }],
      second.id,
      Date.now() - 3 * day,
    );
    world.settings.change(
      [
        { key: "log.level", place: { node: first.id }, value: "debug" },
        { key: "logs.lines", place: { node: second.id }, value: "200" },
        { key: "voters.absence", place: "cluster", value: "5m" },
      ],
      first.id,
      Date.now() - 2 * 3_600_000,
    );
    world.settings.rollBack(3);
    world.settings.change(
      [{ key: "logs.lines", place: { node: second.id }, value: "200" }],
      second.id,
      Date.now() - 40_000,
    );
    world.settings.here([{ key: "log.level", value: "trace" }]);
    world.settings.queue([{ key: "invites.longest", value: "2h" }]);
    world.problems = [
      { kind: "node_down", node: third.id, name: third.name, since },
      { kind: "agent_failed", name: "planner-3", node: world.nodes[1].id },
      { kind: "agent_unplaced", name: "echo-9" },
      { kind: "one_admin" },
    ];
    world.fact({ kind: "member_suspected", node: third.id });
    world.fact({ kind: "member_down", node: third.id, cause: "silent" });
    world.fact({
      kind: "agent_placed",
      name: "counter-10",
      reason: "node_down",
    });
    world.fact(
      {
        kind: "agent_exited",
        name: "planner-3",
        reason: { kind: "exited", code: 1 },
        next: "failed",
      },
      world.nodes[1].id,
    );
    for (const line of TAIL) world.log("planner-3", line);
    return world;
  },
  /** Every way in which disks fail, each on one node; this one has several. */
  disks() {
    const world = new World({ nodes: 5, agents: 12 });
    const states = ["full", "full", "read_only", "damaged", "filling"];
    world.nodes.forEach((node, i) => (node.disk = states[i]));
    const folder = "/home/ada/.local/share/covey/default";
    const store = `${folder}/covey.db`;
    const group = `${folder}/group/${"7f31".repeat(16)}`;
    const others = world.nodes
      .filter((node) => !node.this)
      .map(({ id, name, disk }) => ({
        kind: "node_disk",
        node: id,
        name,
        disk,
      }));
    world.problems = [
      { kind: "disk_full", path: store, free_bytes: 12_288 },
      { kind: "disk_full", path: group, free_bytes: 12_288 },
      ...others,
    ];
    return world;
  },
  /** The database of this node is damaged, and what the cluster agrees on. */
  damaged() {
    const world = new World({ nodes: 1, agents: 3 });
    const folder = "/home/ada/.local/share/covey/default";
    const reason = "database disk image is malformed";
    world.nodes[0].disk = "damaged";
    world.problems = [
      { kind: "store_damaged", path: `${folder}/covey.db`, reason },
      {
        kind: "group_damaged",
        path: `${folder}/group/7f31`,
        reason: "a sum does not match",
      },
      { kind: "disk_read_only", path: `${folder}/covey.db` },
      {
        kind: "group_filling",
        aside: `${folder}/group/7f31-damaged-1764320000000`,
      },
    ];
    return world;
  },
  /** A node was lost, one is drained, agents wait, views differ, and a name was claimed twice. */
  moves() {
    const world = new World({ nodes: 5, agents: 18 });
    const [first, second, third, fourth, fifth] = world.nodes;
    const minute = 60_000;
    world.events = [];
    world.seq = 0;
    const at = (minutes, fact, origin) =>
      world.fact(fact, origin.id, null, -minutes * minute);
    for (const agent of world.agents.values()) {
      const { id: name, node } = agent;
      const home = world.nodes.find(({ id }) => id === node);
      agent.since = Date.now() - 40 * minute;
      at(13.5, { kind: "agent_placed", name, reason: "unplaced" }, home);
      at(13.4, { kind: "agent_started", name }, home);
    }
    const importer = (minutes, length) => {
      const name = "importer";
      const reason = { kind: "exited", code: 0 };
      at(minutes, { kind: "agent_started", name }, first);
      at(
        minutes - length,
        { kind: "agent_exited", name, reason, next: "finished" },
        first,
      );
    };
    importer(45, 6);
    importer(26 * 60, 50);
    const crash = (minutes, name, home) => {
      const reason = { kind: "exited", code: 1 };
      at(
        minutes,
        { kind: "agent_exited", name, reason, next: "starting" },
        home,
      );
      at(minutes - 0.1, { kind: "agent_started", name }, home);
    };
    crash(11, "planner-3", fourth);
    crash(9.5, "planner-3", fourth);
    crash(6, "counter-1", second);
    at(8, { kind: "member_down", node: third.id, cause: "silent" }, first);
    const spread = [first, second, fourth];
    const lost = [...world.agents.values()].filter(
      ({ node }) => node === third.id,
    );
    lost.forEach((agent, i) => {
      const to = spread[i % spread.length];
      const { id: name } = agent;
      at(7.9, { kind: "agent_placed", name, reason: "node_down" }, to);
      at(7.8, { kind: "agent_started", name }, to);
      Object.assign(agent, { node: to.id, since: Date.now() - 7.8 * minute });
    });
    const since = Date.now() - 8 * minute;
    Object.assign(third, { state: "down", since, link: null });
    third.seen_by = [{ node: fifth.id, state: "suspect" }];
    fourth.link.converged = false;
    fourth.link.silence_ms = 1_340;
    at(4, { kind: "node_cordoned", node: second.id, cordoned: true }, first);
    second.scheduling = { cordoned: true, leaving: false, drain: null };
    at(
      3,
      { kind: "drain_asked", node: fifth.id, until: Date.now() + 7 * minute },
      first,
    );
    const drained = [...world.agents.values()].filter(
      ({ node }) => node === fifth.id,
    );
    drained.slice(0, 2).forEach((agent, i) => {
      const to = [first, fourth][i];
      const { id: name } = agent;
      at(2.8 - i, { kind: "agent_handed_over", name, to: to.id }, fifth);
      at(2.75 - i, { kind: "agent_started", name }, to);
      Object.assign(agent, {
        node: to.id,
        since: Date.now() - (2.75 - i) * minute,
      });
    });
    fifth.scheduling = {
      cordoned: true,
      leaving: false,
      drain: {
        until: Date.now() + 7 * minute,
        left: drained.length - 2,
        moved: 2,
        failed: [
          { name: drained[2].id, reason: "it gave no state within 10 s" },
        ],
      },
    };
    drained[2].moving_to = first.id;
    drained[2].phase = "migrating";
    const unable = ["it has no label gpu", "its programs are its own user's"];
    world.agents.set(
      "renderer",
      world.makeAgent("renderer", {
        phase: null,
        node: null,
        since: null,
        waiting: ["every node is excluded by a rule"],
      }),
    );
    world.rules.set("renderer", unable);
    world.agents.set(
      "reporter",
      world.makeAgent("reporter", {
        phase: null,
        node: null,
        since: null,
        waiting: ["it waits for renderer, which it needs, to run"],
      }),
    );
    world.problems = [
      { kind: "node_down", node: third.id, name: third.name, since },
      { kind: "agent_unplaced", name: "renderer" },
    ];
    world.fact(
      {
        kind: "claim_lost",
        name: "planner-3",
        winner: fourth.id,
        why: "epoch",
        lost: {},
        won: {},
      },
      second.id,
      null,
      -minute,
    );
    world.fact(
      {
        kind: "claim_lost",
        name: "studio/printer",
        winner: first.id,
        why: "earlier",
        lost: { port: "9101", zone: "attic" },
        won: { port: "9100", tags: ["colour", "a3"], zone: "attic" },
      },
      fourth.id,
      null,
      -0.5 * minute,
    );
    for (const [type, order, ago] of [
      ["shop.order.placed", 7, 9],
      ["shop.order.placed", 8, 8],
      ["shop.order.paid", 7, 4],
      ["shop.order.sent", 7, 2],
    ]) {
      const body = { order, total_cents: 1999 };
      const told = { type, body, correlation: `order-${order}` };
      world.fact(
        { kind: "reported", ...told },
        first.id,
        first.id,
        -ago * minute,
      );
    }
    world.events.sort((a, b) => a.stamp.wall - b.stamp.wall);
    return world;
  },
  /** Two nodes came after the agents: one node has them all, but for those that may not move. */
  uneven() {
    const world = new World({ nodes: 4, agents: 16 });
    const [first, second] = world.nodes;
    [...world.agents.values()].forEach((agent, i) => {
      agent.node = i < 13 ? first.id : second.id;
    });
    return world;
  },
  load() {
    return new World({ nodes: 50, agents: 1_000 });
  },
  many() {
    return new World({ nodes: 12, agents: 10_000 });
  },
};
