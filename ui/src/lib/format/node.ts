// Nodes and members in words.

import type {
  AskPhase,
  DiskState,
  FoundBy,
  NodeState,
  NodeView,
  Refusal,
  Role,
  SchedulingView,
} from "$lib/ipc/bindings";

import type { Tone } from "./agent";

export const NODE_STATES = {
  alive: { word: "Up", tone: "ok" },
  suspect: { word: "Suspect", tone: "warn" },
  down: { word: "Down", tone: "bad" },
  left: { word: "Left", tone: "idle" },
  sleeping: { word: "Sleeping", tone: "idle" },
  waking: { word: "Waking", tone: "moving" },
  unseen: { word: "Not seen", tone: "idle" },
} as const satisfies Record<NodeState, { word: string; tone: Tone }>;

/** How the disk of a node is: in a word, as a sentence, and what to do. */
export const DISK_STATES = {
  sound: { word: "Sound", tone: "ok", what: "the disk is sound", now: "" },
  filling: {
    word: "Refilling",
    tone: "moving",
    what: "a damaged store is filled again",
    now: "The other nodes do that: it takes a minute or so.",
  },
  full: {
    word: "Disk full",
    tone: "bad",
    what: "the disk is full",
    now: "Nothing is changed there meanwhile. Make room on it: Covey goes on by itself.",
  },
  read_only: {
    word: "Read-only",
    tone: "bad",
    what: "the disk can only be read",
    now: "Nothing is changed there meanwhile. Mount it to be written: Covey goes on by itself.",
  },
  fails: {
    word: "Disk fails",
    tone: "bad",
    what: "the disk fails",
    now: "Nothing is changed there meanwhile. Its own panel says what fails.",
  },
  damaged: {
    word: "Damaged",
    tone: "bad",
    what: "a store on the disk is damaged",
    now: "Its own panel says what is damaged, and what to do.",
  },
} as const satisfies Record<DiskState, { word: string; tone: Tone; what: string; now: string }>;

/** Whether a node takes agents, for one that does not; a drain comes before what it stems from. */
export function schedulingWords({ leaving, drain }: SchedulingView): { word: string; tone: Tone } {
  if (drain !== null) {
    return drain.left > 0
      ? { word: "Draining", tone: "moving" }
      : { word: "Drained", tone: "idle" };
  }
  return leaving ? { word: "Leaving", tone: "moving" } : { word: "Cordoned", tone: "idle" };
}

/** What a person wants to know first of a node: that it is not up, or else what is wrong with its disk,
 * or that it takes no agents. */
export function nodeStanding(node: Pick<NodeView, "state" | "disk" | "scheduling">): {
  word: string;
  tone: Tone;
} {
  if (isHeard(node.state) && node.disk !== "sound") {
    const { word, tone } = DISK_STATES[node.disk];
    return { word, tone };
  }
  return node.state === "alive" && node.scheduling !== undefined
    ? schedulingWords(node.scheduling)
    : NODE_STATES[node.state];
}

/** Whether a node has the same picture as the one that reports; nothing to say of one not connected. */
export function pictureWords(
  node: Pick<NodeView, "this" | "link">,
): { word: string; tone: Tone } | null {
  if (node.this || node.link === null) return null;
  return node.link.converged
    ? { word: "The same", tone: "ok" }
    : { word: "Catching up", tone: "moving" };
}

/** Whether what a node says of itself is current. */
export function isHeard(state: NodeState): boolean {
  return state === "alive" || state === "suspect" || state === "waking";
}

export const ROLES = {
  admin: { word: "Admin", can: "Everything, and lets others in or puts them out." },
  operator: { word: "Operator", can: "Starts, stops and moves agents; hosts them." },
  worker: { word: "Worker", can: "Hosts agents and calls them; changes nothing." },
  observer: { word: "Observer", can: "Sees everything, changes and hosts nothing." },
} as const satisfies Record<Role, { word: string; can: string }>;

export const ROLE_ORDER = ["admin", "operator", "worker", "observer"] as const satisfies Role[];

export const FOUND_BY = {
  mdns: "on this network",
  address: "by address",
  address_book: "known from before",
  same_machine: "on this computer",
  knocked: "it knocked here",
  dns: "by DNS",
  referred: "a member of its cluster told of it",
} as const satisfies Record<FoundBy, string>;

export const REFUSALS = {
  refused: "Someone there said no.",
  expired: "Nobody there answered within two minutes. Ask again when someone is at the screen.",
  bad_reveal: "The other side did not keep to the pairing rules. Do not pair over this network.",
  bad_proof: "The invite is not valid there: it was used, revoked, or it ran out.",
  bad_certificate: "The membership that came back does not hold. Ask again.",
  revoked: "This computer was put out of that cluster.",
  busy: "Too many requests are open there. Try again in a minute.",
  cannot_admit: "That computer may not let others in. Ask one whose role is admin.",
  no_request: "The request is gone. Ask again.",
  version: "The two versions of Covey do not understand each other. Update the older one.",
} as const satisfies Record<Refusal, string>;

export const ASK_PHASES = {
  asking: "Reaching it",
  waiting: "Waiting for an answer there",
  refused: "Not admitted",
  unreachable: "It does not answer",
} as const satisfies Record<AskPhase["kind"], string>;

export const OS_WORDS: Record<string, string> = {
  linux: "Linux",
  macos: "macOS",
  windows: "Windows",
};

export function osWord(os: string): string {
  return OS_WORDS[os] ?? os;
}

/** How often a role may do what `needs` may. */
export function mayDo(role: Role | undefined, needs: Role): boolean {
  if (role === undefined) return false;
  return ROLE_ORDER.indexOf(role) <= ROLE_ORDER.indexOf(needs);
}
