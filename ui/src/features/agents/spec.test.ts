import { expect, test } from "vitest";

import { base64, decodedSize, emptyDraft, splitCommand, toSpec } from "./spec";

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

  expect(spec.placement).toEqual({ os: ["linux"], arch: [], labels: { gpu: "yes", room: "lab" } });
});
