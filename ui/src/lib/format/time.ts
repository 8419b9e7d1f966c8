// Times: how long ago, for how long, and when exactly.

import { count, LANGUAGE, took } from "./number";

const clock = new Intl.DateTimeFormat(LANGUAGE, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const exact = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "long" });

const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** The greatest unit alone, or two below an hour: `45 s`, `3 min 20 s`, `5 h`. */
export function span(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole >= 60_000 && whole < 600_000) {
    const seconds = Math.floor((whole % 60_000) / 1_000);
    return seconds === 0
      ? `${Math.floor(whole / 60_000)} min`
      : `${Math.floor(whole / 60_000)} min ${seconds} s`;
  }
  const [unit, size] = UNITS.find(([, size]) => whole >= size) ?? ["s", 1_000];
  return `${Math.floor(whole / size)} ${unit}`;
}

/** A span that is set, and may be short: `500 ms`, `2.5 s`, `45 s`, `3 min 20 s`. */
export function period(ms: number): string {
  if (ms >= 1_000 && (ms >= 10_000 || ms % 1_000 === 0)) return span(ms);
  return ms < 1_000 ? `${count(ms)} ms` : took(ms * 1_000);
}

/** `just now`, `12 s ago`. A clock that runs ahead of ours is no reason to speak of the future. */
export function ago(then: number, now: number): string {
  return now - then < 1_500 ? "just now" : `${span(now - then)} ago`;
}

/** What is left, as a countdown: `1:05`. */
export function countdown(until: number, now: number): string {
  const seconds = Math.max(0, Math.ceil((until - now) / 1_000));
  const tail = String(seconds % 60).padStart(2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60
    ? `${minutes}:${tail}`
    : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${tail}`;
}

export function timeOfDay(at: number): string {
  return clock.format(at);
}

const short = new Intl.DateTimeFormat(LANGUAGE, {
  hour: "2-digit",
  minute: "2-digit",
  hour12: false,
});

/** The time of day to the minute, for an axis. */
export function minuteOfDay(at: number): string {
  return short.format(at);
}

const day = new Intl.DateTimeFormat(LANGUAGE, { day: "numeric", month: "short" });

/** The day and the month, for an axis. */
export function dayOfYear(at: number): string {
  return day.format(at);
}

/** The time of day, with its day if that is not today. */
export function timeWords(at: number, now: number): string {
  const same = new Date(at).toDateString() === new Date(now).toDateString();
  return same ? timeOfDay(at) : `${dayOfYear(at)} ${minuteOfDay(at)}`;
}

/** The whole date with its zone, for a hover. */
export function moment(at: number): string {
  return exact.format(at);
}
