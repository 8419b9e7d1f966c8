// From what a person typed to a specification.

import type {
  Builtin,
  Class,
  GroupStrategy,
  OnLoss,
  RestartPolicy,
  SpecFile,
  Strategy,
} from "$lib/ipc/bindings";
import type { SpecDraft } from "$lib/ipc/protocol";
import { nameFault } from "$lib/format/id";

export type Template = Builtin | "python" | "program";

export type Draft = {
  template: Template;
  name: string;
  source: string;
  command: string;
  files: readonly SpecFile[];
  capabilities: string;
  policy: RestartPolicy;
  memoryMib: number;
  os: string;
  labels: string;
  near: string;
  apart: string;
  strategy: Strategy;
  spreadBy: string;
  replicas: number;
  class: Class;
  handoff: boolean;
  checkpointMs: number;
  redistribute: boolean;
  /** The most that is paid for a minute of each copy, where places are auctioned. */
  pay: number;
  group: string;
  groupStrategy: GroupStrategy;
  groupOrder: number;
  dependsOn: string;
  onLoss: OnLoss;
};

/** What may travel with one agent; the node refuses more. */
export const MAX_FILES_SIZE = 1_048_576;

export const PYTHON_SOURCE = `#!/usr/bin/env python3
"""A Covey agent: one JSON-RPC 2.0 message a line, in and out."""
import json
import sys


def greet(name="world"):
    return {"text": f"Hello, {name}!"}


METHODS = {"initialize": lambda **_: {}, "greet": greet}

for line in sys.stdin:
    message = json.loads(line)
    method = METHODS.get(message.get("method"))
    if message.get("method") == "shutdown":
        break
    if "id" not in message:
        continue  # a notification wants no answer
    answer = {"jsonrpc": "2.0", "id": message["id"]}
    try:
        if method is None:
            answer["error"] = {"code": -32601, "message": "no such method"}
        else:
            answer["result"] = method(**(message.get("params") or {}))
    except Exception as error:
        print(f"failed: {error!r}", file=sys.stderr)  # seen in the log
        answer["error"] = {"code": -32000, "message": str(error)}
    print(json.dumps(answer), flush=True)
`;

export function emptyDraft(template: Template): Draft {
  return {
    template,
    name: template === "program" ? "" : template === "python" ? "greeter" : template,
    source: PYTHON_SOURCE,
    command: "",
    files: [],
    capabilities: template === "python" ? "greet" : "",
    policy: "permanent",
    memoryMib: 512,
    os: "",
    labels: "",
    near: "",
    apart: "",
    strategy: "rendezvous",
    spreadBy: "",
    replicas: 1,
    class: "any_partition",
    handoff: false,
    checkpointMs: 1_000,
    redistribute: false,
    pay: 0,
    group: "",
    groupStrategy: "one_for_one",
    groupOrder: 0,
    dependsOn: "",
    onLoss: "ignore",
  };
}

export function toSpec(draft: Draft): SpecDraft {
  const capabilities = words(draft.capabilities);
  const asked = words(draft.labels);
  const labels = Object.fromEntries(
    asked
      .filter((label) => label.includes("="))
      .map((label): [string, string] => {
        const [key = "", value = ""] = label.split("=", 2);
        return [key, value];
      }),
  );
  return {
    name: draft.name.trim(),
    runtime: runtime(draft),
    capabilities,
    restart: { policy: draft.policy, max_restarts: 5, window_ms: 60_000, backoff_ms: 100 },
    placement: {
      strategy: draft.strategy,
      os: draft.os === "" ? [] : [draft.os],
      arch: [],
      labels,
      capabilities: asked.filter((label) => !label.includes("=")),
      free_memory_mib: 0,
      free_cpu_percent: 0,
      near: words(draft.near),
      apart: words(draft.apart),
      spread_by: spreads(draft) && draft.spreadBy.trim() !== "" ? draft.spreadBy.trim() : null,
      redistribute: draft.handoff && draft.redistribute,
      pay_per_minute: draft.strategy === "auction" ? draft.pay : 0,
    },
    limits: { memory_mib: draft.memoryMib, handle_ms: 60_000, mailbox: 1_024 },
    replicas: draft.replicas,
    class: draft.class,
    handoff: { state: draft.handoff, checkpoint_ms: draft.checkpointMs },
    group:
      draft.group.trim() === ""
        ? null
        : {
            name: draft.group.trim(),
            strategy: draft.groupStrategy,
            order: draft.groupOrder,
          },
    depends_on: words(draft.dependsOn).map((on) => ({ on, loss: draft.onLoss })),
  };
}

/** Whether a label can tell the places of copies apart. */
export function spreads(draft: Pick<Draft, "strategy" | "replicas">): boolean {
  return draft.strategy === "spread" && draft.replicas > 1;
}

/** What is wrong with a field beside the name, in the node's own words. */
export type Faults = Partial<
  Record<
    | "replicas"
    | "memory"
    | "near"
    | "apart"
    | "checkpoint"
    | "pay"
    | "class"
    | "group"
    | "order"
    | "dependsOn"
    | "name",
    string
  >
>;

const MAX_RELATIONS = 32;
/** Characters of a name. */
const MAX_NAME = 64;

