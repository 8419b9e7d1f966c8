import { expect, test } from "vitest";

import { REACHES, reachOf, steppedReach } from "./reach";

test("address that says nothing of the reach means a quarter of an hour", () => {
  expect(reachOf(undefined).ms).toBe(900_000);
  expect(reachOf("a week").ms).toBe(900_000);
  expect(reachOf("all").ms).toBeNull();
});

test("steps go from the nearest reach to the farthest and no further", () => {
  const [nearest, second] = REACHES;

  expect(steppedReach(nearest, 1)).toBe(second);
  expect(steppedReach(second, -1)).toBe(nearest);
  expect(steppedReach(nearest, -1)).toBe(nearest);
  expect(steppedReach(reachOf("all"), 1)).toBe(reachOf("all"));
});
