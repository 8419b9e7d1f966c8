// What the palette finds: actions, agents and nodes, by one rule.

import { ranked } from "$lib/state/rank";

export type Entry = {
  id: string;
  kind: "action" | "node" | "agent";
  title: string;
  note: string;
  words: string;
  keys?: string;
  reason?: string | null;
  run: () => void;
};

const PREFIXES: Record<string, Entry["kind"]> = { ">": "action", "@": "node", "#": "agent" };
/** More than fit on a screen help nobody. */
const SHOWN = 40;

/**
 * The best answers; a first character of `>`, `@` or `#` asks for one kind alone. What cannot be done
 * now comes last while nothing is asked for.
 */
export function search(query: string, entries: readonly Entry[]): Entry[] {
  const kind = PREFIXES[query.charAt(0)];
  const text = kind === undefined ? query : query.slice(1);
  const among = entries.filter((entry) =>
    kind === undefined ? text !== "" || entry.kind === "action" : entry.kind === kind,
  );
  const off = (entry: Entry): number => (text === "" && entry.reason ? 1 : 0);
  const inOrder = among.toSorted((a, b) => off(a) - off(b));
  return ranked(text, inOrder, (entry) => [entry.title, entry.words]).slice(0, SHOWN);
}
