// Numbers with units, in the reader's language.

/** The reader's language; WebKitGTK names one that does not exist under LANG=C.UTF-8. */
export const LANGUAGE: string | undefined = (() => {
  try {
    new Intl.NumberFormat(navigator.language);
    return navigator.language;
  } catch {
    return "en-US";
  }
})();

const whole = new Intl.NumberFormat(LANGUAGE, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(LANGUAGE, {
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

export function count(value: number): string {
  return whole.format(value);
}

/** `1 agent`, `2 agents`. */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

export function percent(value: number): string {
  return `${whole.format(value)} %`;
}

export function memory(mib: number): string {
  return mib < 1_024 ? `${whole.format(mib)} MiB` : `${tenths.format(mib / 1_024)} GiB`;
}

export function bytes(size: number): string {
  if (size < 1_024) return `${whole.format(size)} B`;
  return size < 1_048_576 ? `${tenths.format(size / 1_024)} KiB` : memory(size / 1_048_576);
}

/** A short time that was measured: `340 µs`, `1.2 ms`, `3.4 s`. */
export function took(us: number): string {
  if (us < 1_000) return `${whole.format(us)} µs`;
  if (us < 1_000_000) return `${tenths.format(us / 1_000)} ms`;
  return `${tenths.format(us / 1_000_000)} s`;
}
