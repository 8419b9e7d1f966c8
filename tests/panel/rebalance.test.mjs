// Evening the cluster out: preview, start, progress in every window, pause, resume, end.

import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./support/browser.mjs";
import { panel, seriousFaults, settled } from "./support/harness.mjs";

const at = panel();
const PANE = "#/nodes?show=rebalance";

const paneOf = (page) =>
  page.getByRole("complementary", { name: "The cluster Rebalance" });

test("rebalance is opened by button, key and palette, and Escape closes it", async () => {
  await at("uneven", {}, async ({ page, go }) => {
    await go("#/nodes");
    await page.getByRole("button", { name: "Rebalance", exact: true }).click();
    await paneOf(page).waitFor();
    await page.keyboard.press("Escape");
    await paneOf(page).waitFor({ state: "detached" });

    await go("#/events");
    await page.keyboard.press("g");
    await page.keyboard.press("b");
    await paneOf(page).waitFor();

    await go("#/");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("balance");
    await page.keyboard.press("Enter");
    await paneOf(page).waitFor();
    assert.ok(page.url().endsWith(PANE));
  });
});

test("preview says which agent would go where, why, and what that makes of each node", async () => {
  await at("uneven", {}, async ({ page, go }) => {
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByText("9 agents would move").waitFor();
    const first = pane
      .getByRole("list", { name: "What would move" })
      .getByRole("listitem")
      .first();
    await first.getByRole("link", { name: "echo-0" }).waitFor();
    await first.getByText(/amber-otter.*to.*(calm-lynx|dusty-wren)/).waitFor();
    await first.getByText(/amber-otter holds 13 agents, .* holds 0/).waitFor();
    await pane.getByRole("row", { name: "amber-otter 13 4" }).waitFor();
    await pane.getByRole("row", { name: "dusty-wren 0 4" }).waitFor();
    assert.deepEqual(await seriousFaults(page), []);
  });
});

test("preview is worked out anew when a node can take nothing any more", async () => {
  await at("uneven", {}, async ({ page, world, go }) => {
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByRole("row", { name: /^dusty-wren/ }).waitFor();
    world.setNode(world.nodes[3].id, {
      scheduling: { cordoned: true, leaving: false, drain: null },
    });
    await pane.getByRole("row", { name: /^dusty-wren/ }).waitFor({
      state: "detached",
    });
  });
});

test("cluster that is even says so, and says what is never moved", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByText("Everything is where it should be").waitFor();
    await pane.getByText(/hand their state over/).waitFor();
    assert.equal(await pane.getByRole("button", { name: "Start…" }).count(), 0);
  });
  await at("alone", {}, async ({ page, go }) => {
    await go(PANE);
    await paneOf(page).getByText("This is the only node.").waitFor();
  });
});

test("moves start at the rate that was chosen, are followed, paused and resumed", async () => {
  await at("uneven", {}, async ({ page, world, go }) => {
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByLabel("Rate").selectOption({ label: "1 a minute" });
    await pane.getByText("Begun over 8 min at the least.").waitFor();
    await pane.getByRole("button", { name: "Start…" }).click();
    const sure = page.getByRole("dialog", { name: "Move 9 agents" });
    await sure.getByText("9 agents move, 1 a minute.").waitFor();
    await sure.getByRole("button", { name: "Move 9 agents" }).click();

    await pane.getByText("0 of 9 moved").waitFor();
    assert.equal(world.plan.interval_ms, 60_000);
    assert.equal(world.plan.moves.length, 9);
    await pane
      .getByText(/The next begins in 0:\d\d, the last in \d:\d\d\./)
      .waitFor();
    assert.equal(await pane.getByRole("button", { name: "Start…" }).count(), 0);

    world.doMoves(3);
    await pane.getByText("3 of 9 moved").waitFor();
    const list = pane.getByRole("list", { name: "Planned moves" });
    assert.equal(await list.getByText("Moved", { exact: true }).count(), 3);
    assert.deepEqual(await seriousFaults(page), []);

    await pane.getByRole("button", { name: "Pause" }).click();
    await pane.getByText("Paused", { exact: true }).waitFor();
    await pane.getByRole("button", { name: "Resume" }).click();
    await pane.getByText("Runs", { exact: true }).waitFor();
    assert.deepEqual(world.steered, ["pause", "resume"]);
  });
});

