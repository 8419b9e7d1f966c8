// Conflicts that a person has seen and put away; kept in the browser, not in the cluster.

const STORE = "covey.dismissed";
/** Keys remembered: the oldest go. */
const MOST = 500;

let keys = $state.raw<ReadonlySet<string>>(new Set(load()));

function load(): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORE) ?? "[]");
    return Array.isArray(kept) ? kept.filter((key) => typeof key === "string") : [];
  } catch {
    return [];
  }
}

export function dismissed(): ReadonlySet<string> {
  return keys;
}

export function dismiss(more: readonly string[]): void {
  const kept = [...keys, ...more].slice(-MOST);
  keys = new Set(kept);
  localStorage.setItem(STORE, JSON.stringify(kept));
}
