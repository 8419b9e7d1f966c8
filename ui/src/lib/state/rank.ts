// How well a text answers what was typed: all of it, its start, the starts of words, or its letters.

/** Higher is better; nothing if `text` does not answer `query`. */
export function rank(query: string, text: string): number | undefined {
  const wanted = query.trim().toLowerCase();
  if (wanted === "") return 0;
  const given = text.toLowerCase();
  if (given === wanted) return 1_000;
  if (given.startsWith(wanted)) return 900 - Math.min(100, given.length);
  const inside = given.indexOf(wanted);
  for (let at = inside; at >= 0; at = given.indexOf(wanted, at + 1)) {
    if (!/[a-z0-9]/.test(given.charAt(at - 1))) return 700 - Math.min(100, at);
  }
  if (inside >= 0) return 500 - Math.min(100, inside);
  const scattered = spread(wanted.replaceAll(/\s+/g, ""), given);
  return scattered === undefined ? undefined : Math.max(1, 300 - scattered);
}

/** The items that answer `query`, best first; equals stay in the order they came in. */
export function ranked<Item>(
  query: string,
  items: readonly Item[],
  texts: (item: Item) => readonly [title: string, words: string],
): Item[] {
  return items
    .flatMap((item) => {
      const [title, words] = texts(item);
      const best = Math.max(rank(query, title) ?? -1, (rank(query, words) ?? -1) - 150);
      return best < 0 ? [] : [{ item, best }];
    })
    .sort((a, b) => b.best - a.best)
    .map(({ item }) => item);
}

/** How far apart the letters of `wanted` lie in `given`, in order. */
function spread(wanted: string, given: string): number | undefined {
  let at = -1;
  let gaps = 0;
  for (const letter of wanted) {
    const next = given.indexOf(letter, at + 1);
    if (next < 0) return undefined;
    if (at >= 0) gaps += next - at - 1;
    at = next;
  }
  // Letters strewn over a long text are an accident, not an answer.
  return gaps > 3 * wanted.length ? undefined : gaps;
}
