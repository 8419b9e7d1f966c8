// From facts to the lives of agents: who ran where, from when to when, and why it went there.

import type { AgentView, EventRecord, Fact, NodeView } from "$lib/ipc/bindings";
import { exitSentence } from "$lib/format/agent";
import { PLACED } from "$lib/format/fact";

/** Facts that tell of lives and of nodes that take none. */
export const LIFE_KINDS = [
  "agent_placed",
  "agent_started",
  "agent_exited",
  "agent_handed_over",
  "agent_removed",
  "claim_lost",
  "node_started",
  "member_down",
  "node_cordoned",
  "drain_asked",
] as const satisfies readonly Fact["kind"][];

/** How a life is over, or that it is not. */
export type End = "runs" | "ended" | "failed" | "lost" | "moved";

export type Life = {
  id: string;
  agent: string;
  node: string;
  from: number;
  /** Whether `from` is when it began; else it began before that. */
  known: boolean;
  /** When it ended; none while it goes on. */
  until: number | null;
  /** When it was started again without leaving its node. */
  restarts: number[];
  end: End;
  /** How it ended, in words. */
  how: string;
  /** The node it was on before, and why it went here, if it came from another. */
  cameFrom: { node: string; at: number; why: string } | null;
};

/** A time in which a node takes no agents. */
export type Closure = { node: string; from: number; until: number | null; drain: boolean };

export type History = { lives: Life[]; closures: Closure[] };

type Present = {
  agents: readonly Pick<AgentView, "id" | "node" | "since" | "phase">[];
  nodes: readonly Pick<NodeView, "id" | "scheduling">[];
};

/**
 * The lives that `events`, oldest first, tell of; `present` supplies what began before the first of
 * them. What is not told is not made up: a life of which only the end is known begins at `start`.
 */
export function livesOf(events: readonly EventRecord[], present: Present, start: number): History {
  const book = new Book(start);
  for (const event of events) book.read(event);
  return book.close(present);
}

class Book {
  readonly #start: number;
  readonly #lives: Life[] = [];
  readonly #closures: Closure[] = [];
  /** The life of each agent on each node that goes on, by `NODE AGENT`. */
  readonly #open = new Map<string, Life>();
  /** The newest life of each agent. */
  readonly #last = new Map<string, Life>();
  readonly #reasons = new Map<string, string>();
  readonly #closed = new Map<string, Closure>();

  constructor(start: number) {
    this.#start = start;
  }

