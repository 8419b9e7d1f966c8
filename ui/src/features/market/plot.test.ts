import { expect, test } from "vitest";

import { HEIGHT, level, numbered } from "./plot";

test("most credits are near the top and none at the bottom", () => {
  expect(level(0, 70)).toBe(HEIGHT);
  expect(level(70, 70)).toBeGreaterThan(0);
  expect(level(70, 70)).toBeLessThan(HEIGHT / 10);
});

test("numbers at the axis do not overlap: the first that matter stay", () => {
  expect(numbered([70, 50], 70)).toEqual([70, 50, 0]);
  expect(numbered([70, 69, 2], 70)).toEqual([70, 2]);
  expect(numbered([], 1)).toEqual([0]);
});
