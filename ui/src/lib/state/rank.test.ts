import { expect, test } from "vitest";

import { ranked } from "./rank";

const order = (query: string, titles: string[]): string[] =>
  ranked(query, titles, (title) => [title, ""]);

test("exact beats start, start beats word, word beats middle, middle beats letters", () => {
  const titles = ["p-l-a-n", "explanation", "the plan", "planner", "plan"];

  expect(order("plan", titles)).toEqual(["plan", "planner", "the plan", "explanation", "p-l-a-n"]);
});

test("letters strewn too far are no answer", () => {
  expect(order("abc", ["a very long text before c"])).toEqual([]);
});

test("other words find what the title does not say", () => {
  const found = ranked("deploy", [{ title: "Start an agent", words: "run deploy" }], (item) => [
    item.title,
    item.words,
  ]);

  expect(found).toHaveLength(1);
});

test("ten thousand names are ranked within thirty milliseconds", () => {
  const names = Array.from({ length: 10_000 }, (_, i) => `planner-${i}`);

  // The best of a few: what the code takes, not what else the machine does.
  const times = Array.from({ length: 5 }, () => {
    const start = performance.now();
    order("planner-99", names);
    return performance.now() - start;
  });

  expect(Math.min(...times)).toBeLessThan(30);
});
