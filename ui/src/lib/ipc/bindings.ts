// Generated from the list of commands in node-core/src/control. Do not edit; run
// cargo run -p covey-node --bin covey -- bindings > ui/src/lib/ipc/bindings.ts

export type LogStream = "stderr" | "log" | "host";

export type LogLine = { seq: number; at: number; stream: LogStream; text: string };

export type EventQuery = {
  kinds?: string[];
  origin?: string;
  name?: string;
  text?: string;
  since?: number;
  until?: number;
  before?: string;
  limit?: number;
};

export type EventPage = { events: EventRecord[]; next: string | null };

export type Tier = "t0" | "t1" | "t2" | "t3";

export type CommandEntry = {
  name: string;
  role: Role;
  tier: Tier;
  title: string;
  help: string;
  keywords: readonly string[];
};

/** What must be given of a specification: the node fills in the rest. */
export type SpecDraft = Pick<AgentSpec, "name" | "runtime"> & Partial<AgentSpec>;

/** No parameters. */
export type Nothing = Record<string, never>;

/** Each command: its arguments and its reply. */
export type Commands = {
  "agent.start": {
    args: { spec: SpecDraft; pin?: string; replace?: boolean };
    reply: null;
  };
  "agent.stop": { args: { name: string }; reply: null };
  "agent.restart": { args: { name: string }; reply: null };
  "agent.remove": { args: { name: string }; reply: null };
  "agent.move": { args: { name: string; to: string | null }; reply: null };
  "agent.call": {
    args: { name: string; method: string; params: unknown; timeout_ms?: number };
    reply: { value: unknown; node: string; took_us: number };
  };
  "agent.logs": { args: { name: string; lines?: number }; reply: { lines: LogLine[] } };
  "agent.explain": { args: { name: string }; reply: { candidates: CandidateView[] } };
  "pairing.ask": { args: { node: string }; reply: null };
  "pairing.withdraw": { args: Nothing; reply: null };
  "pairing.accept": { args: { node: string; role: Role }; reply: null };
  "pairing.refuse": { args: { node: string }; reply: null };
  "lobby.dial": { args: { address: string }; reply: { node: string } };
  "invite.create": {
    args: { role: Role; ttl_ms?: number };
    reply: { link: string; id: string; expires: number };
  };
  "invite.revoke": { args: { id: string }; reply: null };
  "cluster.join": { args: { link: string }; reply: null };
  "member.revoke": { args: { node: string }; reply: null };
  "node.rename": { args: { name: string }; reply: null };
  "node.label": { args: { labels: Record<string, string> }; reply: null };
  "node.programs": { args: { programs: Programs }; reply: null };
  "event.query": {
    args: EventQuery;
    reply: EventPage;
  };
};


/** Each topic: its parameters and its rows, which all have an `id`. */
export type Topics = {
  status: { params: Nothing; row: StatusView & { id: string } };
  nodes: { params: Nothing; row: NodeView & { id: string } };
  agents: { params: Nothing; row: AgentView & { id: string } };
  pairing: { params: Nothing; row: PairingView & { id: string } };
  traffic: { params: Nothing; row: TrafficView & { id: string } };
  events: { params: Nothing; row: EventRecord & { id: string } };
  logs: { params: { name: string }; row: LogLine & { id: string } };
};


