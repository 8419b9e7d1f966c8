// What a person does with sessions: look at one, begin one, cancel it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";

const at = panel();

test("session shows its result, its tally and who said what", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/sessions");
    await page.getByRole("button", { name: "deploy 2.4" }).click();
    const sheet = page.getByRole("complementary");
    await sheet.getByText("approve, with 3 of 5 ballots").first().waitFor();
    await sheet.getByText("The line is what it takes").waitFor();
    await sheet.getByRole("img", { name: "Sequence of messages" }).waitFor();
    const journal = sheet.getByRole("table", { name: "Journal" });
    assert.equal(await journal.getByRole("row").count(), 8);
    await journal.getByText("did not answer in time").waitFor();
  });
});

test("session is begun with what its protocol asks for, and cancelled", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/sessions");
    await page.getByRole("button", { name: "Start a session" }).click();
    const dialog = page.getByRole("dialog", { name: "Start a session" });
    await dialog.getByLabel("About").fill("paint it blue");
    await dialog.getByLabel("Rule").selectOption("unanimous");
    const start = dialog.getByRole("button", { name: "Start it" });
    assert.equal(await start.getAttribute("title"), "Choose who takes part.");
    await dialog.getByRole("checkbox").first().check();
    await start.click();

    await page.getByText("began").first().waitFor();
    const [begun] = world.sessions.all;
    assert.equal(begun.row.subject, "paint it blue");
    assert.equal(begun.options.rule, "unanimous");
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page
      .getByRole("button", { name: `Cancel session ${begun.row.id}` })
      .click();
    await page.getByText("is cancelled").first().waitFor();
    assert.equal(begun.row.state, "cancelled");
  });
});

test("place without sessions explains the protocols", async () => {
  await at("alone", {}, async ({ page, go }) => {
    await go("#/sessions");
    await page.getByText("No session was begun yet").waitFor();
    await page.getByText("contract net").waitFor();
  });
});
