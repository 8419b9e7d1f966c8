// Planned moves on real nodes: what one window starts, the window of another node follows and ends.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, open } from "./support/browser.mjs";
import { Cluster } from "./support/cluster.mjs";
import { go } from "./support/harness.mjs";
import { until } from "./support/webdriver.mjs";

const AGENTS = 8;
const PATIENCE_MS = 30_000;
const cluster = new Cluster();
let browser;

before(async () => {
  browser = await launch();
});

after(async () => {
  await browser?.close();
  await cluster.end();
});

test("agents of a full node move to one that joined, as planned in the panel", async () => {
  const studio = await cluster.start("studio");
  for (let i = 1; i <= AGENTS; i += 1) {
    const spec = {
      name: `counter-${i}`,
      runtime: { kind: "builtin", agent: "counter" },
      handoff: { state: true },
    };
    await studio.call("agent.start", { spec });
  }
  const kitchen = await cluster.start("kitchen");
  const { link } = await studio.call("invite.create", { role: "admin" });
  await kitchen.call("cluster.join", { link });
  const held = async (node) => {
    const nodes = await studio.call("nodes.list");
    return nodes.find(({ id }) => id === node.id)?.agents;
  };
  await until(
    "kitchen is there and has nothing",
    async () => (await held(kitchen)) === 0 && (await held(studio)) === AGENTS,
    PATIENCE_MS,
  );

  const first = await open(browser, studio.panel);
  const second = await open(browser, kitchen.panel);
  const paneOf = ({ page }) =>
    page.getByRole("complementary", { name: "The cluster Rebalance" });
  for (const { page } of [first, second])
    await go(page, "#/nodes?show=rebalance");
  const pane = paneOf(first);
  await pane.getByText("4 agents would move").waitFor();
  await pane.getByText(/studio holds 8 agents, kitchen holds 0/).waitFor();
  await pane.getByLabel("Rate").selectOption({ label: "1 a minute" });
  await pane.getByRole("button", { name: "Start…" }).click();
  await first.page.getByRole("button", { name: "Move 4 agents" }).click();

  await paneOf(second).getByText("1 of 4 moved").waitFor();
  await pane.getByText("1 of 4 moved").waitFor();
  await paneOf(second).getByRole("button", { name: "Pause" }).click();
  await pane.getByText("Paused", { exact: true }).waitFor();
  await pane.getByRole("button", { name: "Resume" }).click();
  await paneOf(second).getByText("Runs", { exact: true }).waitFor();
  await paneOf(second).getByRole("button", { name: "End…" }).click();
  await second.page.getByRole("button", { name: "End the moves" }).click();
  await pane.getByText("Ended early").waitFor();
  await pane.getByText("3 not begun", { exact: true }).waitFor();

  await pane.getByText("3 agents would move").waitFor();
  await pane.getByLabel("Rate").selectOption({ label: "2 a second" });
  await pane.getByRole("button", { name: "Start…" }).click();
  await first.page.getByRole("button", { name: "Move 3 agents" }).click();
  for (const window of [first, second]) {
    await paneOf(window).getByText("Finished").waitFor();
    await paneOf(window).getByText("3 of 3 moved").waitFor();
    await paneOf(window)
      .getByText("Everything is where it should be")
      .waitFor();
    assert.deepEqual(window.faults, []);
  }
  assert.equal(await held(kitchen), AGENTS / 2);
});
