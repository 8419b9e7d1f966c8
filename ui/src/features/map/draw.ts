// The still layers of the map: links below, nodes, names and dots above the pulses. Drawn when data
// changes, then copied.

import type { Tone } from "$lib/format/agent";

import type { Ink } from "./ink";
import { rimOf } from "./layout";
import type { Dot, Edge, NodeShape, Scene } from "./scene";

const TONE_INK = {
  ok: "status-ok",
  active: "status-active",
  warn: "status-warn",
  bad: "status-bad",
  moving: "status-moving",
  idle: "status-idle",
} as const satisfies Record<Tone, keyof Ink>;

/** A shorter link has no room for its note; the table has it. */
const NOTE_LENGTH = 36;

export function toneInk(tone: Tone, ink: Ink): string {
  return ink[TONE_INK[tone]];
}

/** Whether the link is long enough to be noted on. */
export function hasNote({ x1, y1, x2, y2 }: Edge, { layout }: Scene): boolean {
  return layout.roomy && Math.hypot(x2 - x1, y2 - y1) >= NOTE_LENGTH;
}

export function drawLinks(context: CanvasRenderingContext2D, scene: Scene, ink: Ink): void {
  for (const edge of scene.edges) drawEdge(context, edge, scene, ink);
}

export function drawNodes(context: CanvasRenderingContext2D, scene: Scene, ink: Ink): void {
  for (const node of scene.nodes) drawNode(context, node, scene, ink);
  stampDots(context, scene, ink);
}

/** A thousand paths take ten times as long as a thousand copies of six small pictures. */
function stampDots(context: CanvasRenderingContext2D, scene: Scene, ink: Ink): void {
  const radius = scene.layout.size < 28 ? 2.2 : 3.4;
  const side = Math.ceil(radius * 3);
  const ratio = context.getTransform().a;
  const stamps = new Map<Tone, HTMLCanvasElement>();
  for (const dot of scene.dots) {
    let stamp = stamps.get(dot.tone);
    if (stamp === undefined) {
      stamp = document.createElement("canvas");
      stamp.width = stamp.height = Math.ceil(side * ratio);
      const brush = stamp.getContext("2d");
      brush?.scale(ratio, ratio);
      if (brush) drawDot(brush, { ...dot, x: side / 2, y: side / 2 }, radius, ink);
      stamps.set(dot.tone, stamp);
    }
    context.drawImage(stamp, dot.x - side / 2, dot.y - side / 2, side, side);
  }
}

function drawEdge(context: CanvasRenderingContext2D, edge: Edge, scene: Scene, ink: Ink): void {
  context.strokeStyle = edge.broken ? ink["status-warn"] : ink["map-edge"];
  context.lineWidth = edge.width;
  context.setLineDash(edge.broken ? [4, 4] : []);
  context.beginPath();
  context.moveTo(edge.x1, edge.y1);
  context.lineTo(edge.x2, edge.y2);
  context.stroke();
  context.setLineDash([]);
  if (!hasNote(edge, scene)) return;
  const x = edge.x1 + (edge.x2 - edge.x1) * 0.5;
  const y = edge.y1 + (edge.y2 - edge.y1) * 0.5;
  context.font = '11px "Inter Variable", sans-serif';
  const width = context.measureText(edge.note).width + 8;
  context.fillStyle = ink.surface;
  context.fillRect(x - width / 2, y - 8, width, 16);
  context.fillStyle = ink["text-quiet"];
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(edge.note, x, y + 0.5);
}

