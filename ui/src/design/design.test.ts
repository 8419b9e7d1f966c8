import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

import { inHeldOrder, sorted, windowOf } from "./grid";

const css = readFileSync(new URL("./tokens.css", import.meta.url), "utf8");

/** The colour of a role in both themes. */
function role(name: string): { light: string; dark: string } {
  const found = new RegExp(
    `--color-${name}: light-dark\\(var\\(--palette-([a-z0-9-]+)\\), var\\(--palette-([a-z0-9-]+)\\)\\);`,
  ).exec(css);
  const shade = (token: string | undefined): string => {
    const hex = new RegExp(`--palette-${token ?? "?"}: (#[0-9a-f]{6});`).exec(css)?.[1];
    if (hex === undefined) throw new Error(`no colour for ${name}`);
    return hex;
  };
  return { light: shade(found?.[1]), dark: shade(found?.[2]) };
}

function luminance(hex: string): number {
  const channel = (at: number): number => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

const GROUNDS = ["ground", "frame", "surface", "raised", "sunken", "hover", "selected"];
const SOFT = ["soft-active", "soft-warn", "soft-bad"];
const TEXTS = ["text", "text-soft", "text-quiet", "link", "text-ok", "text-bad"];
const MARKS = ["ok", "active", "warn", "bad", "moving", "idle"].map((tone) => `status-${tone}`);

/** Text that stands on one ground alone. */
const PAIRS: [text: string, ground: string, least: number][] = [
  ...TEXTS.filter((text) => text !== "link" && text !== "text-ok").flatMap((text) =>
    ["ground", "frame", "surface", "raised", "sunken"].map((ground): [string, string, number] => [
      text,
      ground,
      4.5,
    ]),
  ),
  ...["text", "text-soft"].flatMap((text) =>
    [...GROUNDS, ...SOFT].map((ground): [string, string, number] => [text, ground, 4.5]),
  ),
  ["text-quiet", "hover", 4.5],
  ["text-quiet", "selected", 4.5],
  ["link", "surface", 4.5],
  ["link", "sunken", 4.5],
  ["text-on-accent", "accent", 4.5],
  ...MARKS.map((mark): [string, string, number] => [mark, "surface", 3]),
  ["line-control", "surface", 3],
  ["focus", "ground", 3],
];

test.each(PAIRS)("%s on %s has a contrast of at least %d", (text, ground, least) => {
  for (const theme of ["light", "dark"] as const) {
    const found = contrast(role(text)[theme], role(ground)[theme]);

    expect(found, theme).toBeGreaterThanOrEqual(least);
  }
});

test("window of a long list is short", () => {
  const [first, last] = windowOf(10_000, { top: 3_200, height: 640, row: 32 });

  expect(first).toBe(94);
  expect(last).toBe(126);
});

test("window past the end is empty, not negative", () => {
  expect(windowOf(3, { top: 9_000, height: 640, row: 32 })).toEqual([3, 3]);
});

test("held order keeps rows in place and puts newcomers last", () => {
  const rows = ["a", "b", "c", "x"];

  expect(inHeldOrder(rows, ["c", "a", "gone", "b"], (row) => row)).toEqual(["c", "a", "b", "x"]);
});

test("sorting leaves equals as they came", () => {
  const rows = [
    { id: "b", n: 1 },
    { id: "a", n: 1 },
    { id: "c", n: 0 },
  ];
  const columns = [
    { key: "n", title: "", width: "", order: (x: { n: number }, y: { n: number }) => x.n - y.n },
  ];

  const order = sorted(rows, columns, { key: "n", descending: false }).map((row) => row.id);

  expect(order).toEqual(["c", "b", "a"]);
});
