// A virtual display whose pixels are a file: what is on it is read without asking it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";

/** As large as the app's window, which fills it. */
const SCREEN = "1280x800x24";
/** A row of pixels in so many is read: text is higher than that. */
const ROWS_APART = 6;
/** More colours than an empty window has, and fewer than a line of smooth text. */
const COLOURS = 16;
const LOOK_INTERVAL_MS = 2;
/** XWD files begin with numbers of 32 bits, high byte first; these are their places. */
const XWD = { header: 0, height: 5, bytesPerLine: 12, colours: 19 };
const XWD_COLOUR_BYTES = 12;

export class Display {
  #folder = mkdtempSync(join(tmpdir(), "covey-display-"));
  #server;

  /** Starts one; it takes windows when this returns. */
  static async open() {
    const display = new Display();
    const args = ["-displayfd", "3", "-screen", "0", SCREEN, "-nolisten"];
    display.#server = spawn(
      "Xvfb",
      [...args, "tcp", "-fbdir", display.#folder],
      { stdio: ["ignore", "ignore", "ignore", "pipe"] },
    );
    const [number] = await once(display.#server.stdio[3], "data");
    display.name = `:${String(number).trim()}`;
    return display;
  }

  get #picture() {
    return join(this.#folder, "Xvfb_screen0");
  }

  /**
   * Waits until a window shows more than its background; when that was, on the clock of
   * `performance.now`.
   */
  async painted(limitMs) {
    const header = readFileSync(this.#picture).subarray(0, 100);
    const field = (place) => header.readUInt32BE(4 * place);
    const start = field(XWD.header) + field(XWD.colours) * XWD_COLOUR_BYTES;
    const row = new Uint32Array(field(XWD.bytesPerLine) / 4);
    const end = performance.now() + limitMs;
    const file = openSync(this.#picture);
    try {
      while (performance.now() < end) {
        const colours = new Set();
        for (let y = 0; y < field(XWD.height); y += ROWS_APART) {
          readSync(file, row, 0, row.byteLength, start + y * row.byteLength);
          for (const pixel of row) colours.add(pixel);
        }
        if (colours.size > COLOURS) return performance.now();
        await pause(LOOK_INTERVAL_MS);
      }
    } finally {
      closeSync(file);
    }
    throw new Error(`nothing was painted within ${limitMs} ms`);
  }

  async close() {
    this.#server.kill();
    await once(this.#server, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
