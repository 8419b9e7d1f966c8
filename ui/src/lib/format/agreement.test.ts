import { expect, test } from "vitest";

import type { HoldingView, PlaceView } from "$lib/ipc/bindings";

import { nameRow } from "./agreement";

const named = (id: string) => `node ${id}`;

const lease: PlaceView = {
  place: { kind: "names", name: "b" },
  permits: 1,
  holds: [
    {
      holder: { node: "b", session: "claim-1" },
      token: 11,
      lease_ms: 6_000,
    },
  ],
  line: [],
};

const held: HoldingView = { name: "desk/printer", node: "b", holder: null, token: 12 };

test("a name shows its holder, the lease of its node and its token", () => {
  const row = nameRow(held, [lease], named);

  expect(row).toEqual(["desk/printer", "node b", "6 s", "12"]);
});

test("a name that is held for an agent says so, and an unknown lease is none", () => {
  const row = nameRow({ ...held, holder: "keeper" }, [], named);

  expect(row).toEqual(["desk/printer", "keeper on node b", "–", "12"]);
});
