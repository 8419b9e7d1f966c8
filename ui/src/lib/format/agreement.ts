// The group that agrees, in words and tones.

import type {
  BarrierView,
  ConflictStrategy,
  CounterView,
  GroupView,
  PlaceView,
  PrimitiveScope,
  Standing,
  VariableRow,
} from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { count, counted } from "./number";
import { span } from "./time";

export const STANDINGS = {
  leader: { word: "Leads", tone: "active" },
  voter: { word: "Votes", tone: "ok" },
  learner: { word: "Learns", tone: "idle" },
  outside: { word: "Outside", tone: "warn" },
} as const satisfies Record<Standing, { word: string; tone: Tone }>;

export const SCOPES = {
  local: "This node",
  global: "Merged",
  cluster: "Agreed",
} as const satisfies Record<PrimitiveScope, string>;

export const STRATEGIES = {
  last_write_wins: "last write",
  greatest: "greatest",
  least: "least",
  union: "union",
  keep_all: "all kept",
  consensus: "consensus",
} as const satisfies Record<ConflictStrategy, string>;

export function counterRow(view: CounterView): string[] {
  return [view.name, SCOPES[view.scope], view.value, count(view.version)];
}

export function variableRow(view: VariableRow, nodeName: (id: string) => string): string[] {
  return [view.name, keeping(view), nodeName(view.by), count(view.version)];
}

/** The scope, what becomes of writes made apart, and how many it is made of if that is so. */
function keeping({ scope, strategy, writes }: VariableRow): string {
  if (scope !== "global" || strategy === null) return SCOPES[scope];
  const merged = `${SCOPES[scope]}: ${STRATEGIES[strategy]}`;
  return writes > 1 ? `${merged}, ${counted(writes, "write")} apart` : merged;
}

/** Whether the group can agree on anything, as this node sees it. */
export function groupStanding(group: GroupView): { word: string; tone: Tone } {
  if (group.stopped !== null) return { word: "Stopped on this node", tone: "bad" };
  if (group.voters_needed === 0) return { word: "Not let in yet", tone: "moving" };
  if (group.voters_seen < group.voters_needed) return { word: "No quorum", tone: "bad" };
  if (group.leader === null) return { word: "No leader yet", tone: "moving" };
  return { word: "Agrees", tone: "ok" };
}

/** What that means for whoever wants something of it. */
export function groupSentence(group: GroupView): string {
  if (group.stopped !== null) {
    return `Its file takes no more on this node: ${group.stopped}. Look at the disk, then start the node again.`;
  }
  if (group.voters_needed === 0) {
    return "The leader lets a node in within seconds of its joining.";
  }
  if (group.voters_seen < group.voters_needed) {
    return `${count(group.voters_seen)} of the ${count(group.voters_needed)} voters that it takes are in sight. Locks, counters, variables and the like cannot be changed until another is back; names and agents go on. If those voters are lost for good, "covey coordination recovery" says what would be lost without them.`;
  }
  if (group.leader === null) return "The voters are choosing one; that takes about a second.";
  const needed = group.voters_needed;
  return `${counted(needed, "voter")} must have a change on disk before it counts.`;
}

/** A row a holding; who stands in line is counted in the first. */
export function holdRows(view: PlaceView, nodeName: (id: string) => string): string[][] {
  const { name, kind } = view.place;
  const title = kind === "semaphore" ? `${name} (${count(view.permits)})` : name;
  return view.holds.map(({ holder, token }, place) => [
    title,
    `${holder.session} on ${nodeName(holder.node)}`,
    place === 0 ? count(view.line.length) : "",
    count(token),
  ]);
}

/** Which node may run an exclusive agent, and how long without a word. */
export function agentRows(view: PlaceView, nodeName: (id: string) => string): string[][] {
  return view.holds.map(({ holder, token, lease_ms }) => [
    view.place.name,
    nodeName(holder.node),
    span(lease_ms),
    count(token),
  ]);
}

/** Who is at a barrier, and how it ended the last time. */
export function barrierRow(view: BarrierView, nodeName: (id: string) => string): string[] {
  const there = `${count(view.arrived.length)} of ${count(view.parties)}`;
  return [view.name, there, lastTime(view, nodeName)];
}

function lastTime({ last }: BarrierView, nodeName: (id: string) => string): string {
  if (last === null) return "–";
  if (last === "opened") return "Opened";
  const { by, cause } = last.broken;
  const who = `${by.session} on ${nodeName(by.node)}`;
  return cause === "timed_out" ? `Timed out: ${who}` : `Broken by ${who}`;
}
