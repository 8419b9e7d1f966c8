// From what a person typed to a specification.

import type { Builtin, RestartPolicy, SpecFile } from "$lib/ipc/bindings";
import type { SpecDraft } from "$lib/ipc/protocol";

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
  };
}

export function toSpec(draft: Draft): SpecDraft {
  const capabilities = words(draft.capabilities);
  const labels = Object.fromEntries(
    words(draft.labels).map((pair): [string, string] => {
      const [key = "", value = ""] = pair.split("=", 2);
      return [key, value];
    }),
  );
  return {
    name: draft.name.trim(),
    runtime: runtime(draft),
    capabilities,
    restart: { policy: draft.policy, max_restarts: 5, window_ms: 60_000, backoff_ms: 100 },
    placement: { os: draft.os === "" ? [] : [draft.os], arch: [], labels },
    limits: { memory_mib: draft.memoryMib, handle_ms: 60_000, mailbox: 1_024 },
  };
}

function runtime(draft: Draft): SpecDraft["runtime"] {
  switch (draft.template) {
    case "echo":
    case "counter":
    case "ticker":
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

function words(text: string): string[] {
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
