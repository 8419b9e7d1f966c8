// How frames become rows: a snapshot replaces all, a patch changes some fields of some, a gap calls
// for a snapshot.

import type { Frame } from "$lib/ipc/protocol";

export type Table<Row> = { seq: number; rows: ReadonlyMap<string, Row> };

export type Step<Row> =
  { kind: "applied"; table: Table<Row> } | { kind: "known" } | { kind: "gap" };

export function emptyTable<Row>(): Table<Row> {
  return { seq: -1, rows: new Map() };
}

/** One step. Of a row that is there already a patch tells only what changed. */
export function step<Row extends { id: string }>(table: Table<Row>, frame: Frame<Row>): Step<Row> {
  if (frame.kind === "snapshot") {
    const rows = new Map(frame.rows.map((row) => [row.id, row]));
    return { kind: "applied", table: { seq: frame.seq, rows } };
  }
  if (table.seq < 0 || frame.seq > table.seq + 1) return { kind: "gap" };
  if (frame.seq <= table.seq) return { kind: "known" };
  const rows = new Map(table.rows);
  for (const id of frame.removed) rows.delete(id);
  for (const row of frame.rows) {
    const known = rows.get(row.id);
    rows.set(row.id, known === undefined ? row : { ...known, ...row });
  }
  return { kind: "applied", table: { seq: frame.seq, rows } };
}