test("moves that are ended stay where they are, and what has moved is told", async () => {
  await at("uneven", {}, async ({ page, world, go }) => {
    world.startPlan({ moves: world.call("rebalance.preview").moves });
    world.doMoves(4);
    world.doMoves(1, "it gave no state within 10 s");
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByText("4 of 9 moved").waitFor();
    await pane.getByText("1 failed").waitFor();
    await pane.getByText("it gave no state within 10 s").waitFor();
    await pane.getByRole("button", { name: "End…" }).click();
    const sure = page.getByRole("dialog", { name: "End the moves" });
    await sure.getByText("4 agents stay where they are").waitFor();
    await sure.getByRole("button", { name: "End the moves" }).click();

    const last = pane.getByRole("region", { name: "The last time" });
    await last.getByText("Ended early").waitFor();
    await last.getByText("1 failed, 4 not begun").waitFor();
    assert.equal(world.plan.phase, "aborted");
    // What is left to even out is offered again.
    await pane.getByText("5 agents would move").waitFor();
  });
});

test("plan that is done says so, and that nothing is left to do", async () => {
  await at("uneven", {}, async ({ page, world, go }) => {
    world.startPlan({ moves: world.call("rebalance.preview").moves });
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByText("0 of 9 moved").waitFor();
    world.doMoves(9);
    const last = pane.getByRole("region", { name: "The last time" });
    await last.getByText("Finished").waitFor();
    await last.getByText("9 of 9 moved").waitFor();
    await pane.getByText("Everything is where it should be").waitFor();
    assert.deepEqual(await seriousFaults(page), []);
  });
});

test("another window shows the moves on every page, follows them and can pause them", async () => {
  await at("uneven", {}, async ({ page, world, node }) => {
    const second = await open(page.context().browser(), node.url);
    try {
      const strip = second.page.getByRole("region", { name: "Planned moves" });
      assert.equal(await strip.count(), 0);
      world.startPlan({ moves: world.call("rebalance.preview").moves });
      await strip.getByText("0 of 9 moved").waitFor();
      world.doMoves(2);
      await strip.getByText("2 of 9 moved").waitFor();
      await page.getByText("2 of 9 moved").waitFor();

      await second.page.keyboard.press("Control+k");
      await second.page.keyboard.type("pause the planned");
      await second.page.keyboard.press("Enter");
      await strip.getByText("Rebalance paused").waitFor();
      await page.getByText("Rebalance paused").waitFor();
      await strip.getByRole("link", { name: "Show the moves" }).click();
      await paneOf(second.page).getByRole("button", { name: "Resume" }).click();
      await page.getByText("Rebalance runs").waitFor();
      world.doMoves(7);
      await page
        .getByRole("region", { name: "Planned moves" })
        .waitFor({ state: "detached" });
      assert.deepEqual(second.faults, []);
    } finally {
      await second.close();
    }
  });
});

test("observer sees preview and progress, and why it cannot steer them", async () => {
  await at("uneven", {}, async ({ page, world, go }) => {
    world.setNode(world.nodes[0].id, { role: "observer" });
    await go(PANE);
    const pane = paneOf(page);
    const why = /role does not allow it; it takes the role Operator/;
    const start = pane.getByRole("button", { name: "Start…" });
    await start.waitFor();
    assert.equal(await start.getAttribute("aria-disabled"), "true");
    await pane.getByText(why).waitFor();

    world.startPlan({ moves: world.call("rebalance.preview").moves });
    await pane.getByText(/0 of \d+ moved/).waitFor();
    await pane.getByText(why).waitFor();
    const pause = pane.getByRole("button", { name: "Pause" });
    assert.equal(await pause.getAttribute("aria-disabled"), "true");
    await pause.click({ force: true });
    assert.equal(world.plan.phase, "running");
    await page.keyboard.press("Control+k");
    await page.keyboard.type("pause the planned");
    await page.getByRole("dialog").getByText(why).waitFor();
  });
});

test("preview that is refused says why and can be asked for again", async () => {
  const expected = /409/;
  await at("uneven", { expected }, async ({ page, world, go }) => {
    const answer = world.call.bind(world);
    world.refuse = true;
    world.call = (command, args) => {
      if (world.refuse && command === "rebalance.preview")
        return answer("no.such.command", args);
      return answer(command, args);
    };
    await go(PANE);
    const pane = paneOf(page);
    await pane.getByRole("alert").getByText("Nothing was done.").waitFor();
    await settled(page);
    world.refuse = false;
    await pane.getByRole("button", { name: "Try again" }).click();
    await pane.getByText("9 agents would move").waitFor();
  });
});

test("plan that comes after the word of it is seen all the same", async () => {
  await at("uneven", {}, async ({ page, world }) => {
    const read = page.waitForResponse(/rebalance\.get$/);
    world.fact({ kind: "rebalance_set", phase: "running", moves: 9 });
    world.changed();
    assert.equal(await (await read).json(), null);
    const { moves } = world.call("rebalance.preview");
    world.plan = {
      moves,
      interval_ms: 500,
      started: Date.now(),
      phase: "running",
      failed: new Map(),
    };
    await page
      .getByRole("region", { name: "Planned moves" })
      .getByText("0 of 9 moved")
      .waitFor();
  });
});
