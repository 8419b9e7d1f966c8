// @vitest-environment happy-dom
import { beforeEach, expect, test } from "vitest";

import type { MoveState, PlanView } from "$lib/ipc/bindings";
import { CommandFault } from "$lib/ipc/backend";
import { useBackend } from "$lib/ipc/client";
import { FakeBackend } from "$lib/ipc/fake";

import { rebalance, steerReason, steerRebalance } from "./rebalance.svelte";

let fake: FakeBackend;

const plan = (state: MoveState, phase: PlanView["phase"] = "paused"): PlanView => ({
  phase,
  interval_ms: 500,
  started: 0,
  moves: [{ name: "x", from: "a", to: "b", why: "", state, reason: null }],
});

beforeEach(() => {
  fake = new FakeBackend();
  useBackend(fake);
  rebalance.plan = undefined;
});

test("plan that changes while it is read is read again", async () => {
  const answers = [plan("waiting"), plan("done")];
  fake.answer = () => answers.shift();

  const first = rebalance.read();
  await rebalance.read();
  await first;

  expect(fake.called).toHaveLength(2);
  expect(rebalance.plan).toEqual(plan("done"));
  expect(rebalance.open).toBe(false);
});

test("refusal keeps what was known of the plan and says why", async () => {
  fake.answer = () => plan("waiting");
  await rebalance.read();
  fake.answer = () => {
    throw new CommandFault("busy", "", { what: "Nothing was read.", why: "Busy.", next: "" });
  };

  await rebalance.read();

  expect(rebalance.fault).toBe("Nothing was read. Busy.");
  expect(rebalance.plan).toEqual(plan("waiting"));
});

test("what was steered is seen at once", async () => {
  let now = plan("waiting");
  fake.answer = (name) => {
    if (name !== "rebalance.steer") return now;
    now = plan("waiting", "running");
    return null;
  };

  await steerRebalance("resume");

  expect(rebalance.plan?.phase).toBe("running");
});

test("moves are steered only while that means something", () => {
  expect(steerReason("pause")).toBe("No planned moves are under way.");

  rebalance.plan = plan("waiting");
  expect(steerReason("pause")).toBe("They are paused already.");
  expect(steerReason("resume")).toBeNull();
  expect(steerReason("abort")).toBeNull();

  rebalance.plan = plan("waiting", "running");
  expect(steerReason("resume")).toBe("They are not paused.");

  rebalance.plan = plan("done", "running");
  expect(steerReason("abort")).toBe("No planned moves are under way.");
});
