// The arithmetic of a long list of which only the part in sight exists.

export type Column<Row> = {
  key: string;
  title: string;
  /** A track of the grid. */
  width: string;
  align?: "end";
  /** The least width of the table, in pixels, at which the column is worth its place. */
  from?: number;
  order?: (a: Row, b: Row) => number;
};

export type Sort = { key: string; descending: boolean };

/** Rows kept beyond each edge, so that a fast scroll meets no blank. */
const OVERSCAN = 6;

/** Which rows are in sight: the first, and the one after the last. */
export function windowOf(
  count: number,
  { top, height, row }: { top: number; height: number; row: number },
): [number, number] {
  const first = Math.max(0, Math.floor(top / row) - OVERSCAN);
  const last = Math.min(count, Math.ceil((top + height) / row) + OVERSCAN);
  return [Math.min(first, last), last];
}

/** `rows` in order; equal ones stay in the order they came in. */
export function sorted<Row>(
  rows: readonly Row[],
  columns: readonly Column<Row>[],
  sort: Sort | undefined,
): readonly Row[] {
  const order = columns.find((column) => column.key === sort?.key)?.order;
  if (order === undefined) return rows;
  const sign = sort?.descending === true ? -1 : 1;
  return rows.toSorted((a, b) => sign * order(a, b));
}

/** Newcomers that may be put at the end of a held order before it is worth nothing. */
const MAX_NEWCOMERS = 8;

/** `rows` in the order that `held` names, or as they are if too much changed. */
export function inHeldOrder<Row>(
  rows: readonly Row[],
  held: readonly string[],
  id: (row: Row) => string,
): readonly Row[] {
  const byId = new Map(rows.map((row) => [id(row), row]));
  const kept = held.flatMap((id) => {
    const row = byId.get(id);
    byId.delete(id);
    return row === undefined ? [] : [row];
  });
  return byId.size > MAX_NEWCOMERS ? rows : [...kept, ...byId.values()];
}
