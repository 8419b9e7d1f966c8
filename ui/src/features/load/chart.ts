// Paths of a series: each run of steps with data is drawn by itself, so that a gap stays one.

import type { SeriesView } from "$lib/ipc/bindings";

export type Scale = { width: number; height: number; top: number; steps: number };

type Run = { step: number; value: number }[];

/** Steps that follow one another and have data. */
export function runs(values: readonly (number | null)[]): Run[] {
  const found: Run[] = [];
  values.forEach((value, step) => {
    if (value === null) return;
    const last = found.at(-1);
    if (last?.at(-1)?.step === step - 1) last.push({ step, value });
    else found.push([{ step, value }]);
  });
  return found;
}

export function line(values: readonly (number | null)[], scale: Scale): string {
  // One step alone is as wide as itself, or it would not be seen.
  const path = (run: Run) => {
    const [first] = run;
    if (run.length === 1 && first) {
      return `M${left(first.step, scale)},${y(first.value, scale)}H${left(first.step + 1, scale)}`;
    }
    return `M${run.map(({ step, value }) => `${x(step, scale)},${y(value, scale)}`).join("L")}`;
  };
  return runs(values).map(path).join("");
}

export function band({ min, max }: SeriesView, scale: Scale): string {
  const path = (run: Run) => {
    const over = run.map(({ step, value }) => `${x(step, scale)},${y(value, scale)}`);
    const under = run.map(({ step }) => `${x(step, scale)},${y(min[step] ?? 0, scale)}`);
    return `M${[...over, ...under.reverse()].join("L")}Z`;
  };
  return runs(max).map(path).join("");
}

const x = (step: number, { width, steps }: Scale) => (((step + 0.5) / steps) * width).toFixed(1);
const left = (step: number, { width, steps }: Scale) => ((step / steps) * width).toFixed(1);
const y = (value: number, { height, top }: Scale) =>
  (height - 1 - (Math.min(value, top) / top) * (height - 2)).toFixed(1);
