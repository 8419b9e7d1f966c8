import { expect, test } from "vitest";

import { ceiling, measure } from "$lib/format/metric";

import { line, runs } from "./chart";
import { byLoad, gaps, stopOf } from "./heat";

test("gap stays a gap", () => {
  expect(runs([1, null, 0, 2]).map((run) => run.map(({ step }) => step))).toEqual([[0], [2, 3]]);
  const path = line([1, null, 0, 2], { width: 100, height: 50, top: 2, steps: 4 });
  expect(path.match(/M/g)).toHaveLength(2);
});

test("what was not measured is hatched, and nought is not", () => {
  const row = { node: "a", name: "a", answered: true, values: [0, null, null, 5] };
  expect(gaps(row, 6)).toEqual([
    [1, 3],
    [4, 6],
  ]);
  expect(stopOf(0, 100)).toBe(0);
  expect(stopOf(100, 100)).toBe(9);
});

test("node that does not answer is one gap", () => {
  expect(gaps({ node: "a", name: "a", answered: false, values: [] }, 3)).toEqual([[0, 3]]);
});

test("busiest of late comes first, and who shows nothing last", () => {
  const row = (name: string, values: (number | null)[]) => ({
    ...{ node: name, name, values },
    answered: values.length > 0,
  });
  const rows = [row("a", []), row("b", [90, 1]), row("c", [2, 50, null])];
  expect(byLoad(rows).map(({ name }) => name)).toEqual(["c", "b", "a"]);
});

test("values say their unit, and no data is no nought", () => {
  expect(measure("percent", 42)).toBe("42 %");
  expect(measure("bytes_per_second", 2_048)).toBe("2.0 KiB/s");
  expect(measure("milliseconds", null)).toBe("No data");
});

test("scale ends at a round value above all", () => {
  expect(ceiling("percent", [3, null])).toBe(100);
  expect(ceiling("per_second", [23, 41])).toBe(50);
  expect(ceiling("bytes", [3_000])).toBe(4_096);
  expect(ceiling("count", [])).toBe(1);
});
