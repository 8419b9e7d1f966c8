// What an operator does to what is agreed on: take, break, add, write, remove, recover by force.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";

const at = panel();

/** The row of a table of the page that has a cell with this text. */
const rowOf = (page, text) => page.getByRole("row").filter({ hasText: text });

test("lock is taken from its holder after one more click, and the next in line has it", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/coordination");
    const lock = rowOf(page, "nightly-backup");
    await lock.getByText("operator on brisk-heron").waitFor();
    await lock.getByRole("button", { name: "Take it away…" }).click();
    await page
      .getByText(
        "token 1,131 is refused from then on. It is not told before it asks again, and what it does unfenced goes on. a-second-one on amber-otter follows.",
      )
      .waitFor();
    await page
      .getByRole("button", { name: "Take it away", exact: true })
      .click();

    await lock.getByText("a-second-one on amber-otter").waitFor();
    await page
      .getByText("operator on brisk-heron has nightly-backup no more")
      .waitFor();
  });
});

test("leader is deposed, and a barrier is broken for those who wait", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/coordination");
    await rowOf(page, "scheduler")
      .getByRole("button", { name: "Depose…" })
      .click();
    await page.getByText("term 1,198 is refused from then on").waitFor();
    await page.getByRole("button", { name: "Depose", exact: true }).click();
    await page.getByText("Nobody leads anything.").waitFor();

    await page.getByRole("button", { name: "Break…" }).click();
    await page.getByText("1 party waits for 2 more").waitFor();
    await page.getByRole("button", { name: "Break phase-two" }).click();
    await rowOf(page, "phase-two")
      .getByText("Broken by operator on amber-otter")
      .waitFor();
    assert.equal(world.agreed.barriers[0].generation, 0);
  });
});

test("counter is added to, and removed where that means something", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/coordination");
    await page.getByRole("button", { name: "Add to visits" }).click();
    const dialog = page.getByRole("dialog", { name: "Add to visits" });
    await dialog.getByLabel("Add").fill("half");
    await dialog.getByText("A whole number, also below nought").waitFor();
    await dialog.getByLabel("Add").fill("-4");
    await dialog.getByRole("button", { name: "Add to visits" }).click();
    await page.getByText("visits is at -7").waitFor();

    const merged = rowOf(page, "visits").getByRole("button", {
      name: "Remove…",
    });
    assert.equal(await merged.getAttribute("aria-disabled"), "true");
    await rowOf(page, "builds")
      .getByRole("button", { name: "Remove…" })
      .click();
    await page.getByText("Its value, 9223372036854775807").waitFor();
    await page.getByRole("button", { name: "Remove builds" }).click();
    await rowOf(page, "builds").waitFor({ state: "detached" });
    assert.deepEqual(
      world.agreed.counters.map(({ name }) => name),
      ["visits"],
    );
  });
});

test("variable is made with a rule, written, and removed", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/coordination");
    await page.getByRole("button", { name: "Make a variable…" }).click();
    await page.getByLabel("Name", { exact: true }).fill("level");
    await page.getByLabel("Value").fill("3");
    await page.getByLabel("It may hold").selectOption("integer");
    await page.getByLabel("From, to").fill("9");
    const make = page.getByRole("button", { name: "Make it" });
    assert.equal(await make.getAttribute("title"), "Say its bounds.");
    await page.getByLabel("From, to").fill("1..9");
    await make.click();
    await page.getByText("level is there").waitFor();
    const made = world.agreed.variables.at(-1);
    assert.deepEqual(made.terms.rule, { integer: { min: 1, max: 9 } });

    await page.getByRole("button", { name: "Open level" }).click();
    await page.getByText("A whole number from 1 to 9.").waitFor();
    await page.getByLabel("Value").fill("4");
    await page.getByRole("button", { name: "Write it" }).click();
    await page.getByText("level is written").waitFor();
    await page.getByText("Before", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Remove…" }).last().click();
    await page.getByRole("button", { name: "Remove level" }).click();
    await page.getByRole("button", { name: "Open level" }).waitFor({
      state: "detached",
    });
  });
});

test("write over what another wrote meanwhile is refused, and both values are shown", async () => {
  await at("three", { expected: /409/ }, async ({ page, world, go }) => {
    await go("#/coordination");
    await page.getByRole("button", { name: "Open mode" }).click();
    await page.getByLabel("Value").fill("mine");
    world.agreed.write("mode", "theirs", undefined, world.nodes[1].id);
    await page.getByRole("button", { name: "Write it" }).click();

    const told = page.getByRole("alert");
    await told
      .getByText(/brisk-heron wrote version [\d,]+ meanwhile/)
      .waitFor();
    await told.getByText("theirs", { exact: true }).waitFor();
    assert.equal(await page.getByLabel("Yours").inputValue(), "mine");
    assert.equal(world.agreed.variables[0].value, "theirs");

    await told.getByRole("button", { name: "Write yours over it" }).click();
    await told.waitFor({ state: "detached" });
    assert.equal(world.agreed.variables[0].value, "mine");
  });
});

test("what a recovery by force loses is listed before it, and it takes the cluster's name", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    world.mute = true;
    await go("#/coordination");
    const lost = page.getByRole("region", { name: "Recovery by force" });
    await lost
      .getByText(
        "Lost: whatever brisk-heron, calm-lynx acknowledged while this node was not connected.",
      )
      .waitFor();
    await lost
      .getByText("1 of them it does not know to be agreed on")
      .waitFor();
    await lost.getByRole("button", { name: "Recover by force…" }).click();
    const deed = page.getByRole("button", {
      name: "Recover the group by force",
    });
    await deed.click();
    assert.equal(world.mute, true, "a click alone must not recover it");
    await page.getByLabel("Type studio to confirm").fill("studio");
    await deed.click();
    await page
      .getByText("The group goes on with what this node holds")
      .waitFor();
    await page.getByRole("status").first().getByText("Agrees").waitFor();
  });
});

test("worker sees no button that it may not press", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    const buttons = (name) =>
      page.getByRole("main").getByRole("button", { name });
    const become = (role) => {
      world.nodes = world.nodes.map((node) =>
        node.this ? { ...node, role } : node,
      );
      world.changed();
    };
    await go("#/coordination");
    await buttons("Depose…").waitFor();

    become("worker");
    await buttons("Depose…").waitFor({ state: "detached" });
    for (const name of ["Take it away…", "Break…", "Reopen…"])
      assert.equal(await buttons(name).count(), 0, name);
    assert.equal(await buttons("Add to visits").count(), 1);

    become("observer");
    await buttons("Add to visits").waitFor({ state: "detached" });
    assert.equal(await buttons("Make a variable…").count(), 0);
    await buttons("Open mode").click();
    await page.getByRole("dialog").getByLabel("Value").waitFor();
    assert.equal(
      await page.getByRole("button", { name: "Write it" }).count(),
      0,
    );
    world.mute = true;
    await page.keyboard.press("Escape");
    await page.getByText("An admin does so").waitFor();
  });
});
