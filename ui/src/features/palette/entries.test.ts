import { expect, test } from "vitest";

import { type Entry, search } from "./entries";

function entry(title: string, reason: string | null = null): Entry {
  return { id: title, kind: "action", title, note: "", words: "", reason, run: () => undefined };
}

const titles = (query: string, entries: readonly Entry[]) =>
  search(query, entries).map(({ title }) => title);

test("what cannot be done now comes after what can, until one asks for it", () => {
  const entries = [entry("Pause", "Nothing runs."), entry("Nodes"), entry("Pause a moment")];

  expect(titles("", entries)).toEqual(["Nodes", "Pause a moment", "Pause"]);
  expect(titles(">", entries)).toEqual(["Nodes", "Pause a moment", "Pause"]);
  expect(titles("pause", entries)).toEqual(["Pause", "Pause a moment"]);
});
