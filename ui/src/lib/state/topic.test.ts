import { beforeEach, expect, test } from "vitest";

import { CommandFault } from "$lib/ipc/backend";
import { useBackend } from "$lib/ipc/client";
import { FakeBackend } from "$lib/ipc/fake";

import { ask } from "./commands";
import { Topic } from "./topic.svelte";

let fake: FakeBackend;

beforeEach(() => {
  fake = new FakeBackend();
  useBackend(fake);
});

const line = (seq: number) => ({ id: String(seq), seq, at: 0, stream: "stderr", text: `${seq}` });
const frame = (seq: number, kind: "snapshot" | "patch", rows: unknown[]) => ({
  seq,
  at: 9,
  kind,
  rows,
  removed: [],
});
const logs = (keep?: number) => new Topic("logs", { name: "echo" }, keep);

test("patch is seen at once, with the time it was made", () => {
  const topic = logs();
  topic.start();

  fake.push(frame(1, "snapshot", [line(1)]));
  fake.push(frame(2, "patch", [line(2)]));

  expect(topic.rows.map((row) => row.text)).toEqual(["1", "2"]);
  expect(topic.at).toBe(9);
  expect(topic.loaded).toBe(true);
});

test("gap ends the subscription and begins another", () => {
  const topic = logs();
  topic.start();
  fake.push(frame(1, "snapshot", [line(1)]));

  fake.push(frame(3, "patch", [line(3)]));

  expect(fake.readers.map((reader) => reader !== false)).toEqual([false, true]);
  expect(topic.rows).toHaveLength(1);
  fake.push(frame(1, "snapshot", [line(1), line(2), line(3)]));
  expect(topic.rows).toHaveLength(3);
});

test("topic that only grows keeps its newest rows", () => {
  const topic = logs(2);
  topic.start();

  fake.push(frame(1, "snapshot", [line(1), line(2), line(3)]));

  expect(topic.rows.map((row) => row.text)).toEqual(["2", "3"]);
});

test("refusal of a topic is told until frames come", () => {
  const topic = logs();
  topic.start();

  fake.refuse(
    new CommandFault("no_agent", "", { what: "Nothing is shown.", why: "Gone.", next: "" }),
  );
  expect(topic.fault).toBe("Nothing is shown. Gone.");

  fake.push(frame(1, "snapshot", []));
  expect(topic.fault).toBeUndefined();
});

test("refused command becomes a value with its sentences", async () => {
  fake.answer = () => {
    throw CommandFault.from({
      error: { code: "itself", what: "Nothing was done.", why: "It is you.", next: "Ask another." },
    });
  };

  const result = await ask("member.revoke", { node: "n" });

  expect(result).toMatchObject({ ok: false, text: "Nothing was done. It is you. Ask another." });
});
