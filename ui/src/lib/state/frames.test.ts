import fc from "fast-check";
import { expect, test } from "vitest";

import type { Frame } from "$lib/ipc/protocol";

import { emptyTable, step, type Table } from "./frames";

type Row = { id: string; value: number; stays: string };

/** The frames a node sends while `writes` happen, and what is true after them. */
function history(writes: [string, number | null][]): {
  frames: Frame<Row>[];
  truth: Map<string, Row>;
} {
  const truth = new Map<string, Row>();
  const frames: Frame<Row>[] = [{ seq: 1, at: 0, kind: "snapshot", rows: [], removed: [] }];
  for (const [id, value] of writes) {
    const known = truth.has(id);
    if (value === null) truth.delete(id);
    else truth.set(id, { id, value, stays: id });
    frames.push({
      seq: frames.length + 1,
      at: 0,
      kind: "patch",
      rows: value === null ? [] : [(known ? { id, value } : { id, value, stays: id }) as Row],
      removed: value === null ? [id] : [],
    });
  }
  return { frames, truth };
}

const write = fc.tuple(
  fc.constantFrom("a", "b", "c", "d"),
  fc.option(fc.integer({ min: 0, max: 9 }), { nil: null }),
);

test("frames lost, doubled or out of order still end in what is true", () => {
  fc.assert(
    fc.property(
      fc.array(write, { maxLength: 30 }),
      fc.array(fc.nat(30), { maxLength: 60 }),
      (writes, order) => {
        const { frames, truth } = history(writes);
        const last: Frame<Row> = { ...frames[0]!, seq: frames.length, rows: [...truth.values()] };
        let table: Table<Row> = emptyTable();
        const take = (frame: Frame<Row>): void => {
          const next = step(table, frame);
          if (next.kind === "applied") table = next.table;
          // A gap is mended by a new subscription, which begins with a snapshot.
          if (next.kind === "gap") take(last);
        };

        for (const at of order) take(frames[at % frames.length]!);
        take({ ...last, seq: frames.length + 1, kind: "patch", rows: [], removed: [] });
        take(last);

        expect(table.rows).toEqual(truth);
      },
    ),
  );
});

test("frames in order need no second snapshot", () => {
  fc.assert(
    fc.property(fc.array(write, { maxLength: 40 }), (writes) => {
      const { frames, truth } = history(writes);
      let table: Table<Row> = emptyTable();

      for (const frame of frames) {
        const next = step(table, frame);
        if (next.kind !== "applied") throw new Error(next.kind);
        table = next.table;
      }

      expect(table.rows).toEqual(truth);
    }),
  );
});

test("patch before any snapshot is a gap", () => {
  const patch: Frame<Row> = { seq: 1, at: 0, kind: "patch", rows: [], removed: [] };

  expect(step(emptyTable<Row>(), patch).kind).toBe("gap");
});

test("frame that was applied already changes nothing", () => {
  const { frames } = history([["a", 1]]);
  let table: Table<Row> = emptyTable();
  for (const frame of frames) {
    const next = step(table, frame);
    if (next.kind === "applied") table = next.table;
  }

  expect(step(table, frames[1]!).kind).toBe("known");
});
