// The group that agrees, in words and tones.

import type {
  BarrierView,
  GroupView,
  Holder,
  HoldingView,
  HoldView,
  PlaceKind,
  PlaceView,
  Recovery,
  Standing,
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
    return `${count(group.voters_seen)} of the ${count(group.voters_needed)} voters that it takes are in sight. Locks, counters, variables and the like cannot be changed until another is back; other names and agents go on. If those voters are lost for good, "covey coordination recovery" says what would be lost without them.`;
  }
  if (group.leader === null) return "The voters are choosing one; that takes about a second.";
  const needed = group.voters_needed;
  return `${counted(needed, "voter")} must have a change on disk before it counts.`;
}

/** What a person may take away: exclusive agents and leases on names are for nodes to take and give
 *  back. */
export type Held = Exclude<PlaceKind, "agent" | "names">;

/** What the kinds of places are called, and what taking one away is. */
export const PLACES = {
  lock: {
    title: "Lock",
    holder: "Held by",
    token: "Token",
    deed: "Take it away",
    none: "Nobody holds a lock. One holder at a time, on whichever node:",
    hint: "covey lock acquire NAME",
  },
  election: {
    title: "Election",
    holder: "Led by",
    token: "Term",
    deed: "Depose",
    none: "Nobody leads anything. One leads at a time, and its term fences those before:",
    hint: "covey election campaign NAME",
  },
  semaphore: {
    title: "Semaphore",
    holder: "Held by",
    token: "Token",
    deed: "Take it away",
    none: "Nobody holds a permit. As many hold one as there are:",
    hint: "covey semaphore acquire NAME PERMITS",
  },
} as const satisfies Record<Held, Record<string, string>>;

/** Who holds or waits, and where. */
export function holderWords({ session, node }: Holder, nodeName: (id: string) => string): string {
  return `${session} on ${nodeName(node)}`;
}

/** The row of a holding; who stands in line is counted in the first of a place. */
export function holdRow(
  { place, permits, line }: PlaceView,
  { holder, token }: HoldView,
  at: number,
  nodeName: (id: string) => string,
): string[] {
  return [
    place.kind === "semaphore" ? `${place.name} (${count(permits)})` : place.name,
    holderWords(holder, nodeName),
    at === 0 ? count(line.length) : "",
    count(token),
  ];
}

/** What taking a place from its holder does. */
export function revokeSentence(
  { place, line }: PlaceView,
  { holder, token }: HoldView,
  nodeName: (id: string) => string,
): string {
  const who = holderWords(holder, nodeName);
  const [next] = line;
  const loses =
    place.kind === "election"
      ? `${who} leads ${place.name} no more: term ${count(token)} is refused from then on.`
      : `${who} loses ${place.name}: token ${count(token)} is refused from then on.`;
  const follows =
    next === undefined ? "Nobody is in line." : `${holderWords(next, nodeName)} follows.`;
  return `${loses} It is not told before it asks again, and what it does unfenced goes on. ${follows}`;
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

/** Which node holds a name that consensus keeps, and how long without a word. */
export function nameRow(
  { name, node, holder, token }: HoldingView,
  places: PlaceView[],
  nodeName: (id: string) => string,
): string[] {
  const lease = places.find(({ place }) => place.kind === "names" && place.name === node);
  const [hold] = lease?.holds ?? [];
  return [
    name,
    holder === null ? nodeName(node) : `${holder} on ${nodeName(node)}`,
    hold === undefined ? "–" : span(hold.lease_ms),
    count(token),
  ];
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
  const who = holderWords(by, nodeName);
  return cause === "timed_out" ? `Timed out: ${who}` : `Broken by ${who}`;
}

/** What a recovery by force keeps and loses. */
export function recoveryEffects(
  { lost, revision, unconfirmed }: Recovery,
  nodeName: (id: string) => string,
): string[] {
  const voters = lost.map(nodeName).join(", ");
  const kept = `Kept: ${counted(revision, "change")} that this node holds`;
  return [
    unconfirmed === 0
      ? `${kept}.`
      : `${kept}; ${count(unconfirmed)} of them it does not know to be agreed on.`,
    `Lost: whatever ${voters} acknowledged while this node was not connected.`,
    `${voters} will follow the new group on returning; what only they hold stays aside on their disks.`,
  ];
}