function drawNode(
  context: CanvasRenderingContext2D,
  node: NodeShape,
  { layout }: Scene,
  ink: Ink,
): void {
  const { size, reach, roomy } = layout;
  const left = node.x - size / 2;
  const top = node.y - size / 2;
  const radius = Math.max(3, size * 0.2);
  context.fillStyle = ink.surface;
  context.beginPath();
  context.arc(node.x, node.y, rimOf(layout), 0, 2 * Math.PI);
  context.fill();

  context.save();
  context.beginPath();
  context.roundRect(left, top, size, size, radius);
  context.clip();
  context.fillStyle = ink["map-node"];
  context.fillRect(left, top, size, size);
  context.fillStyle = ink["map-fill"];
  context.fillRect(left, top + size * (1 - node.fill), size, size * node.fill);
  context.restore();

  const line = {
    alive: node.this ? ink.accent : ink["line-strong"],
    suspect: ink["status-warn"],
    down: ink["status-bad"],
    left: ink["status-idle"],
    sleeping: ink["status-idle"],
    waking: ink["line-strong"],
    unseen: ink["status-idle"],
  }[node.state];
  context.strokeStyle = line;
  context.lineWidth = node.this || node.state === "down" ? 2 : 1.5;
  context.setLineDash(node.state === "alive" || node.state === "down" ? [] : [3, 3]);
  context.beginPath();
  context.roundRect(left, top, size, size, radius);
  context.stroke();
  context.setLineDash([]);
  if (node.state === "down") drawCross(context, node, size * 0.2, ink);

  context.textAlign = "center";
  context.textBaseline = "alphabetic";
  const below = node.y + reach + (roomy ? 15 : 11);
  context.font = `${node.this ? 640 : 480} ${roomy ? 13 : 11}px "Inter Variable", sans-serif`;
  context.fillStyle = node.state === "alive" ? ink.text : ink["text-quiet"];
  const name = clipped(context, node.name, roomy ? 160 : reach * 2 + 22);
  write(context, name, node.x, below, ink);
  if (!roomy) return;
  const crowd = node.hidden > 0 ? `+${node.hidden} agents` : "";
  const more = [node.badge, crowd].filter((part) => part !== "").join(" · ") || node.note;
  const words = {
    alive: more,
    suspect: "suspect",
    down: "down",
    left: "left",
    sleeping: "sleeping",
    waking: "waking",
    unseen: "not seen",
  };
  context.font = '11px "Inter Variable", sans-serif';
  context.fillStyle = ink["text-quiet"];
  write(context, words[node.state], node.x, below + 15, ink);
}

/** A text with a rim of the ground, so that it can be read over a link. */
function write(
  context: CanvasRenderingContext2D,
  text: string,
  x: number,
  y: number,
  ink: Ink,
): void {
  context.strokeStyle = ink.surface;
  context.lineWidth = 4;
  context.lineJoin = "round";
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

function drawCross(
  context: CanvasRenderingContext2D,
  { x, y }: NodeShape,
  arm: number,
  ink: Ink,
): void {
  context.strokeStyle = ink["status-bad"];
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(x - arm, y - arm);
  context.lineTo(x + arm, y + arm);
  context.moveTo(x + arm, y - arm);
  context.lineTo(x - arm, y + arm);
  context.stroke();
}

/** Shape and colour both say how the agent is. */
function drawDot(context: CanvasRenderingContext2D, dot: Dot, r: number, ink: Ink): void {
  context.fillStyle = toneInk(dot.tone, ink);
  context.strokeStyle = context.fillStyle;
  const { x, y } = dot;
  context.beginPath();
  switch (dot.tone) {
    case "ok":
      context.arc(x, y, r, 0, 2 * Math.PI);
      break;
    case "bad":
      context.rect(x - r, y - r, 2 * r, 2 * r);
      break;
    case "moving":
      context.moveTo(x, y - r * 1.3);
      context.lineTo(x + r * 1.3, y);
      context.lineTo(x, y + r * 1.3);
      context.lineTo(x - r * 1.3, y);
      break;
    case "warn":
    case "active":
      context.moveTo(x, y - r * 1.2);
      context.lineTo(x + r * 1.2, y + r);
      context.lineTo(x - r * 1.2, y + r);
      break;
    case "idle":
      context.arc(x, y, r - 0.6, 0, 2 * Math.PI);
      context.lineWidth = 1.3;
      context.stroke();
      return;
  }
  context.fill();
}

function clipped(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let end = text.length - 1;
  while (end > 1 && context.measureText(`${text.slice(0, end)}…`).width > width) end -= 1;
  return `${text.slice(0, end)}…`;
}
