// Measures for `cargo xtask bench`: `node measure.mjs load | screen | window` prints one JSON object
// a line, `{"name", "samples"}`.
//
// Run by the bench, which says what of the samples is the figure.

import { setTimeout as pause } from "node:timers/promises";

import { launch, open } from "./support/browser.mjs";
import { Cluster } from "./support/cluster.mjs";
import { Desktop } from "./support/desktop.mjs";
import { Display } from "./support/display.mjs";
import { go } from "./support/harness.mjs";
import { framesPerSecond, underLoad } from "./support/load.mjs";
import { PROGRAM } from "./support/program.mjs";
import { watch } from "./support/screen.mjs";
import { until } from "./support/webdriver.mjs";
import { SCENES } from "./mock/scenes.mjs";
import { serve } from "./mock/server.mjs";

/** Runs that count, after one that does not. */
const RUNS = 5;
/** Seconds of the world under load, for each of the two pages. */
const LOAD_SECONDS = 60;
/** The map that is drawn, and the page that has it so. */
const MAP = "800×480";
const MAP_VIEWPORT = { width: 1_366, height: 724 };
/** Agents that are started and crash before the eyes of the page. */
const AGENTS = 30;
/** Losses of a node. */
const LOSSES = 5;
/** For what takes its time on a busy machine. */
const PATIENCE_MS = 30_000;
/** When an app that was started is at rest. */
const REST_MS = 60_000;

const MEASURES = { load, screen, window };

function tell(name, samples) {
  console.log(JSON.stringify({ name, samples }));
}

/** A made-up world of 50 nodes and 1,000 agents, all of which change each second. */
async function load() {
  const world = SCENES.load();
  const node = await serve(world);
  const browser = await launch();
  const { page } = await open(browser, node.url);
  await page.setViewportSize(MAP_VIEWPORT);
  await isMapOf(page, MAP);
  const map = await underLoad(page, world, LOAD_SECONDS);
  const frames = [];
  for (let run = 0; run < RUNS; run += 1) {
    const ticking = setInterval(() => world.tick(1), 1_000);
    frames.push(await framesPerSecond(page));
    clearInterval(ticking);
  }
  await go(page, "#/agents");
  const agents = await underLoad(page, world, LOAD_SECONDS);
  tell("tick_p95", agents.script);
  tell("long_tasks", [map.tasks.length, agents.tasks.length]);
  tell("map_fps", frames);
  await browser.close();
  await node.close();
}

async function isMapOf(page, size) {
  const drawn = () =>
    page
      .locator(".map canvas")
      .evaluate((map) => `${map.clientWidth}×${map.clientHeight}`);
  await until(`a map of ${size}`, async () => (await drawn()) === size);
}

/** What a real node of three knows, until the panel's page has it on the screen. */
async function screen() {
  const cluster = new Cluster({ COVEY_JOIN_KEY: "key-of-the-bench" });
  const browser = await launch();
  try {
    const studio = await cluster.start("studio");
    const kitchen = await cluster.start("kitchen");
    const nodes = [studio, kitchen, await cluster.start("attic")];
    await together(studio, nodes.length);
    const { page } = await open(browser, studio.panel);
    const panel = new Panel(page, studio, await studio.watchEvents());
    // A join key admits workers alone: the founder gives the orders.
    const founder = await find(nodes, async (node) => {
      const { role } = await node.call("status.get");
      return role === "admin";
    });
    await go(page, "#/agents");
    for (let number = 0; number < AGENTS; number += 1)
      await panel.watchLife(founder, `agent-${number}`);
    await go(page, "#/nodes");
    for (let loss = 0; loss < LOSSES; loss += 1) {
      await panel.watchLoss(kitchen);
      await together(studio, nodes.length);
    }
    tell("event_to_screen_p95", panel.delays);
  } finally {
    await browser.close();
    await cluster.end();
  }
}

async function together(node, size) {
  await until(
    `${size} nodes agree`,
    async () => {
      const { nodes_alive, converged } = await node.call("status.get");
      return nodes_alive === size && converged === size;
    },
    PATIENCE_MS,
  );
}

async function find(nodes, fits) {
  for (const node of nodes) if (await fits(node)) return node;
  throw new Error("no node fits");
}

/** The page of one node, and what that node tells. */
class Panel {
  /** From an event's stamp to its pixels, each. */
  delays = [];
  #counted = new Set();
  #page;
  #node;
  #events;

  constructor(page, node, events) {
    this.#page = page;
    this.#node = node;
    this.#events = events;
  }

  /**
   * Does `act`, and notes how long after the event `kind` of `subject`, by the stamp that this
   * node itself gave it, a row of the page's table says so.
   */
  async #shows({ kind, subject }, { pattern, gone }, act) {
    const shown = await watch(this.#page, "[role=row]", pattern, { gone });
    await act();
    const at = await shown();
    const { event } = await this.#events(
      `${kind} of ${subject}`,
      (event) =>
        event.origin === this.#node.id &&
        event.fact.kind === kind &&
        (event.fact.name ?? event.fact.node) === subject &&
        !this.#counted.has(event),
    );
    this.#counted.add(event);
    this.delays.push(at - event.stamp.wall);
  }

  /** Has a program started on the panel's node, and killed as by a fault. */
  async watchLife(founder, name) {
    const command = ["python3", "-c", PROGRAM];
    const spec = {
      name,
      runtime: { kind: "process", command },
      restart: { policy: "temporary" },
    };
    const args = { spec, pin: this.#node.id };
    await this.#shows(
      { kind: "agent_started", subject: name },
      { pattern: new RegExp(`${name}\\b.*Running`) },
      () => founder.call("agent.start", args),
    );
    await this.#shows(
      { kind: "agent_exited", subject: name },
      { pattern: new RegExp(`${name}\\b.*Running`), gone: true },
      () =>
        founder
          .call("agent.call", { name, method: "fall", params: null })
          .catch(() => {}),
    );
    await founder.call("agent.remove", { name });
  }

  /** Kills a node, and starts it again. */
  async watchLoss(node) {
    await this.#shows(
      { kind: "member_down", subject: node.id },
      { pattern: new RegExp(`${node.name}.*Down`) },
      () => node.kill(),
    );
    await node.start();
  }
}

/** The desktop app, on a display of its own: its first picture, and what it weighs at rest. */
async function window() {
  const frames = [];
  const memory = [];
  for (let run = 0; run <= RUNS; run += 1) {
    const display = await Display.open();
    const desktop = await Desktop.make();
    const begun = performance.now();
    desktop.launch({ DISPLAY: display.name, WAYLAND_DISPLAY: "" });
    const painted = await display.painted(PATIENCE_MS);
    if (run > 0) {
      frames.push(painted - begun);
      await pause(begun + REST_MS - performance.now());
      memory.push(desktop.proportionalMib());
    }
    await desktop.end();
    await display.close();
  }
  tell("first_frame", frames);
  tell("idle_pss_app", memory);
}

const measure = MEASURES[process.argv[2]];
if (measure === undefined) {
  console.error(`node measure.mjs ${Object.keys(MEASURES).join(" | ")}`);
  process.exit(2);
}
await measure();
