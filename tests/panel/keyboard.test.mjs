// What the keyboard does: pages, tables, palette, theme; and what it must not do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel, shown } from "./support/harness.mjs";

const at = panel();

test("g and a letter lead to each page", async () => {
  await at("three", {}, async ({ page }) => {
    for (const [letter, title] of [
      ["n", "Nodes"],
      ["a", "Agents"],
      ["e", "Events"],
      ["c", "Cluster"],
      ["s", "Sessions"],
      ["x", "Settings"],
      ["o", "Overview"],
    ]) {
      await page.keyboard.press("g");
      await page.keyboard.press(letter);
      await page
        .getByRole("heading", { name: title, level: 1 })
        .waitFor({ state: "attached" });
    }
  });
});

test("rows are walked, opened and closed, and the focus stays in the table", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/agents");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const focused = () =>
      page.evaluate(() => document.activeElement.getAttribute("aria-rowindex"));
    assert.equal(await focused(), "3");
    await page.keyboard.press("Enter");
    await page.locator("aside").waitFor();
    const first = await page.locator("aside .title").textContent();
    await page.keyboard.press("j");
    await page.waitForFunction(
      (first) => document.querySelector("aside .title").textContent !== first,
      first,
    );
    await page.keyboard.press("Escape");
    await page.locator("aside").waitFor({ state: "detached" });
    assert.equal(await focused(), "4");
  });
});

test("focus survives rows that change every moment", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/agents");
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    const name = () =>
      page.evaluate(
        () => document.activeElement.querySelector(".name")?.textContent,
      );
    const before = await name();
    for (let i = 0; i < 5; i += 1) {
      await shown(page, () => world.tick(1));
    }
    assert.equal(await name(), before);
  });
});

test("palette finds an agent by a part of its name", async () => {
  await at("trouble", {}, async ({ page }) => {
    await page.keyboard.press("Control+k");
    await page.keyboard.type("planner-3");
    await page.keyboard.press("Enter");
    await page.locator("aside .title", { hasText: "planner-3" }).waitFor();
  });
});

test("keys do nothing while one types", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/agents");
    await page.keyboard.press("/");
    await page.keyboard.type("gn?");
    assert.match(page.url(), /#\/agents\?q=gn%3F$/);
    assert.equal(await page.locator("dialog[open]").count(), 0);
  });
});

test("T shows the map as a table and back", async () => {
  await at("three", {}, async ({ page }) => {
    await page.keyboard.press("T");
    await page.getByRole("grid", { name: "The map as a table" }).waitFor();
    await page.keyboard.press("T");
    await page.getByRole("img", { name: /^Map of 3 nodes/ }).waitFor();
  });
});

test("theme is switched by key and kept", async () => {
  await at("three", {}, async ({ page }) => {
    await page.keyboard.press("Control+Shift+l");
    assert.equal(
      await page.evaluate(() => document.documentElement.dataset.theme),
      "dark",
    );
    await page.reload();
    await page.locator("nav").waitFor();
    assert.equal(
      await page.evaluate(() => document.documentElement.dataset.theme),
      "dark",
    );
  });
});
