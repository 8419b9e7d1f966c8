// From key presses to actions: sequences such as `g a`, and chords such as `mod+k`.

export type Binding = { id: string; keys: string };

/** A sequence ends this long after its last key. */
const PAUSE_MS = 900;

/** A press as it is written in a binding; `mod` is ⌘ on a Mac and Ctrl elsewhere. */
export function pressed(event: {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
}): string {
  const mod = event.ctrlKey || event.metaKey;
  const key = event.key.length === 1 && !mod ? event.key : event.key.toLowerCase();
  if (mod) return `mod+${event.shiftKey ? "shift+" : ""}${key}`;
  return event.altKey ? `alt+${key}` : key;
}

/** Whether `keys` works without a modifier, and so must not fire where one types. */
export function isPlain(keys: string): boolean {
  return !keys.startsWith("mod+") && !keys.startsWith("alt+");
}

/** Follows presses and names the binding that they complete. */
export class KeyReader {
  #typed: string[] = [];
  #at = 0;

  /** The binding that `press` completes, `"more"` if one begins so, or nothing. */
  read(press: string, at: number, bindings: readonly Binding[]): Binding | "more" | undefined {
    if (at - this.#at > PAUSE_MS) this.#typed = [];
    this.#at = at;
    const sequence = [...this.#typed, press].join(" ");
    const found = bindings.find((binding) => binding.keys === sequence);
    if (found !== undefined) {
      this.#typed = [];
      return found;
    }
    if (bindings.some((binding) => binding.keys.startsWith(`${sequence} `))) {
      this.#typed.push(press);
      return "more";
    }
    const fresh = this.#typed.length > 0;
    this.#typed = [];
    return fresh ? this.read(press, at, bindings) : undefined;
  }
}

/** Pairs of bindings of which one hides the other. */
export function conflicts(bindings: readonly Binding[]): [Binding, Binding][] {
  return bindings.flatMap((a, i) =>
    bindings
      .slice(i + 1)
      .filter(
        (b) =>
          a.keys === b.keys || a.keys.startsWith(`${b.keys} `) || b.keys.startsWith(`${a.keys} `),
      )
      .map((b): [Binding, Binding] => [a, b]),
  );
}
