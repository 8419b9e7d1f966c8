import { expect, test } from "vitest";

import type { NoteView } from "$lib/ipc/bindings";

import { docWords, noteWords, saidWords } from "./session";

const note = (more: Partial<NoteView>): NoteView => ({
  ...{ at: 0, after_us: 0, round: 2, kind: "said", agent: null },
  ...{ node: null, epoch: null, relayed: null, whom: [], text: "", ...more },
});

test("answer is told without the marks of its form, and as it came if it has none", () => {
  const said = saidWords('{"vote": "approve", "confidence": 80, "demands": {"cpu": 3}}');
  expect(said).toBe('vote: approve; confidence: 80; demands: {"cpu":3}');
  expect(saidWords("did not answer in time")).toBe("did not answer in time");
  expect(saidWords("[1]")).toBe("[1]");
});

test("line of the journal says who did what, and who told it", () => {
  expect(noteWords(note({ kind: "asked", whom: ["ada", "ben"] }), null)).toBe(
    "Round 2, asked: ada, ben",
  );
  expect(noteWords(note({ agent: "ada" }), "attic")).toBe("Said by ada, told by attic");
  expect(noteWords(note({ kind: "ended" }), null)).toBe("Ended");
});

test("what is code in a protocol's own words is quoted", () => {
  expect(docWords("With the rule `unanimous` any dissent blocks.")).toBe(
    "With the rule “unanimous” any dissent blocks.",
  );
});
