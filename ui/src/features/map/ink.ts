// The colours of the theme, as a canvas takes them.

const ROLES = [
  "text",
  "text-quiet",
  "surface",
  "accent",
  "line-strong",
  "map-node",
  "map-fill",
  "map-edge",
  "status-ok",
  "status-active",
  "status-warn",
  "status-bad",
  "status-moving",
  "status-idle",
] as const;

export type Ink = Record<(typeof ROLES)[number], string>;

/** Custom properties keep `light-dark()` unresolved; the colour of an element does not. */
export function readInk(probe: HTMLElement): Ink {
  const ink = ROLES.map((role) => {
    probe.style.setProperty("color", `var(--color-${role})`);
    return [role, getComputedStyle(probe).color] as const;
  });
  return Object.fromEntries(ink) as Ink;
}
