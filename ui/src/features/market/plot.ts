// The measures of a plot of credits over time, in the units of its picture.

export const WIDTH = 380;
export const HEIGHT = 120;

/** Where so many credits are, if `most` are at the top. */
export function level(credits: number, most: number): number {
  return HEIGHT - HEIGHT * (credits / most);
}
