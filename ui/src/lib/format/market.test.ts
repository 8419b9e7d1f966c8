import { expect, test } from "vitest";

import { accountNamed } from "./market";

const nodes = [
  { id: "00a1", name: "studio" },
  { id: "00a2", name: "attic" },
  { id: "00a3", name: "attic" },
];
const agents = [{ id: "planner" }, { id: "studio/desk" }];

test("account is named by a node, by an agent, or as it is written", () => {
  expect(accountNamed("studio", nodes, agents)).toBe("owner/00a1");
  expect(accountNamed("planner", nodes, agents)).toBe("agent/planner");
  expect(accountNamed("agent/studio/desk", nodes, agents)).toBe("agent/studio/desk");
});

test("name that nobody has, or several, names no account", () => {
  expect(accountNamed("cellar", nodes, agents)).toBeNull();
  expect(accountNamed("attic", nodes, agents)).toBeNull();
  expect(accountNamed("studio", nodes, [{ id: "studio" }])).toBeNull();
});
