// How frames become rows: a snapshot replaces all, a patch changes some, a gap calls for a snapshot.

import type { Frame } from "$lib/ipc/protocol";

export type Table<Row> = { seq: number; rows: ReadonlyMap<string, Row> };

export type Step<Row> =
  { kind: "applied"; table: Table<Row> } | { kind: "known" } | { kind: "gap" };

export function emptyTable<Row>(): Table<Row> {
  return { seq: -1, rows: new Map() };
}

/** One step. `key` names a row; rows of a patch replace the rows of the same name whole. */
export function step<Row>(
  table: Table<Row>,
  frame: Frame<Row>,
  key: (row: Row) => string,
): Step<Row> {
  if (frame.kind === "snapshot") {
    const rows = new Map(frame.rows.map((row) => [key(row), row]));
    return { kind: "applied", table: { seq: frame.seq, rows } };
  }
  if (table.seq < 0 || frame.seq > table.seq + 1) return { kind: "gap" };
  if (frame.seq <= table.seq) return { kind: "known" };
  const rows = new Map(table.rows);
  for (const id of frame.removed) rows.delete(id);
  for (const row of frame.rows) rows.set(key(row), row);
  return { kind: "applied", table: { seq: frame.seq, rows } };
}