/** Every command, in the order in which people should meet them. */
export const COMMANDS = [
  {
    "name": "agent.start",
    "role": "operator",
    "tier": "t0",
    "title": "Start an agent",
    "help": "Run a program, or one of the agents that come with Covey.",
    "keywords": [
      "run",
      "create",
      "new",
      "deploy"
    ]
  },
  {
    "name": "agent.stop",
    "role": "operator",
    "tier": "t1",
    "title": "Stop an agent",
    "help": "Stop an agent and keep its specification.",
    "keywords": [
      "halt",
      "end",
      "pause"
    ]
  },
  {
    "name": "agent.restart",
    "role": "operator",
    "tier": "t1",
    "title": "Restart an agent",
    "help": "Start an agent afresh, or one that stopped or failed.",
    "keywords": [
      "again",
      "reset",
      "resume"
    ]
  },
  {
    "name": "agent.move",
    "role": "operator",
    "tier": "t1",
    "title": "Move an agent",
    "help": "Run an agent on one node, or again wherever it may.",
    "keywords": [
      "migrate",
      "place",
      "pin",
      "relocate"
    ]
  },
  {
    "name": "agent.remove",
    "role": "operator",
    "tier": "t1",
    "title": "Remove an agent",
    "help": "Stop an agent and forget its specification.",
    "keywords": [
      "delete",
      "retire",
      "rm"
    ]
  },
  {
    "name": "agent.call",
    "role": "worker",
    "tier": "t0",
    "title": "Call an agent",
    "help": "Send an agent a message and wait for its answer.",
    "keywords": [
      "message",
      "send",
      "request",
      "test"
    ]
  },
  {
    "name": "agent.logs",
    "role": "observer",
    "tier": "t0",
    "title": "Read an agent's log",
    "help": "The newest lines that an agent wrote.",
    "keywords": [
      "output",
      "stderr"
    ]
  },
  {
    "name": "agent.explain",
    "role": "observer",
    "tier": "t0",
    "title": "Explain a placement",
    "help": "Why an agent is where it is: every node as a place for it.",
    "keywords": [
      "why",
      "candidates",
      "score"
    ]
  },
  {
    "name": "agents.list",
    "role": "observer",
    "tier": "t0",
    "title": "List agents",
    "help": "Every agent of the cluster.",
    "keywords": [
      "ls",
      "show"
    ]
  },
  {
    "name": "nodes.list",
    "role": "observer",
    "tier": "t0",
    "title": "List nodes",
    "help": "Every member of the cluster, as this node sees it.",
    "keywords": [
      "ls",
      "show",
      "members"
    ]
  },
  {
    "name": "status.get",
    "role": "observer",
    "tier": "t0",
    "title": "Show the status",
    "help": "This node and its cluster in short.",
    "keywords": [
      "overview",
      "health",
      "problems"
    ]
  },
  {
    "name": "pairing.get",
    "role": "observer",
    "tier": "t0",
    "title": "Show pairing",
    "help": "Nodes nearby, requests to join, and invites.",
    "keywords": [
      "nearby",
      "requests",
      "invites"
    ]
  },
  {
    "name": "pairing.ask",
    "role": "observer",
    "tier": "t0",
    "title": "Ask to join",
    "help": "Ask a node nearby to be let into its cluster.",
    "keywords": [
      "join",
      "pair",
      "connect"
    ]
  },
  {
    "name": "pairing.withdraw",
    "role": "observer",
    "tier": "t0",
    "title": "Withdraw the request to join",
    "help": "No longer ask to be let in.",
    "keywords": [
      "cancel"
    ]
  },
  {
    "name": "pairing.accept",
    "role": "admin",
    "tier": "t0",
    "title": "Accept a node",
    "help": "Let a node that asked into the cluster, as an operator if nothing else is said.",
    "keywords": [
      "admit",
      "pair",
      "allow"
    ]
  },
  {
    "name": "pairing.refuse",
    "role": "admin",
    "tier": "t0",
    "title": "Refuse a node",
    "help": "Say no to a node that asked to join.",
    "keywords": [
      "deny",
      "ignore",
      "reject"
    ]
  },
  {
    "name": "lobby.dial",
    "role": "observer",
    "tier": "t0",
    "title": "Find a node by its address",
    "help": "Say hello to whoever listens at an address.",
    "keywords": [
      "connect",
      "ip",
      "address"
    ]
  },
  {
    "name": "invite.create",
    "role": "admin",
    "tier": "t0",
    "title": "Make an invite",
    "help": "A link that admits one node, once, for a short while.",
    "keywords": [
      "link",
      "share"
    ]
  },
  {
    "name": "invite.revoke",
    "role": "admin",
    "tier": "t0",
    "title": "Take an invite back",
    "help": "No longer honour an invite.",
    "keywords": [
      "cancel",
      "link"
    ]
  },
  {
    "name": "cluster.join",
    "role": "observer",
    "tier": "t1",
    "title": "Join with an invite",
    "help": "Enter the cluster that an invite link is for.",
    "keywords": [
      "link",
      "paste",
      "pair"
    ]
  },
  {
    "name": "member.revoke",
    "role": "admin",
    "tier": "t2",
    "title": "Put a node out",
    "help": "Put a node out of the cluster for good.",
    "keywords": [
      "evict",
      "ban",
      "kick",
      "remove"
    ]
  },
  {
    "name": "node.rename",
    "role": "observer",
    "tier": "t0",
    "title": "Rename this node",
    "help": "Give this node another name.",
    "keywords": [
      "name"
    ]
  },
  {
    "name": "node.label",
    "role": "observer",
    "tier": "t0",
    "title": "Label this node",
    "help": "Replace the labels that agents can ask for.",
    "keywords": [
      "tag",
      "constraint"
    ]
  },
  {
    "name": "node.programs",
    "role": "observer",
    "tier": "t1",
    "title": "Choose whose programs run here",
    "help": "Run only programs that this node's own user started, or those of the cluster's operators too.",
    "keywords": [
      "allow",
      "trust",
      "permission"
    ]
  },
  {
    "name": "node.stop",
    "role": "observer",
    "tier": "t1",
    "title": "Stop this node",
    "help": "Say goodbye to the others and end; its agents move.",
    "keywords": [
      "quit",
      "shutdown",
      "exit"
    ]
  },
  {
    "name": "name.register",
    "role": "worker",
    "tier": "t0",
    "title": "Register names",
    "help": "Claim names for this node.",
    "keywords": [
      "claim"
    ]
  },
  {
    "name": "name.deregister",
    "role": "worker",
    "tier": "t0",
    "title": "Give names up",
    "help": "Give up names that this node holds.",
    "keywords": [
      "release",
      "unregister"
    ]
  },
  {
    "name": "name.lookup",
    "role": "observer",
    "tier": "t0",
    "title": "Look a name up",
    "help": "Which node holds a name.",
    "keywords": [
      "find",
      "resolve",
      "whereis"
    ]
  },
  {
    "name": "event.query",
    "role": "observer",
    "tier": "t0",
    "title": "Search events",
    "help": "What happened in the cluster, newest first.",
    "keywords": [
      "history",
      "audit",
      "log"
    ]
  }
] as const satisfies readonly CommandEntry[];