  read({ origin, stamp, fact }: EventRecord): void {
    const at = stamp.wall;
    switch (fact.kind) {
      case "agent_placed":
        this.#reasons.set(`${origin} ${fact.name}`, PLACED[fact.reason]);
        return;
      case "agent_started":
        this.#started(origin, fact.name, at);
        return;
      case "agent_exited":
        if (fact.next === "starting" || fact.next === "backing_off") {
          this.#held(origin, fact.name);
          return;
        }
        this.#ended(origin, fact.name, at, {
          end: fact.next === "failed" ? "failed" : "ended",
          how: exitSentence(fact.reason),
        });
        return;
      case "agent_handed_over":
        this.#reasons.set(`${fact.to} ${fact.name}`, "it was handed over with its state");
        this.#ended(origin, fact.name, at, { end: "moved", how: "it was handed over" });
        return;
      case "claim_lost":
        if (this.#open.has(`${origin} ${fact.name}`)) {
          this.#ended(origin, fact.name, at, { end: "ended", how: "another node's claim won" });
        }
        return;
      case "agent_removed":
        for (const life of this.#of((life) => life.agent === fact.name)) {
          this.#ended(life.node, life.agent, at, { end: "ended", how: "it was removed" });
        }
        return;
      case "node_started":
        this.#nodeGone(origin, at, "its node was started afresh");
        return;
      case "member_down":
        this.#nodeGone(fact.node, at, "its node was lost");
        return;
      case "node_cordoned":
        this.#schedule(fact.node, at, fact.cordoned ? "cordon" : "open");
        return;
      case "drain_asked":
        this.#schedule(fact.node, at, "drain");
        return;
      default:
        return;
    }
  }

  close({ agents, nodes }: Present): History {
    for (const { id, node, since, phase } of agents) {
      if (node === null || phase === null || phase === "failed" || phase === "finished") continue;
      if (!this.#open.has(`${node} ${id}`)) this.#found(node, id, since ?? 0);
    }
    for (const { id, scheduling } of nodes) {
      if (scheduling === undefined || this.#closed.has(id)) continue;
      this.#schedule(id, this.#start, scheduling.drain === null ? "cordon" : "drain");
    }
    return { lives: this.#lives, closures: this.#closures };
  }

  #started(node: string, agent: string, at: number): void {
    const life = this.#open.get(`${node} ${agent}`);
    if (life === undefined) this.#begin(node, agent, at);
    else if (life.from < at) life.restarts.push(at);
  }

  /** An agent that runs though no fact says so: it began before them, or its node was not lost. */
  #found(node: string, agent: string, since: number): void {
    const last = this.#last.get(agent);
    if (last?.node === node && last.end === "lost" && since <= (last.until ?? 0)) {
      Object.assign(last, { until: null, end: "runs", how: "" });
    } else this.#begin(node, agent, since === 0 ? this.#start : since, since !== 0);
  }

  #begin(node: string, agent: string, from: number, known = true): Life {
    const before = this.#last.get(agent);
    const key = `${node} ${agent}`;
    let cameFrom: Life["cameFrom"] = null;
    if (before !== undefined && before.node !== node) {
      if (before.until === null) {
        this.#ended(before.node, agent, from, { end: "moved", how: "it went to another node" });
      }
      const why = this.#reasons.get(key) ?? "";
      cameFrom = { node: before.node, at: before.until ?? from, why };
    }
    const life: Life = {
      id: `${key} ${from}`,
      agent,
      node,
      from,
      known,
      until: null,
      restarts: [],
      end: "runs",
      how: "",
      cameFrom,
    };
    this.#lives.push(life);
    this.#open.set(key, life);
    this.#last.set(agent, life);
    return life;
  }

  /** The life that goes on there; one that began unseen if none is known. */
  #held(node: string, agent: string): Life {
    return this.#open.get(`${node} ${agent}`) ?? this.#begin(node, agent, this.#start, false);
  }

  #ended(node: string, agent: string, at: number, how: { end: End; how: string }): void {
    const life = this.#held(node, agent);
    this.#open.delete(`${node} ${agent}`);
    Object.assign(life, how, { until: Math.max(at, life.from) });
  }

  #of(which: (life: Life) => boolean): Life[] {
    return [...this.#open.values()].filter(which);
  }

  #nodeGone(node: string, at: number, how: string): void {
    for (const life of this.#of((life) => life.node === node && life.from < at)) {
      this.#ended(node, life.agent, at, { end: "lost", how });
    }
  }

  #schedule(node: string, at: number, to: "open" | "cordon" | "drain"): void {
    const current = this.#closed.get(node);
    const drain = to === "drain";
    if (to !== "open" && current?.drain === drain) return;
    if (to === "cordon" && current !== undefined) return;
    if (current !== undefined) current.until = at;
    this.#closed.delete(node);
    if (to === "open") {
      if (current === undefined) {
        this.#closures.push({ node, from: this.#start, until: at, drain: false });
      }
      return;
    }
    const closure = { node, from: at, until: null, drain };
    this.#closures.push(closure);
    this.#closed.set(node, closure);
  }
}

export type Lane = {
  node: string;
  /** Lives by their row in the lane. */
  bars: { life: Life; row: number }[];
  rows: number;
  /** Lives that found no row. */
  hidden: number;
};

/**
 * Lives of one node in as few rows as do not overlap, `most` at most; where these are too few, lives
 * in which something happened come before those that only went on.
 */
export function packed(node: string, lives: readonly Life[], now: number, most: number): Lane {
  const all = inRows(lives, now, most);
  if (all.length === lives.length) return laneOf(node, all, 0);
  const eventful = lives.filter(
    ({ cameFrom, end, restarts }) => cameFrom !== null || end !== "runs" || restarts.length > 0,
  );
  const taken = new Set(eventful);
  const spare = most - laneOf(node, inRows(eventful, now, most), 0).rows;
  const plain = lives.filter((life) => !taken.has(life)).slice(0, spare);
  const bars = inRows([...eventful, ...plain], now, most);
  return laneOf(node, bars, lives.length - bars.length);
}

function laneOf(node: string, bars: Lane["bars"], hidden: number): Lane {
  return { node, bars, rows: 1 + Math.max(0, ...bars.map(({ row }) => row)), hidden };
}

function inRows(lives: readonly Life[], now: number, most: number): Lane["bars"] {
  const ends: number[] = [];
  const inOrder = lives.toSorted((a, b) => a.from - b.from || (a.id < b.id ? -1 : 1));
  return inOrder.flatMap((life) => {
    const free = ends.findIndex((end) => end <= life.from);
    const row = free < 0 ? ends.length : free;
    if (row >= most) return [];
    ends[row] = life.until ?? now + 1;
    return [{ life, row }];
  });
}
