import { expect, test } from "vitest";

import {
  base64,
  decodedSize,
  emptyDraft,
  faultsOf,
  placementWords,
  splitCommand,
  toSpec,
} from "./spec";

test("command is split as a shell splits it", () => {
  expect(splitCommand("python3 agent.py --fast")).toEqual(["python3", "agent.py", "--fast"]);
  expect(splitCommand(`a "b c" 'd "e"' f\\ g ""`)).toEqual(["a", "b c", 'd "e"', "f g", ""]);
  expect(splitCommand("  ")).toEqual([]);
});

test("base64 keeps every byte and says its size", () => {
  const bytes = Uint8Array.from({ length: 70_000 }, (_, i) => i % 256);
  const text = base64(bytes);

  expect(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))).toEqual(bytes);
  expect(decodedSize(text)).toBe(bytes.length);
});

test("python written in the panel travels as a file of the agent", () => {
  const { runtime } = toSpec({ ...emptyDraft("python"), source: "print(1)\n" });

  expect(runtime).toEqual({
    kind: "process",
    command: ["python3", "agent.py"],
    env: {},
    files: [{ path: "agent.py", contents: btoa("print(1)\n"), executable: false }],
  });
});

test("requirements become the placement", () => {
  const spec = toSpec({ ...emptyDraft("echo"), os: "linux", labels: "gpu=yes, room=lab" });

  expect(spec.placement).toMatchObject({ os: ["linux"], labels: { gpu: "yes", room: "lab" } });
});

test("relations, copies and hand-off become the specification", () => {
  const draft = {
    ...emptyDraft("echo"),
    strategy: "spread" as const,
    replicas: 3,
    spreadBy: "room",
    group: "pipeline",
    groupStrategy: "rest_for_one" as const,
    groupOrder: 2,
    dependsOn: "db, cache",
    onLoss: "stop" as const,
    handoff: true,
  };

  expect(toSpec(draft)).toMatchObject({
    placement: { strategy: "spread", spread_by: "room" },
    replicas: 3,
    handoff: { state: true, checkpoint_ms: 1_000 },
    group: { name: "pipeline", strategy: "rest_for_one", order: 2 },
    depends_on: [
      { on: "db", loss: "stop" },
      { on: "cache", loss: "stop" },
    ],
  });
  expect(faultsOf(draft)).toEqual({});
});

test("label that tells places apart is left out where it would mean nothing", () => {
  const draft = { ...emptyDraft("echo"), strategy: "spread" as const, spreadBy: "room" };

  expect(toSpec(draft).placement?.spread_by).toBeNull();
});

test("pay is said of agents whose places are auctioned alone", () => {
  const draft = { ...emptyDraft("echo"), strategy: "auction" as const, pay: 90 };

  expect(toSpec(draft).placement?.pay_per_minute).toBe(90);
  expect(placementWords(draft)).toBe("one copy, pays 90 a minute at most");
  expect(toSpec({ ...draft, strategy: "spread" }).placement?.pay_per_minute).toBe(0);
  expect(faultsOf({ ...draft, pay: 0.5 }).pay).toMatch(/is 0.5, which is not within/);
});

test("what the node would refuse is said in its words", () => {
  const faults = faultsOf({
    ...emptyDraft("echo"),
    replicas: 300,
    checkpointMs: 5,
    group: "Not A Name",
    dependsOn: "db echo",
  });

  expect(faults.replicas).toBe("replicas is 300, which is not within 1 to 256");
  expect(faults.checkpoint).toBe("handoff.checkpoint_ms is 5, which is not within 100 to 3600000");
  expect(faults.group).toMatch(/^Use a–z/);
  expect(faults.dependsOn).toBe("it would wait for itself: echo waits for echo");
});

test("agents to be near to and apart from become the placement", () => {
  const draft = { ...emptyDraft("echo"), near: "cache, db", apart: "echo-2" };

  expect(toSpec(draft).placement).toMatchObject({ near: ["cache", "db"], apart: ["echo-2"] });
  expect(faultsOf(draft)).toEqual({});
});

test("relations that could never hold are told", () => {
  const faults = faultsOf({ ...emptyDraft("echo"), near: "cache db", apart: "db" });

  expect(faults.near).toBe("db is both near and apart: no node fits");
  expect(faultsOf({ ...emptyDraft("echo"), near: "echo" }).near).toBe(
    "it would wait for itself: echo waits for echo",
  );
  expect(faultsOf({ ...emptyDraft("echo"), apart: "Not-A-Name" }).apart).toMatch(/Use a–z/);
  const many = Array.from({ length: 33 }, (_, i) => `a-${i}`).join();
  expect(faultsOf({ ...emptyDraft("echo"), apart: many }).apart).toBe(
    "placement.apart is 33, which is not within 0 to 32",
  );
});

test("exclusive agent takes no state along", () => {
  const draft = { ...emptyDraft("echo"), class: "exclusive" as const };

  expect(faultsOf(draft)).toEqual({});
  expect(placementWords(draft)).toBe("one copy, never twice");
  expect(faultsOf({ ...draft, handoff: true }).class).toMatch(/takes no state along/);
});

test("label without a value is asked for whatever its value", () => {
  const { placement } = toSpec({ ...emptyDraft("echo"), labels: "gpu, room=lab, rack=" });

  expect(placement).toMatchObject({ capabilities: ["gpu"], labels: { room: "lab", rack: "" } });
});

test("placement is summed up in a line", () => {
  expect(placementWords(emptyDraft("echo"))).toBe("one copy, on any node");
  expect(
    placementWords({
      ...emptyDraft("echo"),
      replicas: 3,
      near: "cache",
      apart: "db logs",
      class: "majority_only",
      handoff: true,
    }),
  ).toBe(
    "3 copies, near cache, apart from db and logs, on the greater side of a split, takes its state along",
  );
});
