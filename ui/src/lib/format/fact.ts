// Each fact as an English sentence whose nouns are links.

import type {
  Backend,
  DownCause,
  EventRecord,
  Fact,
  Phase,
  PlacedFor,
  PlanPhase,
} from "$lib/ipc/bindings";

import { exitSentence, type Tone } from "./agent";
import { alertAcknowledged, alertCleared, alertMuted, alertRaised, alertUnmuted } from "./alert";
import { barrierEnded, left, omitted, taken, variableChanged } from "./change";
import { PRECEDENCES } from "./conflict";
import { ROLES } from "./node";
import {
  agentUnpaid,
  auctionCancelled,
  auctionClosed,
  auctionOpened,
  creditsIssued,
} from "./market";
import { count } from "./number";
import { sessionEnded, sessionStarted } from "./session";
import {
  agentConflicted,
  breakerTurned,
  clusterEntered,
  counterChanged,
  eventsOmitted,
  rateReset,
  variableWritten,
} from "./told";

/** A piece of a sentence. */
export type Part = string | { node: string } | { agent: string };

type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;
type Speech<K extends Fact["kind"]> = {
  group: FactGroup;
  tone: Tone;
  say: (fact: FactOf<K>, origin: string) => Part[];
};

export type FactGroup =
  | "nodes"
  | "pairing"
  | "agents"
  | "placement"
  | "agreement"
  | "market"
  | "alerts"
  | "sessions"
  | "settings"
  | "applications";

export const FACT_GROUPS = {
  agents: "Agents",
  placement: "Placement",
  nodes: "Nodes",
  pairing: "Pairing",
  agreement: "Agreement",
  alerts: "Alerts",
  applications: "Application",
  market: "Market",
  sessions: "Sessions",
  settings: "Settings",
} as const satisfies Record<FactGroup, string>;

const DOWN = {
  refused: "its process is gone",
  silent: "nothing was heard of it",
  left: "it said goodbye",
} as const satisfies Record<DownCause, string>;

/** Why a node takes an agent. */
export const PLACED = {
  unplaced: "it ran nowhere",
  node_down: "the node that ran it is down",
  restart: "it is to be restarted",
  asked: "someone asked",
  relation: "a sibling or an agent that it needs ended",
} as const satisfies Record<PlacedFor, string>;

const PLAN = {
  running: "runs",
  paused: "paused",
  aborted: "ended",
} as const satisfies Record<PlanPhase, string>;

const BACKENDS = {
  local: "on each node alone",
  replicated: "on every node",
  consensus: "by consensus",
} as const satisfies Record<Backend, string>;

const NEXT = {
  starting: ", and starts again",
  running: ", and runs again",
  migrating: "",
  arriving: "",
  backing_off: ", and starts again after a wait",
  stopping: "",
  finished: ", and is finished",
  failed: ", and has used up its restarts",
} as const satisfies Record<Phase, string>;

