// The measures of a plot of credits over time, in the units of its picture.

export const WIDTH = 380;
export const HEIGHT = 120;
/** Of the height, the least between two numbers at the axis. */
const APART = 0.1;

/** Of the height, what stays free above what is drawn. */
const HEADROOM = 0.08;

/** Where so many credits are, if `most` are near the top. */
export function level(credits: number, most: number): number {
  return HEIGHT * (1 - (1 - HEADROOM) * (credits / most));
}

/** The amounts that are numbered at the axis, from the greatest: none so near another that they overlap. */
export function numbered(amounts: readonly number[], most: number): readonly number[] {
  const apart = HEIGHT * APART;
  return [...new Set([...amounts, 0])].reduce<number[]>((kept, amount) => {
    const free = kept.every((other) => Math.abs(level(other, most) - level(amount, most)) >= apart);
    return free ? [...kept, amount] : kept;
  }, []);
}
