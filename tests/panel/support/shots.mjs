// Pictures of every page in every situation, to be looked at: `npm run shots -- [FILTER]`.

import { mkdirSync } from "node:fs";

import { SCENES } from "../mock/scenes.mjs";
import { serve } from "../mock/server.mjs";
import { joinPlan } from "../mock/world.mjs";
import { launch, open, SIZES } from "./browser.mjs";
import { settled } from "./harness.mjs";

const OUT = new URL("../out/", import.meta.url).pathname;
const AGENT = "planner-3";
const VIEWS = [
  ["alone", "overview", "#/"],
  ["alone", "agents", "#/agents"],
  ["alone", "nodes", "#/nodes"],
  ["alone", "cluster", "#/cluster"],
  ["alone", "events", "#/events"],
  ["nearby", "overview", "#/"],
  ["asking", "overview", "#/"],
  ["request", "overview", "#/"],
  ["request", "cluster", "#/cluster"],
  ["three", "overview", "#/"],
  ["three", "table", "#/?view=table"],
  ["trouble", "overview", "#/"],
  ["disks", "overview", "#/"],
  ["disks", "nodes", "#/nodes"],
  ["disks", "node", `#/nodes/${"00a3".repeat(16)}`],
  ["damaged", "overview", "#/"],
  ["trouble", "nodes", "#/nodes"],
  ["trouble", "node", `#/nodes/${"00a3".repeat(16)}`],
  ["trouble", "agents", "#/agents"],
  ["trouble", "agent", `#/agents/${AGENT}`],
  [
    "three",
    "tenure",
    `#/agents/${AGENT}`,
    async (page, world) => {
      const { node } = world.agents.get(AGENT);
      world.tenures.set(AGENT, {
        ...{ node, token: 41, lease_ms: 9_000, left_ms: 8_000 },
      });
      await page.getByText("unless its node renews it").waitFor();
    },
  ],
  [
    "nearby",
    "joining",
    "#/",
    async (page, world) => {
      world.joinPlan = joinPlan("attic", {
        ...{ agents: ["planner", "summary"], locals: ["scratch"] },
        ...{ settings: ["locks.lease"], places: ["the lock nightly-backup"] },
        ...{ counters: ["hits", "jobs"], variables: ["mode"], events: 214 },
      });
      await page
        .getByRole("button", { name: /^Ask to join/ })
        .first()
        .click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  ["alone", "load", "#/load"],
  ["three", "load", "#/load"],
  ["trouble", "load", "#/load"],
  ["trouble", "load-table", "#/load?view=table"],
  ["trouble", "load-agent", "#/load?agent=echo-4&span=1h"],
  ["trouble", "events", "#/events"],
  ["trouble", "none", "#/agents?q=nothing-like-it"],
  ["trouble", "cluster", "#/cluster"],
  ["alone", "market", "#/market"],
  ["three", "market", "#/market"],
  ["three", "market-ladder", "#/market/1"],
  ["three", "market-clock", "#/market/2"],
  ["three", "market-envelopes", "#/market/3"],
  ["three", "market-outcome", "#/market/4"],
  [
    "three",
    "market-ledger",
    "#/market/agent/planner-3?view=ledger",
    async (page) => {
      await page.getByText("brought forward").waitFor();
    },
  ],
  [
    "three",
    "market-create",
    "#/market",
    async (page) => {
      await page.getByRole("button", { name: "Open an auction" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  ["alone", "sessions", "#/sessions"],
  ["three", "sessions", "#/sessions"],
  ["three", "session-over", "#/sessions/12"],
  ["three", "session-running", "#/sessions/17"],
  [
    "three",
    "session-start",
    "#/sessions",
    async (page) => {
      await page.getByRole("button", { name: "Start a session" }).click();
      await page.getByRole("dialog").waitFor();
    },
  ],
  ["alone", "coordination", "#/coordination"],
  ["trouble", "coordination", "#/coordination"],
  [
    "trouble",
    "guard",
    "#/coordination",
    (page) =>
      page.getByRole("heading", { name: "Rates" }).scrollIntoViewIfNeeded(),
  ],
  [
    "trouble",
    "coordination-variable",
    "#/coordination",
    async (page, world) => {
      await page.getByRole("button", { name: "Open mode" }).click();
      await page.getByLabel("Value").fill("steady");
      world.agreed.write("mode", "slow", undefined, world.nodes[1].id);
      await page.getByRole("button", { name: "Write it" }).click();
      await page.getByRole("alert").waitFor();
    },
  ],
  [
    "trouble",
    "coordination-make",
    "#/coordination",
    async (page) => {
      await page.getByRole("button", { name: "Make a variable…" }).click();
      await page.getByLabel("It may hold").selectOption("integer");
    },
  ],
  [
    "trouble",
    "coordination-take",
    "#/coordination",
    (page) =>
      page.getByRole("button", { name: "Take it away…" }).first().click(),
  ],
  [
    "three",
    "coordination-recover",
    "#/coordination",
    async (page, world) => {
      world.mute = true;
      await page.getByRole("region", { name: "Recovery by force" }).waitFor();
    },
  ],
  ["alone", "load", "#/load"],
  [
    "three",
    "load-tasks",
    "#/load",
    async (page, world) => {
      const wish = {
        capabilities: ["plan"],
        method: "plan",
        params: { page: 7 },
      };
      world.tasks.submit(Array.from({ length: 12 }, () => wish));
      await page
        .getByRole("combobox", { name: "Strategy" })
        .selectOption("round_robin");
      await page.getByText("How 100 tasks of plan would spread").waitFor();
    },
  ],
  ["alone", "doctor", "#/doctor"],
  ["trouble", "doctor", "#/doctor"],
  ["trouble", "settings", "#/settings"],
  [
    "trouble",
    "setting",
    "#/settings",
    async (page) => {
      await page.getByRole("searchbox", { name: "Search" }).fill("lines");
      await page.getByRole("button", { name: "Change logs.lines" }).click();
    },
  ],
  ["trouble", "palette", "#/", (page) => page.keyboard.press("Control+k")],
  ["trouble", "keys", "#/", (page) => page.keyboard.press("?")],
  ["trouble", "create", "#/agents", (page) => page.keyboard.press("n")],
  [
    "trouble",
    "python",
    "#/agents",
    async (page) => {
      await page.keyboard.press("n");
      await page.getByText("Python", { exact: true }).click();
    },
  ],
  ["three", "even", "#/nodes?show=rebalance"],
  ["uneven", "nodes", "#/nodes"],
  ["uneven", "rebalance", "#/nodes?show=rebalance"],
  ["moves", "overview", "#/"],
  ["moves", "nodes", "#/nodes"],
  ["moves", "drained", `#/nodes/${"00a5".repeat(16)}`],
  ["moves", "node", `#/nodes/${"00a4".repeat(16)}`],
  ["moves", "agents", "#/agents"],
  ["moves", "waiting", "#/agents/renderer"],
  ["moves", "timeline", "#/agents?view=timeline"],
  ["moves", "lives", "#/agents?view=lives"],
  ["moves", "cluster", "#/cluster"],
  [
    "moves",
    "drain",
    `#/nodes/${"00a4".repeat(16)}`,
    (page) => page.getByRole("button", { name: "Drain…" }).click(),
  ],
  [
    "moves",
    "create",
    "#/agents",
    async (page) => {
      await page.keyboard.press("n");
      await page.getByText("Placement", { exact: true }).click();
      await page.getByText("More options").click();
      await page.getByLabel("Group", { exact: true }).fill("pipeline");
      await page.getByLabel("State when it moves").selectOption("yes");
      await page.getByLabel("Needs").fill("counter-1");
    },
  ],
  ["load", "timeline", "#/agents?view=timeline"],
  ["load", "overview", "#/"],
  ["load", "agents", "#/agents"],
];

const filter = process.argv[2] ?? "";
mkdirSync(OUT, { recursive: true });
const browser = await launch();
for (const scene of Object.keys(SCENES)) {
  const views = VIEWS.filter(([of]) => of === scene);
  if (views.length === 0) continue;
  const world = SCENES[scene]();
  const node = await serve(world);
  for (let i = 0; i < 3; i += 1) world.tick(scene === "load" ? 1 : 0.1);
  for (const size of Object.keys(SIZES)) {
    for (const theme of ["light", "dark"]) {
      const wanted = views.filter(([of, name]) =>
        `${of}-${name}-${size}-${theme}`.includes(filter),
      );
      if (wanted.length === 0) continue;
      const { page, faults, close } = await open(browser, node.url, {
        size,
        theme,
      });
      for (const [of, name, hash, act] of wanted) {
        await page.evaluate((hash) => {
          location.hash = hash;
        }, hash);
        await page.keyboard.press("Escape");
        await page.evaluate((hash) => {
          location.hash = hash;
        }, hash);
        await settled(page);
        await act?.(page, world);
        await settled(page);
        await page.screenshot({
          path: `${OUT}${of}-${name}-${size}-${theme}.png`,
        });
        await page.keyboard.press("Escape");
      }
      for (const fault of faults)
        console.log(`${scene} ${size} ${theme}: ${fault}`);
      await close();
    }
  }
  await node.close();
}
await browser.close();