const SPEECH = {
  node_started: {
    group: "nodes",
    tone: "ok",
    say: ({ version }, origin) => [{ node: origin }, ` started, version ${version}`],
  },
  node_renamed: {
    group: "nodes",
    tone: "idle",
    say: (fact, origin) => [{ node: origin }, ` was renamed from ${fact.old} to ${fact.new}`],
  },
  programs_allowed: {
    group: "nodes",
    tone: "idle",
    say: ({ cluster }, origin) => [
      { node: origin },
      cluster ? " now runs programs of the whole cluster" : " now runs only its own programs",
    ],
  },
  labels_set: {
    group: "nodes",
    tone: "idle",
    say: ({ labels }, origin) => [
      { node: origin },
      labels.length === 0 ? " has no labels any more" : ` is labelled ${labels.join(", ")}`,
    ],
  },
  member_admitted: {
    group: "pairing",
    tone: "ok",
    say: ({ node, role }, origin) => [
      { node: origin },
      " admitted ",
      { node },
      ` as ${ROLES[role].word.toLowerCase()}`,
    ],
  },
  member_revoked: {
    group: "pairing",
    tone: "bad",
    say: ({ node }, origin) => [{ node: origin }, " put ", { node }, " out of the cluster"],
  },
  member_up: {
    group: "nodes",
    tone: "ok",
    say: ({ node }, origin) => [{ node: origin }, " hears ", { node }, " again"],
  },
  member_suspected: {
    group: "nodes",
    tone: "warn",
    say: ({ node }, origin) => [{ node: origin }, " has not heard ", { node }, " lately"],
  },
  member_down: {
    group: "nodes",
    tone: "bad",
    say: ({ node, cause }, origin) => [
      { node: origin },
      " holds ",
      { node },
      ` to be down: ${DOWN[cause]}`,
    ],
  },
  member_left: {
    group: "nodes",
    tone: "idle",
    say: ({ node }) => [{ node }, " left for now"],
  },
  member_sleeps: {
    group: "nodes",
    tone: "idle",
    say: ({ node }) => [{ node }, " went to sleep"],
  },
  join_asked: {
    group: "pairing",
    tone: "active",
    say: ({ name, code }, origin) => [`${name} asks `, { node: origin }, ` to join, code ${code}`],
  },
  join_refused: {
    group: "pairing",
    tone: "idle",
    say: ({ node }, origin) => [{ node: origin }, " said no to ", { node }],
  },
  invite_made: {
    group: "pairing",
    tone: "active",
    say: ({ role }, origin) => [
      { node: origin },
      ` made an invite for one ${ROLES[role].word.toLowerCase()}`,
    ],
  },
  agent_handed_over: {
    group: "placement",
    tone: "moving",
    say: ({ name, to }, origin) => [
      { node: origin },
      " handed ",
      { agent: name },
      " over to ",
      { node: to },
    ],
  },
  hand_over_failed: {
    group: "placement",
    tone: "warn",
    say: ({ name, to, reason }, origin) => [
      { node: origin },
      " keeps ",
      { agent: name },
      ", which did not go to ",
      { node: to },
      `: ${reason}`,
    ],
  },
  state_restored: {
    group: "placement",
    tone: "ok",
    say: ({ name, keeper }, origin) => [
      { node: origin },
      " goes on with ",
      { agent: name },
      " from the copy that ",
      { node: keeper },
      " kept",
    ],
  },
  state_lost: {
    group: "placement",
    tone: "bad",
    say: ({ name, keeper }, origin) => [
      { node: origin },
      " begins ",
      { agent: name },
      " afresh: the copy that ",
      { node: keeper },
      " kept cannot be reached",
    ],
  },
  node_cordoned: {
    group: "nodes",
    tone: "active",
    say: ({ node, cordoned }, origin) => [
      { node: origin },
      cordoned ? " wants no agents on " : " wants agents again on ",
      { node },
    ],
  },
  drain_asked: {
    group: "nodes",
    tone: "active",
    say: ({ node }, origin) => [{ node: origin }, " asked for ", { node }, " to be drained"],
  },
  drained: {
    group: "nodes",
    tone: "ok",
    say: ({ moved }, origin) => [{ node: origin }, ` is drained: ${moved} agents went elsewhere`],
  },
  rebalance_set: {
    group: "placement",
    tone: "active",
    say: ({ phase, moves }, origin) => [
      { node: origin },
      ` ${PLAN[phase]} a plan of ${moves} moves`,
    ],
  },
  agent_wanted: {
    group: "agents",
    tone: "active",
    say: ({ name }, origin) => [{ node: origin }, " asked for ", { agent: name }, " to run"],
  },
  agent_unwanted: {
    group: "agents",
    tone: "idle",
    say: ({ name }, origin) => [{ node: origin }, " asked for ", { agent: name }, " to stop"],
  },
  agent_restart_asked: {
    group: "agents",
    tone: "active",
    say: ({ name }, origin) => [{ node: origin }, " asked to restart ", { agent: name }],
  },
  agent_move_asked: {
    group: "placement",
    tone: "active",
    say: ({ name, to }, origin) => [
      { node: origin },
      " asked to move ",
      { agent: name },
      " to ",
      { node: to },
    ],
  },
  agent_removed: {
    group: "agents",
    tone: "idle",
    say: ({ name }, origin) => [{ node: origin }, " removed ", { agent: name }],
  },
  agent_placed: {
    group: "placement",
    tone: "moving",
    say: ({ name, reason }, origin) => [
      { node: origin },
      " took ",
      { agent: name },
      `: ${PLACED[reason]}`,
    ],
  },
  agent_started: {
    group: "agents",
    tone: "ok",
    say: ({ name }, origin) => [{ agent: name }, " runs on ", { node: origin }],
  },
  agent_exited: {
    group: "agents",
    tone: "warn",
    say: ({ name, reason, next }, origin) => [
      { agent: name },
      " ended on ",
      { node: origin },
      `: ${exitSentence(reason)}${NEXT[next]}`,
    ],
  },
  claim_lost: {
    group: "placement",
    tone: "warn",
    say: ({ name, winner, why }, origin) => [
      { node: origin },
      " stopped its copy of ",
      { agent: name },
      ": the claim of ",
      { node: winner },
      ` won: ${PRECEDENCES[why]}`,
    ],
  },
  namespace_set: {
    group: "placement",
    tone: "idle",
    say: ({ namespace, backend }, origin) => [
      { node: origin },
      ` has the names of ${namespace} kept ${BACKENDS[backend]}`,
    ],
  },
  namespace_cleaned: {
    group: "placement",
    tone: "warn",
    say: ({ namespace }, origin) => [
      { node: origin },
      ` had every name and agent of ${namespace} go`,
    ],
  },
  setting_changed: {
    group: "settings",
    tone: "active",
    say: ({ key, layer, node, old, new: fresh }, origin) => [
      { node: origin },
      fresh === null ? ` unset ${key}` : ` set ${key} to ${fresh}`,
      ...(layer === "runtime"
        ? [" here until it stops"]
        : node === null
          ? [" for all nodes"]
          : [" for ", { node }]),
      old === null ? "" : ` (was ${old})`,
    ],
  },
  settings_queued: {
    group: "settings",
    tone: "moving",
    say: ({ change }, origin) => [
      { node: origin },
      ` holds a change until a majority is there: ${change}`,
    ],
  },
  settings_dropped: {
    group: "settings",
    tone: "warn",
    say: ({ change, reason }, origin) => [
      { node: origin },
      ` did not make a change: ${change}; ${reason}`,
    ],
  },
  store_set_aside: {
    group: "nodes",
    tone: "warn",
    say: ({ aside }, origin) => [
      { node: origin },
      ` set a damaged store aside as ${aside}; the other nodes fill it again`,
    ],
  },
  events_lost: {
    group: "nodes",
    tone: "bad",
    say: ({ from, to }, origin) => [
      { node: origin },
      ` lost its disk, and those of its events from ${count(from)} to ${count(to)} that were on it alone`,
    ],
  },
  group_recovered: {
    group: "nodes",
    tone: "warn",
    say: ({ revision }, origin) => [
      { node: origin },
      ` recovered the group by force, with the ${count(revision)} changes it held`,
    ],
  },
  place_taken: { group: "agreement", tone: "active", say: taken },
  place_left: { group: "agreement", tone: "idle", say: left },
  barrier_ended: { group: "agreement", tone: "idle", say: barrierEnded },
  counter_made: {
    group: "agreement",
    tone: "idle",
    say: ({ counter }) => [`The counter ${counter} is there`],
  },
  counter_removed: {
    group: "agreement",
    tone: "idle",
    say: ({ counter, value }) => [`The counter ${counter} was removed at ${value}`],
  },
  variable_changed: { group: "agreement", tone: "active", say: variableChanged },
  question_settled: {
    group: "agreement",
    tone: "active",
    say: ({ question, answer }) => [`${question} is settled to ${answer}`],
  },
  question_reopened: {
    group: "agreement",
    tone: "warn",
    say: ({ question, answer }) => [`${question} may be settled anew (was ${answer})`],
  },
  changes_omitted: { group: "agreement", tone: "warn", say: omitted },
  clock_ahead: {
    group: "nodes",
    tone: "warn",
    say: ({ node }, origin) => [{ node: origin }, " saw that the clock of ", { node }, " is ahead"],
  },
  breaker_turned: { group: "agents", tone: "warn", say: breakerTurned },
  rate_reset: { group: "settings", tone: "idle", say: rateReset },
  counter_changed: { group: "applications", tone: "idle", say: counterChanged },
  variable_written: { group: "applications", tone: "idle", say: variableWritten },
  events_omitted: { group: "nodes", tone: "warn", say: eventsOmitted },
  cluster_entered: { group: "pairing", tone: "ok", say: clusterEntered },
  credits_issued: { group: "market", tone: "active", say: creditsIssued },
  agent_unpaid: { group: "market", tone: "warn", say: agentUnpaid },
  auction_opened: { group: "market", tone: "active", say: auctionOpened },
  auction_closed: { group: "market", tone: "ok", say: auctionClosed },
  auction_cancelled: { group: "market", tone: "idle", say: auctionCancelled },
  session_started: { group: "sessions", tone: "active", say: sessionStarted },
  session_ended: { group: "sessions", tone: "ok", say: sessionEnded },
  agent_conflicted: { group: "pairing", tone: "warn", say: agentConflicted },
  alert_raised: { group: "alerts", tone: "bad", say: alertRaised },
  alert_cleared: { group: "alerts", tone: "ok", say: alertCleared },
  alert_muted: { group: "alerts", tone: "idle", say: alertMuted },
  alert_unmuted: { group: "alerts", tone: "idle", say: alertUnmuted },
  alert_acknowledged: { group: "alerts", tone: "active", say: alertAcknowledged },
  reported: {
    group: "applications",
    tone: "idle",
    say: ({ type, body }) => [`${type}${brief(body)}`],
  },
} as const satisfies { [K in Fact["kind"]]: Speech<K> };

