import { expect, test } from "vitest";

import { gathered } from "./refuge";

test("agents are gathered by where they go, those without a certain place first", () => {
  const groups = gathered([
    { agent: "a", to: "n1", waiting: [] },
    { agent: "b", to: "n2", waiting: [] },
    { agent: "c", to: "n2", waiting: [] },
    { agent: "d", to: null, waiting: ["every node is excluded by a rule"] },
  ]);

  expect(groups.map(({ to, agents }) => [to, agents])).toEqual([
    [null, ["d"]],
    ["n2", ["b", "c"]],
    ["n1", ["a"]],
  ]);
  expect(groups[0]?.why).toBe("every node is excluded by a rule");
});
