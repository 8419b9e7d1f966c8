// Short notices of what a command came to. What it changed is in the events as well.

export type Notice = { id: number; tone: "ok" | "bad"; text: string };

/** Long enough to read two lines. */
const OK_MS = 4_000;
const BAD_MS = 12_000;

let current = $state.raw<readonly Notice[]>([]);
let nextId = 1;

export function notices(): readonly Notice[] {
  return current;
}

export function notify(tone: Notice["tone"], text: string): void {
  const id = nextId++;
  current = [...current.slice(-3), { id, tone, text }];
  setTimeout(() => dismiss(id), tone === "ok" ? OK_MS : BAD_MS);
}

export function dismiss(id: number): void {
  current = current.filter((notice) => notice.id !== id);
}