/** What the node would refuse of `draft`, or never run, as far as that can be seen without it. */
export function faultsOf(draft: Draft): Faults {
  const spec = toSpec(draft);
  const near = words(draft.near);
  const apart = words(draft.apart);
  const both = near.find((name) => apart.includes(name));
  const digits = draft.replicas > 1 ? String(draft.replicas).length + 1 : 0;
  const group = draft.group.trim();
  const faults: Record<keyof Faults, string | undefined> = {
    replicas: outOfBounds("replicas", draft.replicas, 1, 256),
    memory: outOfBounds("limits.memory_mib", draft.memoryMib, 1, 1_048_576),
    checkpoint: outOfBounds("handoff.checkpoint_ms", draft.checkpointMs, 100, 3_600_000),
    pay: outOfBounds("placement.pay_per_minute", draft.pay, 0, Number.MAX_SAFE_INTEGER),
    class:
      draft.class === "exclusive" && draft.handoff
        ? "It ends on one node before it begins on the next, and takes no state along"
        : undefined,
    group: group === "" ? undefined : nameFault(group),
    order: outOfBounds("group.order", draft.groupOrder, 0, 4_294_967_295),
    near:
      relationFault("placement.near", near, spec.name) ??
      (both === undefined ? undefined : `${both} is both near and apart: no node fits`),
    apart: relationFault("placement.apart", apart),
    dependsOn: relationFault("depends_on", words(draft.dependsOn), spec.name),
    name:
      spec.name.length <= MAX_NAME
        ? outOfBounds("the length of the name", spec.name.length + digits, 0, MAX_NAME)
        : undefined,
  };
  return Object.fromEntries(
    Object.entries(faults).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

/** What is wrong with the names of other agents; with `own` if it would wait for itself. */
function relationFault(field: string, names: readonly string[], own?: string): string | undefined {
  const bad = names.find((name) => nameFault(name) !== undefined);
  if (bad !== undefined) return `${bad}: ${nameFault(bad) ?? ""}`;
  if (own !== undefined && names.includes(own)) {
    return `it would wait for itself: ${own} waits for ${own}`;
  }
  return outOfBounds(field, names.length, 0, MAX_RELATIONS);
}

/** What is said of the place, in a line: what differs from one copy anywhere. */
export function placementWords(draft: Draft): string {
  const near = words(draft.near);
  const apart = words(draft.apart);
  const parts = [
    draft.replicas === 1 ? "one copy" : `${draft.replicas} copies`,
    near.length > 0 ? `near ${near.join(" and ")}` : "",
    apart.length > 0 ? `apart from ${apart.join(" and ")}` : "",
    draft.os === "" && draft.labels.trim() === "" ? "" : "on nodes that fit",
    draft.class === "majority_only" ? "on the greater side of a split" : "",
    draft.class === "exclusive" ? "never twice" : "",
    draft.handoff ? "takes its state along" : "",
    draft.strategy === "auction" && draft.pay > 0 ? `pays ${draft.pay} a minute at most` : "",
  ].filter((part) => part !== "");
  return parts.length === 1 ? `${parts.join()}, on any node` : parts.join(", ");
}

function outOfBounds(field: string, value: number, min: number, max: number): string | undefined {
  if (Number.isInteger(value) && value >= min && value <= max) return undefined;
  return `${field} is ${value}, which is not within ${min} to ${max}`;
}

function runtime(draft: Draft): SpecDraft["runtime"] {
  switch (draft.template) {
    case "echo":
    case "counter":
    case "ticker":
    case "bidder":
    case "delegate":
      return { kind: "builtin", agent: draft.template };
    case "python": {
      const contents = base64(new TextEncoder().encode(draft.source));
      const file = { path: "agent.py", contents, executable: false };
      return { kind: "process", command: ["python3", "agent.py"], env: {}, files: [file] };
    }
    case "program":
      return {
        kind: "process",
        command: splitCommand(draft.command),
        env: {},
        files: [...draft.files],
      };
  }
}

/** Names that are parted by blanks or commas. */
export function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== "");
}

/** Words as a shell splits them: blanks part, quotes keep together, a backslash takes what follows. */
export function splitCommand(text: string): string[] {
  const parts: string[] = [];
  let part: string | undefined;
  let quote: string | undefined;
  for (let i = 0; i < text.length; i += 1) {
    const c = text.charAt(i);
    if (c === "\\" && quote !== "'" && i + 1 < text.length) part = (part ?? "") + text.charAt(++i);
    else if (c === quote) quote = undefined;
    else if (quote === undefined && (c === '"' || c === "'")) {
      quote = c;
      part ??= "";
    } else if (quote === undefined && /\s/.test(c)) {
      if (part !== undefined) parts.push(part);
      part = undefined;
    } else part = (part ?? "") + c;
  }
  return part === undefined ? parts : [...parts, part];
}

export function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 32_768) {
    text += String.fromCharCode(...bytes.subarray(at, at + 32_768));
  }
  return btoa(text);
}

/** The bytes that a base64 text stands for, without decoding it. */
export function decodedSize(contents: string): number {
  return Math.floor((contents.replace(/=+$/, "").length * 3) / 4);
}