/** The most of a body that stands in a sentence. */
const BRIEF = 160;

function brief(body: Record<string, unknown>): string {
  const text = JSON.stringify(body);
  if (text === "{}") return "";
  return text.length > BRIEF ? `  ${text.slice(0, BRIEF)}…` : `  ${text}`;
}

/** A kind that this panel does not know, because the node is newer: its name and its fields. */
const PLAIN: Speech<Fact["kind"]> = {
  group: "nodes",
  tone: "idle",
  say: ({ kind, ...fields }, origin) => [{ node: origin }, `: ${kindWord(kind)}${brief(fields)}`],
};

function speech(kind: Fact["kind"]): Speech<Fact["kind"]> {
  return Object.hasOwn(SPEECH, kind) ? (SPEECH[kind] as Speech<Fact["kind"]>) : PLAIN;
}

export const FACT_KINDS = Object.keys(SPEECH) as Fact["kind"][];

/** `agent_move_asked` → `agent move asked`. */
export function kindWord(kind: Fact["kind"]): string {
  return kind.replaceAll("_", " ");
}

/** What events are sorted by: the type that an application gave, or the kind that Covey saw. */
export function factKey(fact: Fact): string {
  return fact.kind === "reported" ? fact.type : fact.kind;
}

/** What an event belongs to: as an application said, or the primitive that changed. */
export function correlationOf(fact: Fact): string | undefined {
  switch (fact.kind) {
    case "reported":
      return fact.correlation;
    case "place_taken":
    case "place_left":
      return fact.place.name;
    case "barrier_ended":
      return fact.barrier;
    case "counter_made":
    case "counter_removed":
      return fact.counter;
    case "variable_changed":
      return fact.variable;
    case "question_settled":
    case "question_reopened":
      return fact.question;
    case "session_started":
    case "session_ended":
      return `session/${fact.session}`;
    case "changes_omitted":
      return fact.name ?? undefined;
    case "auction_opened":
    case "auction_closed":
    case "auction_cancelled":
      return `auction/${fact.auction}`;
    case "agent_unpaid":
      return fact.name;
    case "credits_issued":
      return "ledger";
    default:
      return undefined;
  }
}

