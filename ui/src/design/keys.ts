// A shortcut as it is written in a binding, key by key: `g a`, `mod+k`, `+`.

/** The keys one presses, in order; a plus that stands alone or last is itself a key. */
export function keysOf(shortcut: string): { key: string; chord: boolean }[] {
  return shortcut.split(" ").flatMap((press) => {
    const keys = press.split(/\+(?=.)/).filter((key) => key !== "");
    return keys.map((key) => ({ key, chord: keys.length > 1 }));
  });
}
