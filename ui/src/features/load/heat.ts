// How the heat map is painted: a cell for each node and step, hatched where nothing was measured.

import type { HeatRow } from "$lib/ipc/bindings";

export type Ink = { ramp: readonly string[]; hatch: string; ground: string; frame: string };
export type Cell = { row: number; step: number };
export type Plan = {
  rows: readonly HeatRow[];
  steps: number;
  top: number;
  width: number;
  rowHeight: number;
  cell: Cell | null;
};

const HEAT_STOPS = 10;
/** Between two rows, in pixels. */
const GAP = 2;
/** Between two lines of a hatching, in pixels. */
const HATCH = 5;

/** The colours of the theme as it is. */
export function inkOf(element: Element): Ink {
  const style = getComputedStyle(element);
  const role = (name: string) => style.getPropertyValue(`--color-${name}`).trim();
  return {
    ramp: Array.from({ length: HEAT_STOPS }, (_, stop) => role(`heat-${stop}`)),
    hatch: style.color,
    ground: style.backgroundColor,
    frame: style.outlineColor,
  };
}

/** Which stop of a ramp a value has. */
export function stopOf(value: number, top: number, stops = HEAT_STOPS): number {
  return Math.min(stops - 1, Math.max(0, Math.floor((value / top) * stops)));
}

export function paint(context: CanvasRenderingContext2D, ink: Ink, plan: Plan): void {
  const { rows, steps, top, width, rowHeight, cell } = plan;
  const wide = width / Math.max(1, steps);
  context.fillStyle = ink.ground;
  context.fillRect(0, 0, width, rows.length * rowHeight);
  rows.forEach((row, at) => {
    const y = at * rowHeight;
    for (const [first, last] of gaps(row, steps)) {
      hatch(context, ink, { x: first * wide, y, width: (last - first) * wide, height: rowHeight });
    }
    row.values.forEach((value, step) => {
      if (value === null) return;
      context.fillStyle = ink.ramp[stopOf(value, top)] ?? ink.hatch;
      // A pixel more than it is wide, so that no seam shows between two.
      context.fillRect(step * wide, y, wide + 1, rowHeight - GAP);
    });
  });
  if (cell === null) return;
  context.strokeStyle = ink.frame;
  context.lineWidth = 2;
  context.strokeRect(cell.step * wide, cell.row * rowHeight, Math.max(4, wide), rowHeight - GAP);
}

/** The rows with the one that has most to show at last first; those that show nothing come last. */
export function byLoad(rows: readonly HeatRow[]): HeatRow[] {
  const last = (row: HeatRow) => row.values.findLast((value) => value !== null) ?? -1;
  return [...rows].sort((a, b) => last(b) - last(a));
}

/** Where a row has nothing, from a step to one that has. */
export function gaps(row: HeatRow, steps: number): [number, number][] {
  const found: [number, number][] = [];
  for (let step = 0; step < steps; step += 1) {
    if ((row.values[step] ?? null) !== null) continue;
    const last = found.at(-1);
    if (last?.[1] === step) last[1] = step + 1;
    else found.push([step, step + 1]);
  }
  return found;
}

type Box = { x: number; y: number; width: number; height: number };

function hatch(context: CanvasRenderingContext2D, ink: Ink, box: Box): void {
  context.save();
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height - GAP);
  context.clip();
  context.strokeStyle = ink.hatch;
  context.lineWidth = 1;
  context.beginPath();
  // From one grid for all, so that hatchings beside each other meet.
  const start = Math.floor((box.x - box.height) / HATCH) * HATCH;
  for (let x = start; x < box.x + box.width; x += HATCH) {
    context.moveTo(x, box.y + box.height);
    context.lineTo(x + box.height, box.y);
  }
  context.stroke();
  context.restore();
}