/** Whether every node knows of it by itself, as the cluster agreed on it. */
export function isAgreed(fact: Fact): boolean {
  const group = factGroup(fact.kind);
  return group === "agreement" || group === "market" || group === "sessions";
}

/** Whose event it is. */
export function seenBy({ origin, fact }: EventRecord, nodeName: (id: string) => string): string {
  return isAgreed(fact) ? "All nodes" : nodeName(origin);
}

/** What an event is called: the type that an application gave it, or the kind that Covey saw. */
export function factWord(fact: Fact): string {
  return fact.kind === "reported" ? fact.type : kindWord(fact.kind);
}

export function sentence(event: EventRecord): Part[] {
  return speech(event.fact.kind).say(event.fact, event.origin);
}

export function factGroup(kind: Fact["kind"]): FactGroup {
  return speech(kind).group;
}

/** How serious it is; the end of an agent depends on why. */
export function factTone(fact: Fact): Tone {
  if (fact.kind === "agent_exited") {
    if (fact.next === "failed") return "bad";
    if (fact.reason.kind === "stopped") return "idle";
    if (fact.reason.kind === "exited" && fact.reason.code === 0) return "idle";
  }
  return speech(fact.kind).tone;
}

/** The nodes and agents that an event speaks of. */
export function mentions(event: EventRecord): { nodes: string[]; agents: string[] } {
  const parts = sentence(event).filter((part) => typeof part !== "string");
  return {
    nodes: [
      ...(isAgreed(event.fact) ? [] : [event.origin]),
      ...parts.flatMap((part) => ("node" in part && part.node !== event.origin ? [part.node] : [])),
    ],
    agents: parts.flatMap((part) => ("agent" in part ? [part.agent] : [])),
  };
}
