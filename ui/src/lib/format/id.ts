// Identities as people read them.

/** The first eight digits, as Covey's logs show them. */
export function shortId(id: string): string {
  return id.slice(0, 8);
}

/** All of a key in groups of four, to be compared by eye. */
export function fingerprint(id: string): string {
  return id.match(/.{1,4}/g)?.join(" ") ?? id;
}

/** `123456` → `123 456`. */
export function codeDigits(digits: string): string {
  return digits.replace(/^(\d{3})(\d{3})$/, "$1 $2");
}

const NAME = /^(?:[a-z0-9][a-z0-9._-]*\/)?[a-z0-9][a-z0-9._-]*$/;

/** Why `text` is no name for an agent, or nothing if it is one. */
export function nameFault(text: string): string | undefined {
  if (text === "") return "Give it a name: that is how it is called.";
  if (text.length > 64) return "At most 64 characters.";
  if (!NAME.test(text)) return "Use a–z, 0–9, '.', '_' and '-', with at most one '/' in between.";
  return undefined;
}

const keys = new Map<string, string>();
/** Names remembered at most; past it the memory starts afresh. */
const MAX_KEYS = 50_000;

/** Orders names as people count: `echo-2` before `echo-10`. A collator takes fifty times as long. */
export function byName(a: string, b: string): number {
  const [x, y] = [sortKey(a), sortKey(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}

function sortKey(name: string): string {
  const known = keys.get(name);
  if (known !== undefined) return known;
  if (keys.size >= MAX_KEYS) keys.clear();
  const key = name.toLowerCase().replaceAll(/\d+/g, (digits) => digits.padStart(12, "0"));
  keys.set(name, key);
  return key;
}
