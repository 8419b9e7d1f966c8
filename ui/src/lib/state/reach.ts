// How far back the timeline looks.

export const REACHES = [
  { value: "5m", word: "5 min", hint: "The last 5 minutes", ms: 300_000 },
  { value: "15m", word: "15 min", hint: "The last 15 minutes", ms: 900_000 },
  { value: "1h", word: "1 h", hint: "The last hour", ms: 3_600_000 },
  { value: "all", word: "All", hint: "As far back as events are known", ms: null },
] as const;

export type Reach = (typeof REACHES)[number];

/** What an address says; a quarter of an hour if it says nothing that is known. */
export function reachOf(said: string | undefined): Reach {
  return REACHES.find(({ value }) => value === said) ?? REACHES[1];
}

/** The reach beside `reach`, farther or nearer; itself where there is none. */
export function steppedReach(reach: Reach, step: 1 | -1): Reach {
  return REACHES[REACHES.indexOf(reach) + step] ?? reach;
}
