// How the panel looks on this screen; kept in the browser, not in the cluster.

export const THEMES = ["system", "light", "dark"] as const;
export const DENSITIES = ["standard", "compact", "comfortable"] as const;
export const MOTIONS = ["system", "full", "still"] as const;

export type Appearance = {
  theme: (typeof THEMES)[number];
  density: (typeof DENSITIES)[number];
  motion: (typeof MOTIONS)[number];
  /** Whether keys without Ctrl or ⌘ do anything (WCAG 2.1.4). */
  singleKeys: boolean;
};

const STORE = "covey.appearance";
const PLAIN: Appearance = {
  theme: "system",
  density: "standard",
  motion: "system",
  singleKeys: true,
};

let reduced: MediaQueryList | undefined;
let current = $state.raw<Appearance>(load());

export function appearance(): Appearance {
  return current;
}

export function setAppearance(change: Partial<Appearance>): void {
  current = { ...current, ...change };
  localStorage.setItem(STORE, JSON.stringify(current));
  apply();
}

/** Writes the choices where the style sheets look for them. */
export function apply(): void {
  const { dataset } = document.documentElement;
  if (current.theme === "system") delete dataset["theme"];
  else dataset["theme"] = current.theme;
  dataset["density"] = current.density;
  dataset["motion"] = current.motion;
}

/** The theme after the one that is seen now. */
export function toggleTheme(): void {
  const dark =
    current.theme === "dark" ||
    (current.theme === "system" && matchMedia("(prefers-color-scheme: dark)").matches);
  setAppearance({ theme: dark ? "light" : "dark" });
}

/** Whether pictures may move. */
export function moving(): boolean {
  if (current.motion !== "system") return current.motion === "full";
  // Asked once a frame: the query is kept, its answer is live.
  reduced ??= matchMedia("(prefers-reduced-motion: reduce)");
  return !reduced.matches;
}

function load(): Appearance {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(STORE) ?? "{}");
    const given = typeof stored === "object" && stored !== null ? stored : {};
    const merged = { ...PLAIN, ...given };
    return {
      theme: THEMES.includes(merged.theme) ? merged.theme : PLAIN.theme,
      density: DENSITIES.includes(merged.density) ? merged.density : PLAIN.density,
      motion: MOTIONS.includes(merged.motion) ? merged.motion : PLAIN.motion,
      singleKeys: merged.singleKeys,
    };
  } catch {
    return PLAIN;
  }
}
