// Where nodes stand: this node in the middle of its links, the others around it, never dancing.
//
// Places depend on who is there and on the size of the picture, not on any value that changes.

export type Place = { id: string; x: number; y: number };
export type Layout = { places: Place[]; size: number; reach: number; roomy: boolean };

/** Beyond this many nodes a ring has no room for names, and rows are read more easily. */
const RING_MAX = 10;
/** Room for a name below a node. */
const LABEL_HEIGHT = 30;
/** Half the width of the note below a name. */
const NOTE_HALF = 29;
const DOT_GAP = 9;

export function layout(
  ids: readonly string[],
  self: string | undefined,
  { width, height, agents }: { width: number; height: number; agents: number },
): Layout {
  const others = ids.filter((id) => id !== self).toSorted();
  const order = self === undefined ? others : [self, ...others];
  if (order.length > RING_MAX) return rows(order, { width, height, agents });
  const size = clamp(Math.min(width, height) * (order.length <= 4 ? 0.15 : 0.12), 30, 58);
  const reach = reachOf(size, agents);
  const box = {
    x: width / 2,
    y: (height - LABEL_HEIGHT) / 2,
    rx: Math.max(0, width / 2 - reach - 34),
    ry: Math.max(0, (height - LABEL_HEIGHT) / 2 - reach - 8),
  };
  const [across, down] = [2 * reach + 40, 2 * reach + LABEL_HEIGHT + 4];
  if (order.length > 3 && (box.rx < across || box.ry < down)) {
    return rows(order, { width, height, agents });
  }
  const places = order.map((id, i) => ({ id, ...around(i, order.length, box) }));
  return { places, size, reach, roomy: true };
}

type Box = { x: number; y: number; rx: number; ry: number };

function around(i: number, n: number, { x, y, rx, ry }: Box): { x: number; y: number } {
  if (n === 1) return { x, y };
  if (n === 2) return { x: x + (i === 0 ? -1 : 1) * Math.min(rx, 190), y };
  if (n === 3) {
    const wide = Math.min(rx, 220);
    if (i === 0) return { x, y: y - ry };
    return { x: x + (i === 1 ? -1 : 1) * wide, y: y + ry };
  }
  if (i === 0) return { x, y };
  const turn = ((i - 1) / (n - 1)) * 2 * Math.PI - Math.PI / 2 + (n % 2 === 1 ? Math.PI / 4 : 0);
  return { x: x + Math.min(rx, ry * 2.2) * Math.cos(turn), y: y + ry * Math.sin(turn) };
}

function rows(
  order: readonly string[],
  { width, height, agents }: { width: number; height: number; agents: number },
): Layout {
  const n = order.length;
  const columns = Math.max(1, Math.min(n, Math.round(Math.sqrt((n * width) / height / 0.9))));
  const lines = Math.ceil(n / columns);
  const cell = { width: width / columns, height: height / lines };
  const size = clamp(Math.min(cell.width, cell.height) * 0.26, 12, 40);
  const room = Math.min(cell.width / 2, (cell.height - 16) / 2) - 2;
  const reach = Math.min(reachOf(size, agents), Math.max(size * 0.75, room));
  const slots = Array.from({ length: n }, (_, slot) => {
    const line = Math.floor(slot / columns);
    const inLine = line === lines - 1 ? n - line * columns : columns;
    return {
      x: width / 2 + ((slot % columns) - (inLine - 1) / 2) * cell.width,
      y: line * cell.height + (cell.height - 14) / 2,
    };
  });
  // The slot nearest to the middle is for this node: all links that are drawn begin there.
  const middle = slots.reduce(
    (best, slot, i) =>
      distance(slot, width, height) < distance(slots[best] ?? slot, width, height) ? i : best,
    0,
  );
  const [self, ...others] = order;
  const arranged = [...others.slice(0, middle), self, ...others.slice(middle)];
  const places = arranged.flatMap((id, i) => {
    const slot = slots[i];
    return id === undefined || slot === undefined ? [] : [{ id, ...slot }];
  });
  return { places, size, reach, roomy: false };
}

function distance(slot: { x: number; y: number }, width: number, height: number): number {
  return Math.hypot(slot.x - width / 2, slot.y - height / 2);
}

/** From the middle of a node to the outer edge of the rings that hold `agents` dots. */
function reachOf(size: number, agents: number): number {
  let held = 0;
  for (let ring = 0; ring < 4; ring += 1) {
    held += ringCapacity(size, ring);
    if (held >= agents) return ringRadius(size, ring) + DOT_GAP / 2;
  }
  return ringRadius(size, 3) + DOT_GAP / 2;
}

const gapOf = (size: number): number => (size < 28 ? 6.5 : DOT_GAP);
const ringRadius = (size: number, ring: number): number =>
  size * 0.72 + gapOf(size) * (0.75 + ring);
const ringCapacity = (size: number, ring: number): number =>
  Math.floor((2 * Math.PI * ringRadius(size, ring)) / gapOf(size));

/** Where the dot of a slot lies, from the middle of its node; nothing past the last ring. */
export function dotOffset(
  slot: number,
  { size, reach }: Pick<Layout, "size" | "reach">,
): { x: number; y: number } | undefined {
  let left = slot;
  for (let ring = 0; ringRadius(size, ring) <= reach; ring += 1) {
    const capacity = ringCapacity(size, ring);
    if (left < capacity) {
      // From the top to both sides in turn, so that a few dots stand in the middle.
      const step = (left % 2 === 0 ? 1 : -1) * Math.ceil(left / 2);
      const turn = (step / capacity) * 2 * Math.PI - Math.PI / 2;
      const radius = ringRadius(size, ring);
      return { x: radius * Math.cos(turn), y: radius * Math.sin(turn) };
    }
    left -= capacity;
  }
  return undefined;
}

/** From the middle of a node to where links end. */
export function rimOf({ size, reach, roomy }: Omit<Layout, "places">): number {
  return roomy ? size * 0.72 : reach;
}

export type TextBox = { half: number; top: number; bottom: number };

/** The two lines below a roomy node, from its middle; about, as no text is measured. */
export function labelBoxes(name: string, { reach }: Pick<Layout, "reach">): TextBox[] {
  const middle = reach + LABEL_HEIGHT / 2 + 4;
  return [
    { half: Math.min(80, name.length * 3.8) + 5, top: reach + 2, bottom: middle },
    { half: NOTE_HALF + 5, top: middle, bottom: reach + LABEL_HEIGHT + 6 },
  ];
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(most, value));
}
