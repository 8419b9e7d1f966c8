// Tasks, as a person submits them, watches them spread, and chooses how.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";

const at = panel();

test("a hundred tasks are submitted and seen to spread over agents", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/load");
    await page.getByText("No tasks yet").waitFor();
    await page.getByLabel("Capabilities").fill("plan");
    await page.getByLabel("Method").fill("plan");
    await page.getByLabel("Parameters").fill('{"page": 7}');
    await page.getByLabel("How many").fill("100");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("100 tasks accepted").waitFor();

    const spread = page.getByRole("region", { name: "How tasks are spread" });
    await spread.getByRole("row").nth(1).waitFor();
    const able = world.able(["plan"]).length;
    assert.equal(await spread.getByRole("row").count(), able + 1);
    await page.locator('tr[data-state="done"]').first().waitFor();
    await page.locator('tr[data-state="done"]').nth(99).waitFor();
  });
});

test("tasks pay where they are auctioned", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/load");
    await page.getByText("No tasks yet").waitFor();
    assert.equal(await page.getByLabel("Pays").count(), 0);

    world.tasks.strategy = "auction";
    await page.getByLabel("Pays").fill("0");
    await page.getByText("Whole credits.").waitFor();
    await page.getByLabel("Pays").fill("10");
    await page.getByLabel("Capabilities").fill("plan");
    await page.getByRole("button", { name: "Submit" }).click();
    await page.getByText("1 task accepted").waitFor();

    assert.equal(world.tasks.tasks[0].wish.pay, 10);
    await page.getByRole("cell", { name: "1 of 10" }).waitFor();
  });
});

test("another strategy is tried before it is chosen", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    world.tasks.submit([{ capabilities: ["plan"], method: "plan" }]);
    await go("#/load");
    await page
      .getByRole("combobox", { name: "Strategy" })
      .selectOption("least_loaded");
    await page.getByRole("columnheader", { name: "Least loaded" }).waitFor();
    await page.getByRole("button", { name: "Switch", exact: true }).click();
    await page
      .getByText("Tasks that agents have stay where they are.")
      .waitFor();
    await page.getByRole("button", { name: "Choose a strategy" }).click();
    await page
      .getByText("Agents of plan are chosen by: Least loaded")
      .waitFor();
    assert.equal(world.tasks.own.get("plan"), "least_loaded");
  });
});

test("tasks that nobody can do say so, and are cancelled", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    world.tasks.submit([{ capabilities: ["fly"], method: "fly" }]);
    await go("#/load");
    await page
      .getByText("No agent that runs has these capabilities.")
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Cancel task 1" }).click();
    await page.locator('tr[data-state="cancelled"]').waitFor();
  });
});
