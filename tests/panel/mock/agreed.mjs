// What the made-up cluster agrees on: locks, barriers, counters, variables, and its group.

import { Refused } from "./refused.mjs";

/** A lock, an election or a semaphore, and who holds it. */
const held = (kind, name, permits, holds, line = []) => ({
  place: { kind, name },
  permits,
  holds: holds.map(([node, session, token]) => ({
    holder: { node: node.id, session },
    token,
    lease_ms: 60_000,
  })),
  line,
});

const written = (value, version, by) => ({ value, version, by });

/** A variable as it is read; its row is all but what it holds. */
const variable = (name, scope, strategy, now, more = {}) => ({
  name,
  scope,
  strategy,
  ...now,
  terms: { rule: "text", writers: [] },
  conflict: [],
  history: [],
  ...more,
});

const row = ({ name, scope, value, version, by, strategy, conflict }) => ({
  ...{ name, scope, version, by, strategy },
  bytes: (value ?? "").length,
  writes: Math.max(conflict.length, 1),
});

export class Agreed {
  static COMMANDS = new Set([
    ...["coordination.get", "coordination.recovery", "coordination.recover"],
    ...["lease.revoke", "barrier.break", "counter.add", "counter.remove"],
    ...["variable.register", "variable.get", "variable.set"],
    ...["variable.remove", "decision.reopen"],
  ]);

  constructor(world) {
    this.world = world;
    this.index = 1_204;
    this.places = [];
    this.names = [];
    this.barriers = [];
    this.counters = [];
    this.variables = [];
    this.decisions = [];
    const [first, other] = world.nodes;
    if (other !== undefined) this.fill(first, other);
  }

  fill(first, other) {
    const second = { node: first.id, session: "a-second-one" };
    this.places = [
      held("lock", "nightly-backup", 1, [[other, "operator", 1_131]], [second]),
      held("agent", "ledger-keeper", 1, [
        [other, "claim-7340032000000", 1_162],
      ]),
      held("names", other.id, 1, [[other, "claim-7340032000001", 1_141]]),
      held("election", "scheduler", 1, [[first, "main", 1_198]]),
      held("semaphore", "downloads", 3, [
        [first, "fetch-1", 1_150],
        [other, "fetch-2", 1_151],
      ]),
    ];
    this.names = [
      { name: "desk/printer", node: other.id, holder: null, token: 1_142 },
      {
        name: "desk/scanner",
        node: other.id,
        holder: "ledger-keeper",
        token: 1_163,
      },
    ];
    const by = { node: other.id, session: "trainer" };
    this.barriers = [
      {
        name: "phase-two",
        parties: 3,
        generation: 1_180,
        arrived: [{ node: first.id, session: "trainer" }],
        last: { broken: { by, cause: "node_lost" } },
      },
    ];
    this.counters = [
      {
        name: "builds",
        scope: "cluster",
        value: "9223372036854775807",
        version: 1_200,
      },
      { name: "visits", scope: "global", value: "-3", version: 12 },
    ];
    const apart = [
      { value: "from the train", by: first.id, at: 1_764_295_140_000 },
      { value: "from home", by: other.id, at: 1_764_295_200_000 },
    ];
    this.variables = [
      variable("mode", "cluster", "consensus", written("fast", 977, first.id), {
        history: [
          written("slow", 640, other.id),
          written("steady", 812, first.id),
        ],
      }),
      variable("note", "global", "keep_all", written(null, 3, other.id), {
        conflict: apart,
      }),
      variable(
        "scratch",
        "local",
        null,
        written("to be tried", 1_764_295_200_000, first.id),
      ),
    ];
    this.decisions = [
      { question: "release", value: "2026.11", version: 640, by: first.id },
    ];
  }

  call(command, args) {
    if (command === "coordination.get") return this.view();
    if (command === "coordination.recovery") return this.recovery();
    if (command === "variable.get") {
      const found = this.variables.find(({ name }) => name === args.variable);
      return { found: found ?? null, index: this.index };
    }
    if (command === "coordination.recover") {
      this.recovered = true;
      this.world.mute = false;
      return { revision: 1_180 };
    }
    if (this.world.mute)
      throw new Refused(
        { code: "no_quorum", have: 1, need: 2 },
        "Nothing was changed.",
        "1 of the 2 voters that it takes to agree are in sight.",
        "Bring a voter back, or wait until one is.",
      );
    return this.act(command, args);
  }

