// Counters and variables, what they may hold and who has them, in words.

import type { CommandFault } from "$lib/ipc/backend";
import type {
  ConflictStrategy,
  CounterView,
  PrimitiveScope,
  VariableRow,
  VariableRule,
  VariableTerms,
} from "$lib/ipc/bindings";

import { count, counted } from "./number";

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

/** The scopes, for whoever makes a variable. */
export const SCOPE_CHOICES = {
  cluster: { word: "All nodes, agreed", hint: "A majority has each change on disk." },
  global: {
    word: "All nodes, merged",
    hint: "Each node writes by itself, also without a majority.",
  },
  local: { word: "This node alone", hint: "Another node has its own under the same name." },
} as const satisfies Record<PrimitiveScope, { word: string; hint: string }>;

/** The strategies of scope `global`. */
export const MERGING = [
  "last_write_wins",
  "greatest",
  "least",
  "union",
  "keep_all",
] as const satisfies readonly ConflictStrategy[];

/** The rules, for whoever makes a variable. */
export const RULES = {
  text: { choice: "Any text", bounds: null, hint: "" },
  integer: { choice: "A whole number", bounds: "From, to", hint: "Such as 1..9" },
  boolean: { choice: "true or false", bounds: null, hint: "" },
  one_of: { choice: "One of a few", bounds: "Which", hint: "Such as fast, slow" },
  json: { choice: "JSON", bounds: null, hint: "" },
} as const satisfies Record<string, { choice: string; bounds: string | null; hint: string }>;

export type RuleWord = keyof typeof RULES;

/** The rule as chosen; null: its bounds do not say one. */
export function ruleOf(word: RuleWord, bounds: string): VariableRule | null {
  switch (word) {
    case "integer": {
      const [, min, max] = /^\s*(-?\d+)\s*\.\.\s*(-?\d+)\s*$/.exec(bounds) ?? [];
      return min === undefined || max === undefined
        ? null
        : { integer: { min: Number(min), max: Number(max) } };
    }
    case "one_of": {
      const values = bounds
        .split(",")
        .map((value) => value.trim())
        .filter((value) => value !== "");
      return values.length === 0 ? null : { one_of: { values } };
    }
    default:
      return word;
  }
}

/** What a variable may hold, and who may write it. */
export function ruleHint(
  { rule, writers }: VariableTerms,
  nodeName: (id: string) => string,
): string {
  const who = writers.length === 0 ? "" : ` Written on ${writers.map(nodeName).join(", ")} only.`;
  return `${ruleWords(rule)}.${who}`;
}

function ruleWords(rule: VariableRule): string {
  if (typeof rule === "string") return RULES[rule].choice;
  if ("integer" in rule) {
    return `A whole number from ${count(rule.integer.min)} to ${count(rule.integer.max)}`;
  }
  return `One of ${rule.one_of.values.join(", ")}`;
}

/** Whether a write was refused as another came before it. */
export function writtenElsewhere({ code, fields }: CommandFault): boolean {
  const { reason } = fields;
  return (
    code === "disagreed" && typeof reason === "object" && reason !== null && "conflict" in reason
  );
}
