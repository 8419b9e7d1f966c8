// The types of the control interface, as covey-logic and covey-node serialise them.

export type Role = "observer" | "worker" | "operator" | "admin";

export type StatusView = {
  node: string;
  name: string;
  cluster: string;
  cluster_name: string;
  role: Role;
  version: string;
  nodes_alive: number;
  nodes_known: number;
  agents_running: number;
  agents_known: number;
  converged: number;
  messages_per_s: number;
  writable: boolean;
  problems: ProblemView[];
};

export type ProblemView =
  | { kind: "read_only"; reason: string }
  | { kind: "node_down"; node: string; name: string; since: number }
  | { kind: "clock_ahead"; node: string; name: string }
  | { kind: "agent_failed"; name: string; node: string }
  | { kind: "agent_unplaced"; name: string }
  | { kind: "one_admin" };

export type NodeView = {
  id: string;
  name: string;
  this: boolean;
  role: Role;
  state: NodeState;
  since: number;
  version: string;
  os: string;
  arch: string;
  cpus: number;
  memory_mib: number;
  cpu_percent: number;
  used_mib: number;
  messages_per_s: number;
  agents: number;
  labels: { [key in string]?: string };
  programs: Programs;
  addresses: string[];
  started: number | null;
  link: LinkView | null;
};

export type NodeState = "alive" | "suspect" | "down" | "left" | "unseen";

export type LinkView = { rtt_us: number; silence_ms: number; converged: boolean };

export type AgentView = {
  id: string;
  runtime: Runtime;
  capabilities: string[];
  restart: RestartRule;
  wanted: boolean;
  phase: Phase | null;
  since: number | null;
  node: string | null;
  pin: string | null;
  owner: string;
  restarts: number;
  last_exit: Exit | null;
};

export type CandidateView = {
  node: string;
  name: string;
  score: number | null;
  excluded: string[];
  holds: boolean;
};

export type AgentSpec = {
  name: string;
  runtime: Runtime;
  capabilities: string[];
  restart: RestartRule;
  placement: Placement;
  limits: Limits;
};

export type Runtime =
  | { kind: "builtin"; agent: Builtin }
  | {
      kind: "process";
      command: string[];
      env: { [key in string]?: string };
      files: SpecFile[];
    };

export type Builtin = "echo" | "counter" | "ticker";

export type SpecFile = { path: string; contents: string; executable: boolean };

export type RestartRule = {
  policy: RestartPolicy;
  max_restarts: number;
  window_ms: number;
  backoff_ms: number;
};

export type RestartPolicy = "permanent" | "transient" | "temporary";

export type Placement = { os: string[]; arch: string[]; labels: { [key in string]?: string } };

export type Limits = { memory_mib: number; handle_ms: number; mailbox: number };

export type Phase = "starting" | "running" | "backing_off" | "stopping" | "finished" | "failed";

export type Exit = { reason: ExitReason; tail: string[] };

export type ExitReason =
  | { kind: "stopped" }
  | { kind: "exited"; code: number }
  | { kind: "killed"; signal: number }
  | { kind: "not_started"; error: string }
  | { kind: "over_memory"; used_mib: number; limit_mib: number }
  | { kind: "over_time"; limit_ms: number }
  | { kind: "garbled"; line: string };

export type Programs = "own" | "cluster";

export type PairingView = {
  nearby: NearbyView[];
  requests: RequestView[];
  ask: AskView | null;
  invites: InviteView[];
};

export type FoundBy = "mdns" | "address" | "address_book" | "same_machine" | "knocked";

export type NearbyView = {
  node: string;
  name: string;
  cluster: string;
  cluster_name: string;
  members: number;
  version: string;
  os: string;
  by: FoundBy;
  seen: number;
};

export type RequestView = {
  node: string;
  name: string;
  os: string;
  digits: string;
  words: string[];
  expires: number;
};

export type AskView = {
  node: string;
  name: string;
  cluster_name: string;
  digits: string | null;
  words: string[];
  phase: AskPhase;
};

export type AskPhase =
  | { kind: "asking" }
  | { kind: "waiting" }
  | { kind: "refused"; reason: Refusal }
  | { kind: "unreachable" };

export type Refusal =
  | "refused"
  | "expired"
  | "bad_reveal"
  | "bad_proof"
  | "bad_certificate"
  | "revoked"
  | "busy"
  | "cannot_admit"
  | "no_request"
  | "version";

export type InviteView = { id: string; role: Role; expires: number };

export type TrafficView = { id: string; sent_per_s: number; received_per_s: number };

export type EventRecord = {
  origin: string;
  seq: number;
  stamp: { wall: number; counter: number; node: string };
  actor: string | null;
  fact: Fact;
};

export type DownCause = "refused" | "silent" | "left";

export type PlacedFor = "unplaced" | "node_down" | "restart" | "asked";

export type Fact =
  | { kind: "node_started"; version: string }
  | { kind: "node_renamed"; old: string; new: string }
  | { kind: "programs_allowed"; cluster: boolean }
  | { kind: "labels_set"; labels: string[] }
  | { kind: "member_admitted"; node: string; name: string; role: Role }
  | { kind: "member_revoked"; node: string }
  | { kind: "member_up"; node: string }
  | { kind: "member_suspected"; node: string }
  | { kind: "member_down"; node: string; cause: DownCause }
  | { kind: "member_left"; node: string }
  | { kind: "join_asked"; node: string; name: string; code: string }
  | { kind: "join_refused"; node: string }
  | { kind: "invite_made"; role: Role }
  | { kind: "agent_wanted"; name: string }
  | { kind: "agent_unwanted"; name: string }
  | { kind: "agent_restart_asked"; name: string }
  | { kind: "agent_move_asked"; name: string; to: string }
  | { kind: "agent_removed"; name: string }
  | { kind: "agent_placed"; name: string; reason: PlacedFor }
  | { kind: "agent_started"; name: string }
  | { kind: "agent_exited"; name: string; reason: ExitReason; next: Phase }
  | { kind: "claim_lost"; name: string; winner: string }
  | { kind: "clock_ahead"; node: string };
