// What nodes measured, by picture and by table, and what a person does about an alert.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";

const at = panel();

test("cells of the heat map are read out along the arrow keys, gaps as such", async () => {
  await at("trouble", {}, async ({ page, go }) => {
    await go("#/load");
    const map = page.getByRole("button", { name: /^Processor of 6 nodes/ });
    await map.focus();
    await page.keyboard.press("ArrowLeft");
    const said = page.locator("figcaption .said");
    await said.getByText(/^amber-otter, .*%$/).waitFor();

    // The third by name is down: it does not answer.
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("ArrowDown");
    await said.getByText(/^calm-lynx, .*No data$/).waitFor();

    const painted = await map.locator("canvas").evaluate((canvas) => {
      const { data } = canvas
        .getContext("2d")
        .getImageData(0, 0, canvas.width, canvas.height);
      const colours = new Set();
      for (let i = 0; i < data.length; i += 4)
        colours.add(`${data[i]},${data[i + 1]},${data[i + 2]}`);
      return colours.size;
    });
    assert.ok(painted > 4, `${painted} colours`);
  });
});

test("table says the same as the picture, and how much is missing", async () => {
  await at("trouble", {}, async ({ page, go }) => {
    await go("#/load");
    await page.getByRole("heading", { name: "Load" }).waitFor();
    await page.keyboard.press("Shift+T");
    const row = page.getByRole("row").filter({ hasText: "calm-lynx" });
    await row.getByText("does not answer").waitFor();
    await row.getByText("180 of 180").waitFor();
  });
});

test("alert is acknowledged and muted, and counts no more", async () => {
  await at("trouble", {}, async ({ page, go, world }) => {
    await go("#/load");
    const list = page.getByRole("list", { name: "Active alerts" });
    const lost = list.getByRole("listitem").filter({ hasText: "is lost" });
    await page.getByRole("link", { name: /Load.*2 alerts/s }).waitFor();
    await lost.getByRole("button", { name: "Acknowledge" }).click();
    await lost.getByText("amber-otter looks after it").waitFor();
    await page.getByRole("link", { name: /Load.*1 alert/s }).waitFor();

    await lost.getByRole("button", { name: "Mute for an hour" }).click();
    await lost.getByText(/muted for/).waitFor();
    await lost.getByRole("button", { name: "Unmute" }).click();
    await lost.getByRole("button", { name: "Mute for an hour" }).waitFor();
    const held = [...world.monitor.alerts.values()];
    assert.equal(
      held.find(({ rule }) => rule === "node_lost").state,
      "acknowledged",
    );
  });
});

test("status bar counts an alert as a problem, and leads to where each is told once", async () => {
  await at("trouble", {}, async ({ page, world }) => {
    const { problems } = world.status();
    world.monitor.raise("cpu", { node: world.nodes[1].id }, { value: 93 });
    const bar = page.getByRole("contentinfo");
    const counted = (number) =>
      bar.getByRole("link", { name: `${number} problems` });
    await counted(problems.length + 1).click();
    const list = page.getByRole("region", { name: "Problems" });
    await list.getByText("has busy processors: 93 %").waitFor();
    assert.equal(await list.getByRole("listitem").count(), problems.length + 1);
    await list.getByRole("link", { name: /has busy processors/ }).click();
    await page.getByRole("heading", { name: "Load", level: 1 }).waitFor();
    await page
      .getByRole("listitem")
      .filter({ hasText: "has busy processors" })
      .getByRole("button", { name: "Mute for an hour" })
      .click();
    await counted(problems.length).waitFor();
  });
});

test("without an alert the page says what is watched for", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/load");
    await page.getByText("Nothing is wrong by the rules").waitFor();
    await page
      .getByText("85 % for 30 s, until it is below 77 % for 30 s.")
      .waitFor();
  });
});

test("charts of an agent leave out what cannot be measured", async () => {
  await at("three", {}, async ({ page, go, world }) => {
    const inside = [...world.agents.values()].find(
      ({ runtime }) => runtime.kind === "builtin",
    );
    await go(`#/load?agent=${inside.id}`);
    await page
      .getByText(/Not measured in this span: processor, memory/)
      .waitFor();
    await page.getByRole("img", { name: /^Mailbox: last/ }).waitFor();
  });
});
