import { expect, test } from "vitest";

import { keysOf } from "./keys";

const keys = (shortcut: string) => keysOf(shortcut).map(({ key }) => key);

test("sequences, chords and a plus fall into their keys", () => {
  expect(keys("g a")).toEqual(["g", "a"]);
  expect(keys("mod+shift+l")).toEqual(["mod", "shift", "l"]);
  expect(keys("+")).toEqual(["+"]);
  expect(keys("-")).toEqual(["-"]);
  expect(keys("mod++")).toEqual(["mod", "+"]);
  expect(keysOf("T")).toEqual([{ key: "T", chord: false }]);
});
