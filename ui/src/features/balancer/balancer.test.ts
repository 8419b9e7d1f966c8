import { expect, test } from "vitest";

import { copies } from "./copies";
import { byNode } from "./spread";

test("each copy of a task is told its number", () => {
  expect(copies('{"page": {n}, "name": "page-{n}"}', 2)).toEqual({
    ok: true,
    params: [
      { page: 1, name: "page-1" },
      { page: 2, name: "page-2" },
    ],
  });
});

test("copies without a number are alike, and nothing stands for null", () => {
  expect(copies('{"page": 7}', 2)).toEqual({ ok: true, params: [{ page: 7 }, { page: 7 }] });
  expect(copies(" ", 1)).toEqual({ ok: true, params: [null] });
});

test("what is no JSON says where it breaks", () => {
  const result = copies("{page: {n}}", 3);
  expect(result).toMatchObject({ ok: false });
  expect(result.ok ? "" : result.fault).toMatch(/^No JSON: ./u);
});

test("tasks of a node are those of its agents", () => {
  const agents = [
    { node: "a", assigned: 3 },
    { node: "b", assigned: 4 },
    { node: "a", assigned: 5 },
    { assigned: 2 },
  ];
  expect(byNode(agents)).toEqual([
    { node: "a", tasks: 8, share: 100 },
    { node: "b", tasks: 4, share: 50 },
    { node: null, tasks: 2, share: 25 },
  ]);
  expect(byNode([{ node: "a", assigned: 0 }])).toEqual([{ node: "a", tasks: 0, share: 0 }]);
});
