import { expect, test } from "vitest";

import { axisOf, markWord } from "./axis";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const wide = (width: number) => ({ width, room: 90 });

test("marks of the axis stand on whole minutes and have their room", () => {
  const { marks } = axisOf([30_000, 930_000], wide(450), 0);

  expect(marks).toEqual([180_000, 360_000, 540_000, 720_000, 900_000]);
  expect(axisOf([30_000, 930_000], wide(2_000), 0).marks).toHaveLength(15);
});

test("marks have their room whatever is between the ends", () => {
  for (const reach of [300_000, 900_000, HOUR, 5 * HOUR, 3 * DAY, 40 * DAY, 900 * DAY]) {
    for (const width of [328, 700, 1_040]) {
      const { marks, step } = axisOf([7, 7 + reach], wide(width), 0);

      expect((width * step) / reach).toBeGreaterThanOrEqual(90);
      expect(marks.length).toBeLessThanOrEqual(1 + width / 90);
    }
  }
});

test("marks stand on whole hours and days of local time", () => {
  const ahead = 5.5 * HOUR;
  const { marks, step } = axisOf([0, 3 * DAY], wide(328), ahead);

  expect(step).toBe(DAY);
  expect(marks.map((at) => (at + ahead) % DAY)).toEqual([0, 0, 0]);
});

test("day is written where it begins, the time of day elsewhere", () => {
  const midnight = new Date(2026, 10, 27).getTime();

  expect(markWord(midnight + 6 * HOUR, 6 * HOUR)).toMatch(/^0?6:00/);
  expect(markWord(midnight, 6 * HOUR)).toMatch(/27/);
  expect(markWord(midnight + DAY, DAY)).toMatch(/28/);
});
