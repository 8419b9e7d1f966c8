// What moves on the map, and only because something happened: messages, moves of agents, events.

import type { Tone } from "$lib/format/agent";

import { hasNote, toneInk } from "./draw";
import type { Ink } from "./ink";
import type { Scene } from "./scene";

/** From one end of a link to the other. */
const CROSSING_MS = 1_100;
const FLIGHT_MS = 700;
const RIPPLE_MS = 1_100;
/** Pulses at most, by what the machine can draw. */
const BUDGETS = [400, 120, 0] as const;
/** A mean gap between frames above this, over a second, takes the next smaller budget. */
const SLOW_FRAME_MS = 45;

/** Half of what the note of a link takes, which pulses pass under. */
const NOTE = { x: 24, y: 10 };

type Flight = { from: { x: number; y: number }; to: { x: number; y: number }; start: number };
type Ripple = { node: string; tone: Tone; start: number };

export class Motion {
  #flights: Flight[] = [];
  #ripples: Ripple[] = [];
  #homes = new Map<string, { x: number; y: number }>();
  #level = 0;
  #frames = 0;
  #second = 0;

  /** Sees where agents live; one that changed its node flies there. */
  settle(scene: Scene, owners: ReadonlyMap<string, string>, at: number): void {
    const homes = new Map<string, { x: number; y: number; node: string }>();
    for (const dot of scene.dots) {
      homes.set(dot.id, { x: dot.x, y: dot.y, node: owners.get(dot.id) ?? "" });
    }
    const before = this.#homes as Map<string, { x: number; y: number; node?: string }>;
    for (const [id, home] of homes) {
      const old = before.get(id);
      if (old?.node !== undefined && old.node !== home.node && this.#flights.length < 60) {
        this.#flights.push({ from: old, to: home, start: at });
      }
    }
    this.#homes = homes;
  }

  ripple(node: string, tone: Tone, at: number): void {
    if (this.#ripples.length < 40) this.#ripples.push({ node, tone, start: at });
  }

  /** Draws what flies over the nodes, and says whether there is anything. */
  drawAbove(context: CanvasRenderingContext2D, scene: Scene, ink: Ink, at: number): boolean {
    this.#flights = this.#flights.filter(({ start }) => at - start < FLIGHT_MS);
    this.#ripples = this.#ripples.filter(({ start }) => at - start < RIPPLE_MS);
    context.fillStyle = ink["status-moving"];
    for (const { from, to, start } of this.#flights) {
      const t = eased((at - start) / FLIGHT_MS);
      const x = from.x + (to.x - from.x) * t;
      const lift = Math.sin(Math.PI * t) * Math.min(60, Math.abs(to.x - from.x) * 0.2);
      context.fillRect(x - 3.5, from.y + (to.y - from.y) * t - lift - 3.5, 7, 7);
    }
    for (const { node, tone, start } of this.#ripples) {
      const place = scene.nodes.find((shape) => shape.id === node);
      if (place === undefined) continue;
      const t = (at - start) / RIPPLE_MS;
      context.globalAlpha = 1 - t;
      context.strokeStyle = toneInk(tone, ink);
      context.lineWidth = 2;
      context.beginPath();
      context.arc(place.x, place.y, scene.layout.size * 0.6 + t * 26, 0, 2 * Math.PI);
      context.stroke();
      context.globalAlpha = 1;
    }
    return this.#flights.length > 0 || this.#ripples.length > 0;
  }

  /** Draws messages on the links, below the nodes, and says whether there are any. */
  drawBelow(context: CanvasRenderingContext2D, scene: Scene, ink: Ink, at: number): boolean {
    this.#govern(at);
    let left: number = BUDGETS[this.#level] ?? 0;
    const most = Math.max(1, Math.floor(left / 2 / Math.max(1, 2 * scene.edges.length)));
    let drawn = 0;
    context.fillStyle = ink.accent;
    for (const edge of scene.edges) {
      const length = Math.hypot(edge.x2 - edge.x1, edge.y2 - edge.y1);
      const noted = hasNote(edge, scene);
      const [mx, my] = [(edge.x1 + edge.x2) / 2, (edge.y1 + edge.y2) / 2];
      for (const [rate, forth] of [
        [edge.sent, true],
        [edge.received, false],
      ] as const) {
        const count = Math.min(left, most, pulsesFor(rate));
        left -= count;
        drawn += count;
        for (let i = 0; i < count; i += 1) {
          const t = (at / CROSSING_MS + i / count) % 1;
          const along = forth ? t : 1 - t;
          const side = forth ? 3 : -3;
          const nx = (-(edge.y2 - edge.y1) / Math.max(1, length)) * side;
          const ny = ((edge.x2 - edge.x1) / Math.max(1, length)) * side;
          const x = edge.x1 + (edge.x2 - edge.x1) * along + nx;
          const y = edge.y1 + (edge.y2 - edge.y1) * along + ny;
          if (noted && Math.abs(x - mx) < NOTE.x && Math.abs(y - my) < NOTE.y) continue;
          context.fillRect(x - 1.75, y - 1.75, 3.5, 3.5);
        }
      }
    }
    return drawn > 0;
  }

  #govern(at: number): void {
    this.#frames += 1;
    if (this.#second === 0 || at - this.#second > 2_000) {
      this.#second = at;
      this.#frames = 0;
    } else if (at - this.#second >= 1_000) {
      const gap = (at - this.#second) / this.#frames;
      if (gap > SLOW_FRAME_MS) this.#level = Math.min(BUDGETS.length - 1, this.#level + 1);
      this.#second = at;
      this.#frames = 0;
    }
  }
}

/** The number of pulses grows with the logarithm of messages a second; none is drawn for none. */
export function pulsesFor(rate: number): number {
  return rate <= 0 ? 0 : Math.min(12, Math.ceil(Math.log2(1 + rate)));
}

function eased(t: number): number {
  return t < 0.5 ? 2 * t * t : 1 - (2 - 2 * t) ** 2 / 2;
}
