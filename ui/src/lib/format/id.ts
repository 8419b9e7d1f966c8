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
