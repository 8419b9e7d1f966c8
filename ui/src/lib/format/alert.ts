// Alerts in words.

import type {
  AlertRule,
  AlertRuleRow,
  AlertSeverity,
  AlertView,
  Fact,
  ProblemView,
  Subject,
} from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { count } from "./number";
import type { ProblemWords } from "./problem";
import { moment, span } from "./time";

type Part = string | { node: string } | { agent: string };
type FactOf<K extends Fact["kind"]> = Extract<Fact, { kind: K }>;

type Words = {
  /** What is wrong. */
  what: string;
  /** The value and its unit. */
  value: (value: number) => string;
};

const percent = (value: number) => `${count(value)} %`;

export const RULES = {
  node_lost: { what: "is lost", value: () => "" },
  cpu: { what: "has busy processors", value: percent },
  memory: { what: "has little memory left", value: percent },
  disk: { what: "has little disk left", value: percent },
  errors: { what: "fails calls", value: percent },
  restarts: { what: "ends again and again", value: (ends) => `${count(ends)} ends` },
  mailbox: { what: "has a full mailbox", value: percent },
  clock_skew: { what: "has another time than the others", value: (ms) => span(Math.abs(ms)) },
} as const satisfies Record<AlertRule, Words>;

export const SEVERITIES = {
  warning: { word: "Warning", tone: "warn" },
  critical: { word: "Critical", tone: "bad" },
} as const satisfies Record<AlertSeverity, { word: string; tone: Tone }>;

export function subjectKey(subject: Subject): string {
  return "node" in subject ? `node/${subject.node}` : `agent/${subject.agent}`;
}

export function alertValue(rule: AlertRule, value: number | null): string {
  return value === null ? "" : RULES[rule].value(value);
}

/** Of `alerts`, those that no problem tells of already, by its cause or its consequence. */
export function beside(
  problems: readonly ProblemView[],
  alerts: readonly AlertView[],
): readonly AlertView[] {
  const told = new Set(
    problems.map((problem) => {
      switch (problem.kind) {
        case "node_down":
          return `node_lost node/${problem.node}`;
        case "node_disk":
          return `disk node/${problem.node}`;
        case "agent_failed":
          return `restarts agent/${problem.name}`;
        default:
          return null;
      }
    }),
  );
  return alerts.filter(({ rule, subject }) => !told.has(`${rule} ${subjectKey(subject)}`));
}

/** An alert among the problems: the page of load tells more of it. */
export function alertProblem(
  { rule, severity, subject, value }: AlertView,
  nodeName: (id: string) => string,
): ProblemWords {
  const who = "node" in subject ? nodeName(subject.node) : subject.agent;
  const much = alertValue(rule, value);
  return {
    tone: severity === "critical" ? "bad" : "warn",
    what: `${who} ${RULES[rule].what}${much === "" ? "" : `: ${much}`}`,
    now: "See how it went under Load; there it is acknowledged or muted.",
    to: { page: "load" },
  };
}

/** What is watched for, in a sentence. */
export function ruleSentence(row: AlertRuleRow): string {
  if (!row.watched) return "Not watched.";
  if (row.rule === "node_lost") return `Down for ${span(row.raise_after_ms)} without a goodbye.`;
  const { value } = RULES[row.rule];
  const raise = value(row.raise ?? 0);
  const clear = value(row.clear ?? 0);
  if (row.rule === "restarts") return `${raise} within five minutes, until there are none.`;
  return `${raise} for ${span(row.raise_after_ms)}, until it is below ${clear} for ${span(row.clear_after_ms)}.`;
}

const name = (rule: AlertRule) => RULES[rule].what;

export function alertRaised(fact: FactOf<"alert_raised">): Part[] {
  const value = alertValue(fact.rule, fact.value);
  return [fact.subject, ` ${name(fact.rule)}${value === "" ? "" : `: ${value}`}`];
}

export function alertCleared({ rule, subject }: FactOf<"alert_cleared">): Part[] {
  return ["It is over that ", subject, ` ${name(rule)}`];
}

export function alertMuted({ rule, subject, until }: FactOf<"alert_muted">): Part[] {
  const end = until === null ? "" : `, until ${moment(until)}`;
  return ["Nobody is told if ", subject, ` ${name(rule)}${end}`];
}

export function alertUnmuted({ rule, subject }: FactOf<"alert_unmuted">): Part[] {
  return ["People are told again if ", subject, ` ${name(rule)}`];
}

export function alertAcknowledged({ rule, subject }: FactOf<"alert_acknowledged">): Part[] {
  return ["Somebody looks after it that ", subject, ` ${name(rule)}`];
}
