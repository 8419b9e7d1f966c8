// The commands and topics of the control interface: what goes in and what comes out.

import type {
  AgentSpec,
  AgentView,
  CandidateView,
  EventRecord,
  NodeView,
  PairingView,
  Programs,
  Role,
  StatusView,
  TrafficView,
} from "./bindings";

/** What may be given for a specification: the node fills in the defaults. */
export type SpecDraft = Pick<AgentSpec, "name" | "runtime"> & Partial<AgentSpec>;

export type LogLine = { seq: number; at: number; stream: string; text: string };

export type EventFilter = {
  kinds?: string[];
  origin?: string;
  name?: string;
  text?: string;
  since?: number;
  until?: number;
  /** As the page before gave it. */
  before?: string;
  limit?: number;
};

type Nothing = Record<string, never>;

/** Each command: its arguments and its answer. */
export type Commands = {
  "agent.start": {
    args: { spec: SpecDraft; pin?: string; replace?: boolean };
    answer: unknown;
  };
  "agent.stop": { args: { name: string }; answer: unknown };
  "agent.restart": { args: { name: string }; answer: unknown };
  "agent.remove": { args: { name: string }; answer: unknown };
  "agent.move": { args: { name: string; to: string | null }; answer: unknown };
  "agent.call": {
    args: { name: string; method: string; params: unknown; timeout_ms?: number };
    answer: { value: unknown; node: string; took_us: number };
  };
  "agent.logs": { args: { name: string; lines?: number }; answer: { lines: LogLine[] } };
  "agent.explain": { args: { name: string }; answer: { candidates: CandidateView[] } };
  "pairing.ask": { args: { node: string }; answer: unknown };
  "pairing.withdraw": { args: Nothing; answer: unknown };
  "pairing.accept": { args: { node: string; role: Role }; answer: unknown };
  "pairing.refuse": { args: { node: string }; answer: unknown };
  "lobby.dial": { args: { address: string }; answer: { node: string } };
  "invite.create": {
    args: { role: Role; ttl_ms?: number };
    answer: { link: string; id: string; expires: number };
  };
  "invite.revoke": { args: { id: string }; answer: unknown };
  "cluster.join": { args: { link: string }; answer: unknown };
  "member.revoke": { args: { node: string }; answer: unknown };
  "node.rename": { args: { name: string }; answer: unknown };
  "node.label": { args: { labels: Record<string, string> }; answer: unknown };
  "node.programs": { args: { programs: Programs }; answer: unknown };
  "event.query": {
    args: EventFilter;
    answer: { events: EventRecord[]; next: string | null };
  };
};

export type CommandName = keyof Commands;

/** Each topic: what it is asked with, and the rows it gives. */
export type Topics = {
  status: { params: Nothing; row: StatusView };
  nodes: { params: Nothing; row: NodeView };
  agents: { params: Nothing; row: AgentView };
  pairing: { params: Nothing; row: PairingView };
  traffic: { params: Nothing; row: TrafficView };
  events: { params: Nothing; row: EventRecord };
  logs: { params: { name: string }; row: LogLine };
};

export type TopicName = keyof Topics;

/** One push of a subscription: everything, or what changed since the push before it. */
export type Frame<Row = unknown> = {
  seq: number;
  at: number;
  kind: "snapshot" | "patch";
  rows: Row[];
  removed: string[];
};
