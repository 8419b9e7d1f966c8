import { expect, test } from "vitest";

import type { AlertView, ProblemView } from "$lib/ipc/bindings";

import { alertProblem, beside } from "./alert";

const alert = (rule: AlertView["rule"], subject: AlertView["subject"]): AlertView => ({
  ...{ rule, subject, severity: "warning", state: "active", value: 93 },
  ...{ raised: 0, cleared: null, acknowledged: null, muted: null },
});

test("alert of what a problem tells already is told once", () => {
  const problems: ProblemView[] = [
    { kind: "node_down", node: "a", name: "attic", since: 0 },
    { kind: "agent_failed", node: "b", name: "echo" },
  ];
  const kept = [alert("node_lost", { node: "b" }), alert("cpu", { node: "a" })];
  const alerts = [alert("node_lost", { node: "a" }), alert("restarts", { agent: "echo" }), ...kept];
  expect(beside(problems, alerts)).toEqual(kept);
});

test("alert among the problems says whose it is, how much, and leads to Load", () => {
  expect(alertProblem(alert("cpu", { node: "a" }), () => "attic")).toMatchObject({
    ...{ tone: "warn", what: "attic has busy processors: 93 %", to: { page: "load" } },
  });
});
