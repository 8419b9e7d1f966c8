import { expect, test } from "vitest";

import { changes } from "./balance";

const nodes = [
  { id: "a", agents: 9 },
  { id: "b", agents: 2 },
  { id: "c", agents: 4 },
];

test("nodes that give come before nodes that take, each with its numbers", () => {
  const moves = [
    { from: "a", to: "b" },
    { from: "a", to: "b" },
    { from: "a", to: "c" },
  ];

  expect(changes(nodes, moves)).toEqual([
    { node: "a", before: 9, after: 6 },
    { node: "c", before: 4, after: 5 },
    { node: "b", before: 2, after: 4 },
  ]);
});

test("node that gives as many as it takes does not change", () => {
  const moves = [
    { from: "a", to: "c" },
    { from: "c", to: "b" },
  ];

  expect(changes(nodes, moves).map(({ node }) => node)).toEqual(["a", "b"]);
});
