import { expect, test } from "vitest";

import { compared } from "./conflict";

test("each field that either claim told has a line with both values", () => {
  expect(compared({ port: "80", tags: ["a", "b"] }, { port: "81", zone: "x" })).toEqual([
    { field: "port", kept: "80", dropped: "81" },
    { field: "tags", kept: "a, b", dropped: "–" },
    { field: "zone", kept: "–", dropped: "x" },
  ]);
});
