import { expect, test } from "vitest";

import { conflicts, KeyReader, pressed } from "./keys";

const BINDINGS = [
  { id: "overview", keys: "g o" },
  { id: "palette", keys: "mod+k" },
  { id: "filter", keys: "/" },
];

const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };

test("two keys in a row make a sequence", () => {
  const reader = new KeyReader();

  expect(reader.read("g", 0, BINDINGS)).toBe("more");
  expect(reader.read("o", 100, BINDINGS)).toMatchObject({ id: "overview" });
});

test("sequence that pauses too long is forgotten", () => {
  const reader = new KeyReader();
  reader.read("g", 0, BINDINGS);

  expect(reader.read("o", 2_000, BINDINGS)).toBeUndefined();
});

test("key that ends no sequence is read as a fresh one", () => {
  const reader = new KeyReader();
  reader.read("g", 0, BINDINGS);

  expect(reader.read("/", 100, BINDINGS)).toMatchObject({ id: "filter" });
});

test("command key of a Mac and Ctrl elsewhere read alike", () => {
  expect(pressed({ ...plain, key: "k", metaKey: true })).toBe("mod+k");
  expect(pressed({ ...plain, key: "K", ctrlKey: true, shiftKey: true })).toBe("mod+shift+k");
  expect(pressed({ ...plain, key: "T", shiftKey: true })).toBe("T");
});

test("binding that hides another is a conflict", () => {
  const hidden = [
    { id: "go", keys: "g" },
    { id: "overview", keys: "g o" },
  ];

  expect(conflicts(hidden)).toHaveLength(1);
  expect(conflicts(BINDINGS)).toHaveLength(0);
});
