// The axis of time: where its marks stand, and what is written at them.

import { dayOfYear, minuteOfDay } from "$lib/format/time";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Between two marks: whole parts of an hour, of a day, or of a year. */
const STEPS = [
  ...[1, 2, 3, 5, 10, 15, 30].map((minutes) => minutes * MINUTE),
  ...[1, 2, 3, 6, 12].map((hours) => hours * HOUR),
  ...[1, 2, 7, 14, 28, 91, 365].map((days) => days * DAY),
];

/** Where local time is, ahead of UTC, in milliseconds. */
const zone = (at: number): number => -new Date(at).getTimezoneOffset() * MINUTE;

export type Axis = { marks: number[]; step: number };

/**
 * Marks of an axis that is `width` pixels wide, each with `room` pixels, on whole steps of local
 * time.
 */
export function axisOf(
  [from, until]: readonly [number, number],
  { width, room }: { width: number; room: number },
  ahead = zone(until),
): Axis {
  const most = Math.max(1, Math.floor(width / room));
  const step = STEPS.find((step) => (until - from) / step <= most) ?? 365 * DAY;
  const first = Math.ceil((from + ahead) / step) * step - ahead;
  const count = Math.max(0, Math.floor((until - first) / step) + 1);
  return { marks: Array.from({ length: count }, (_, i) => first + i * step), step };
}

/** The time of day; the day where one begins, and where marks are whole days. */
export function markWord(at: number, step: number, ahead = zone(at)): string {
  return step >= DAY || (at + ahead) % DAY === 0 ? dayOfYear(at) : minuteOfDay(at);
}
