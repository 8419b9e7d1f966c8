// @vitest-environment happy-dom
import { expect, test } from "vitest";

import { ACTIONS, BINDINGS } from "./actions";
import { conflicts } from "./keys";

test("no shortcut hides another", () => {
  expect(conflicts(BINDINGS)).toEqual([]);
});

test("every action has a name and a title of its own", () => {
  expect(new Set(ACTIONS.map((action) => action.id)).size).toBe(ACTIONS.length);
  expect(new Set(ACTIONS.map((action) => action.title)).size).toBe(ACTIONS.length);
});