  act(command, args) {
    const index = (this.index += 1);
    switch (command) {
      case "lease.revoke":
        return this.revoke(args, index);
      case "barrier.break": {
        const barrier = this.barriers.find(({ name }) => name === args.barrier);
        const by = { node: this.world.self.id, session: "operator" };
        barrier.arrived = [];
        barrier.generation = 0;
        barrier.last = { broken: { by, cause: "interrupted" } };
        return null;
      }
      case "counter.add": {
        const counter = this.counters.find(({ name }) => name === args.counter);
        counter.value = String(BigInt(counter.value) + BigInt(args.by));
        counter.version = index;
        return { value: counter.value };
      }
      case "counter.remove":
        this.counters = this.counters.filter(
          ({ name }) => name !== args.counter,
        );
        return null;
      case "decision.reopen":
        this.decisions = this.decisions.filter(
          ({ question }) => question !== args.question,
        );
        return null;
      case "variable.register":
        this.expect(args.variable, 0);
        this.variables.push(
          variable(
            args.variable,
            args.scope,
            args.scope === "cluster" ? "consensus" : (args.strategy ?? null),
            written(args.value, index, this.world.self.id),
            { terms: { rule: args.rule, writers: [] } },
          ),
        );
        return { version: index };
      case "variable.set":
        return this.write(args.variable, args.value, args.expected);
      case "variable.remove":
        this.expect(args.variable, args.expected);
        this.variables = this.variables.filter(
          ({ name }) => name !== args.variable,
        );
        return null;
    }
  }

  revoke({ place, token }, index) {
    const found = this.places.find(
      (one) => one.place.kind === place.kind && one.place.name === place.name,
    );
    found.holds = found.holds.filter((hold) => hold.token !== token);
    const next = found.line.shift();
    if (next !== undefined)
      found.holds.push({ holder: next, token: index, lease_ms: 60_000 });
    this.places = this.places.filter(({ holds }) => holds.length > 0);
    return null;
  }

  write(name, value, expected, by = this.world.self.id) {
    this.expect(name, expected);
    const there = this.variables.find((one) => one.name === name);
    const { value: old, version, by: writer } = there;
    const version_now = (this.index += 1);
    Object.assign(there, {
      ...{ value, version: version_now, by, conflict: [] },
      history: [...there.history, written(old, version, writer)],
    });
    return { version: version_now };
  }

  expect(name, expected) {
    const there = this.variables.find((one) => one.name === name);
    const version = there?.version ?? 0;
    if (expected === undefined || expected === version) return;
    throw new Refused(
      {
        code: "disagreed",
        reason: { conflict: { variable: name, version } },
      },
      "Nothing was changed.",
      `It cannot be: ${name} is at version ${version}.`,
      "Read it again and decide anew.",
    );
  }

  recovery() {
    const [, ...others] = this.voters();
    return {
      voters_seen: 1,
      voters_needed: 2,
      lost: others.map(({ id }) => id),
      revision: 1_180,
      unconfirmed: 1,
    };
  }

  /** The first three nodes vote. */
  voters() {
    const { nodes } = this.world;
    return nodes.slice(0, nodes.length >= 3 && !this.recovered ? 3 : 1);
  }

  /** Those that are down are out of sight. */
  view() {
    const { nodes, mute, cluster } = this.world;
    const [first] = nodes;
    const seen = (node) => node.state === "alive" || node.state === "suspect";
    const voters = this.voters();
    const leads = mute ? null : first.id;
    const members = nodes.map((node, place) => ({
      node: node.id,
      standing:
        node.id === leads
          ? "leader"
          : place < voters.length
            ? "voter"
            : "learner",
      seen: seen(node) && !(mute && node !== first),
      behind: seen(node) ? 0 : 41,
    }));
    return {
      group: {
        cluster,
        standing: leads === null ? "voter" : "leader",
        leader: leads,
        term: 7,
        applied: this.index,
        last: this.index,
        voters_seen: mute ? 1 : voters.filter(seen).length,
        voters_needed: Math.floor(voters.length / 2) + 1,
        members: members.toSorted((a, b) => (a.node < b.node ? -1 : 1)),
        stopped: null,
      },
      index: this.index,
      places: this.places,
      barriers: this.barriers,
      counters: this.counters,
      variables: this.variables.map(row),
      decisions: this.decisions,
      names: this.names,
    };
  }
}
