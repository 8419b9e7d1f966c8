// Agents in words: what runs them, how they are, how they ended.

import type {
  AgentView,
  ExitReason,
  Phase,
  RestartPolicy,
  RestartRule,
  Runtime,
} from "$lib/ipc/bindings";

import { memory } from "./number";
import { span } from "./time";

export type Tone = "ok" | "active" | "warn" | "bad" | "moving" | "idle";

/** What a person wants to know first of an agent; `phase` alone does not say that it is not wanted. */
export type Standing = Phase | "stopped" | "unplaced";

export function standing(agent: Pick<AgentView, "phase" | "wanted">): Standing {
  if (agent.phase !== null && (agent.wanted || agent.phase === "stopping")) return agent.phase;
  return agent.wanted ? "unplaced" : "stopped";
}

export const STANDINGS = {
  running: { word: "Running", tone: "ok" },
  starting: { word: "Starting", tone: "moving" },
  migrating: { word: "Moving", tone: "moving" },
  arriving: { word: "Arriving", tone: "moving" },
  backing_off: { word: "Backing off", tone: "warn" },
  stopping: { word: "Stopping", tone: "moving" },
  finished: { word: "Finished", tone: "idle" },
  failed: { word: "Failed", tone: "bad" },
  stopped: { word: "Stopped", tone: "idle" },
  unplaced: { word: "Unplaced", tone: "warn" },
} as const satisfies Record<Standing, { word: string; tone: Tone }>;

export function runtimeWord(runtime: Runtime): string {
  return runtime.kind === "builtin" ? runtime.agent : programName(runtime.command);
}

/** `python3 agent.py` → `agent.py`: what tells two programs apart. */
function programName(command: readonly string[]): string {
  const script = command.slice(1).find((part) => !part.startsWith("-"));
  return (script ?? command[0] ?? "program").split("/").at(-1) ?? "program";
}

const EXITS = {
  stopped: () => "it was told to stop",
  exited: ({ code }) => (code === 0 ? "it ended by itself" : `it exited with code ${code}`),
  killed: ({ signal }) => `${SIGNALS[signal] ?? `signal ${signal}`} ended it`,
  not_started: ({ error }) => `it could not be started: ${error}`,
  over_memory: ({ used_mib, limit_mib }) =>
    `it used ${memory(used_mib)} of memory, more than its ${memory(limit_mib)}`,
  over_time: ({ limit_ms }) => `a message took longer than its ${span(limit_ms)}`,
  garbled: ({ line }) => `it wrote a line that is no JSON-RPC message: ${line}`,
} satisfies { [K in ExitReason["kind"]]: (reason: Extract<ExitReason, { kind: K }>) => string };

const SIGNALS: Record<number, string> = {
  2: "SIGINT",
  6: "SIGABRT",
  9: "SIGKILL",
  11: "SIGSEGV",
  15: "SIGTERM",
};

export function exitSentence(reason: ExitReason): string {
  return (EXITS[reason.kind] as (reason: ExitReason) => string)(reason);
}

export const POLICIES = {
  permanent: "always",
  transient: "after a failure",
  temporary: "never",
} as const satisfies Record<RestartPolicy, string>;

export function restartSentence(rule: RestartRule): string {
  if (rule.policy === "temporary") return "Never restarted";
  const times = `at most ${rule.max_restarts} times in ${span(rule.window_ms)}`;
  return `Restarted ${POLICIES[rule.policy]}, ${times}`;
}
