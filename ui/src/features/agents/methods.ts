// What the agents that come with Covey answer; a program of one's own does not say what it knows.

import type { Builtin, Runtime } from "$lib/ipc/bindings";

export type Method = { method: string; params: string };

const BUILTIN = {
  echo: [{ method: "echo", params: '{ "text": "hello" }' }],
  counter: [
    { method: "add", params: '{ "by": 1 }' },
    { method: "get", params: "{}" },
  ],
  ticker: [{ method: "get", params: "{}" }],
  bidder: [{ method: "value", params: `{ "lot": "a vase", "credits": 70 }` }],
  delegate: [
    { method: "session.vote", params: `{ "body": { "options": ["approve", "reject"] } }` },
  ],
} as const satisfies Record<Builtin, readonly Method[]>;

export function knownMethods(runtime: Runtime): readonly Method[] {
  return runtime.kind === "builtin" ? BUILTIN[runtime.agent] : [];
}
