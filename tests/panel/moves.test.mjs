// Where agents are, were and would go: timeline, reasons, drain, conflicts and differing views.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel, seriousFaults, settled } from "./support/harness.mjs";

const at = panel();
const DRAINED = `#/nodes/${"00a5".repeat(16)}`;
const DOWN = `#/nodes/${"00a3".repeat(16)}`;
const UP = `#/nodes/${"00a4".repeat(16)}`;

test("timeline has a lane for each node and says why an agent came there", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await page.keyboard.press("g");
    await page.keyboard.press("t");
    const chart = page.getByRole("group", {
      name: /^Placement of the last 15/,
    });
    await chart.waitFor();
    assert.equal(await chart.locator(".lane").count(), 5);
    await chart
      .getByRole("link", { name: /^ticker-17 on amber-otter/ })
      .hover();
    await page
      .locator(".told")
      .getByText("It came from calm-lynx: the node that ran it is down.")
      .waitFor();
    await chart
      .getByRole("link", {
        name: /^planner-3 on dusty-wren.*restarted 2 times/,
      })
      .waitFor();
    await chart
      .getByRole("link", { name: /^counter-4 on early-finch.*handed over/ })
      .waitFor();
    assert.equal(await chart.locator(".shade").count(), 2);
    await go("#/agents?view=timeline&q=ticker-17");
    await page.waitForFunction(
      () => document.querySelectorAll(".chart [data-stop]").length === 2,
    );
  });
});

test("timeline is one stop of the Tab key, and arrows go from bar to bar", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go("#/agents?view=timeline");
    const stops = page.locator(".chart [data-stop]");
    await stops.first().waitFor();
    assert.equal(
      await page.locator('.chart [data-stop][tabindex="0"]').count(),
      1,
    );
    await stops.first().focus();
    const lane = () =>
      page.evaluate(() => document.activeElement.dataset.lane.slice(0, 4));
    assert.equal(await lane(), "00a1");
    await page.keyboard.press("ArrowDown");
    assert.equal(await lane(), "00a2");
    await page.keyboard.press("End");
    assert.equal(await lane(), "00a5");
    await page
      .locator(".told")
      .getByText(/on early-finch/)
      .waitFor();
    await page.keyboard.press("Shift+T");
    await page.getByRole("grid", { name: "The timeline as a table" }).waitFor();
    await page.keyboard.press("Shift+T");
    await stops.first().waitFor();
  });
});

test("table twin of the timeline has as many lives as the picture", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go("#/agents?view=timeline");
    const stops = page.locator(".chart [data-stop]");
    await stops.first().waitFor();
    await settled(page);
    const drawn = await stops.count();
    await go("#/agents?view=lives");
    const grid = page.getByRole("grid", { name: "The timeline as a table" });
    await grid.waitFor();
    assert.equal(Number(await grid.getAttribute("aria-rowcount")), drawn + 1);
    await grid
      .getByText("calm-lynx: the node that ran it is down")
      .first()
      .waitFor();
  });
});

test("timeline looks back as far as one chooses, by button and by key", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go("#/agents?view=timeline");
    const chart = page.getByRole("group", { name: /^Placement of / });
    const old = chart.getByRole("link", { name: /^importer on amber-otter/ });
    const lost = chart.getByRole("link", { name: /lost with its node$/ });
    await lost.first().waitFor();
    assert.equal(await old.count(), 0);

    await page.getByText("1 h", { exact: true }).click();
    await page
      .getByRole("group", { name: /^Placement of the last hour, 5 lanes/ })
      .waitFor();
    await old.waitFor();
    // The choice has the focus, and keys work from there.
    await page.keyboard.press("+");
    await page.keyboard.press("+");
    await page
      .getByRole("group", { name: /^Placement of the last 5 minutes/ })
      .waitFor();
    assert.ok(page.url().includes("reach=5m"));
    assert.equal(await lost.count(), 0);
    await page.keyboard.press("+");
    for (const place of ["15m", "1h", "all"]) {
      await page.keyboard.press("-");
      await page.waitForURL((url) => url.href.includes(`reach=${place}`));
    }
    await page
      .getByRole("group", { name: /^Placement of all that is known, since/ })
      .waitFor();
    assert.equal(await old.count(), 2);

    await page.keyboard.press("Shift+T");
    const grid = page.getByRole("grid", { name: "The timeline as a table" });
    await grid.getByText("importer").first().waitFor();
    assert.equal(await grid.getByText("importer").count(), 2);
    await page.getByText("15 min", { exact: true }).click();
    await grid.getByText("importer").first().waitFor({ state: "detached" });
    assert.deepEqual(await seriousFaults(page), []);
  });
});

for (const size of ["phone", "desk"]) {
  test(`labels of the axis stand apart and whole whatever is shown, ${size}`, async () => {
    await at("moves", { size }, async ({ page, go }) => {
      for (const reach of ["5m", "15m", "1h", "all"]) {
        await go(`#/agents?view=timeline&reach=${reach}`);
        await page.locator(".chart [data-stop]").first().waitFor();
        await settled(page);
        const { labels, edge } = await page.evaluate(() => {
          const boxes = [...document.querySelectorAll(".axis span")].map(
            (label) => {
              const { left, right } = label.getBoundingClientRect();
              return { left, right, text: label.textContent };
            },
          );
          const labels = boxes.toSorted((a, b) => a.left - b.left);
          const { left, right } = document
            .querySelector(".axis")
            .getBoundingClientRect();
          return { labels, edge: { left, right } };
        });
        const words = `${reach}: ${labels.map(({ text }) => text).join(" | ")}`;
        assert.ok(labels.length >= 3, words);
        assert.equal(labels.at(-1).text, "now", words);
        assert.ok(labels[0].left >= edge.left, words);
        assert.ok(labels.at(-1).right <= edge.right, words);
        for (const [i, label] of labels.slice(1).entries()) {
          assert.ok(label.left - labels[i].right >= 8, words);
          assert.notEqual(label.text, labels[i].text, words);
        }
      }
    });
  });
}

test("agent that cannot be placed says why in the list and in the inspector", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go("#/agents");
    await page
      .getByRole("row", { name: /renderer.*every node is excluded by a rule/ })
      .waitFor();
    await go("#/agents/renderer");
    const why = page.getByRole("region", { name: "Why it does not run" });
    await why.getByText("every node is excluded by a rule").waitFor();
    await why.getByText("it is cordoned; it has no label gpu").waitFor();
  });
});

test("loss of a node is foretold before it happens", async () => {
  await at("moves", {}, async ({ page, world, go }) => {
    world.update("planner-3", { pin: world.nodes[3].id });
    await go(UP);
    const forecast = page.getByRole("region", {
      name: "If this node were lost",
    });
    await forecast.getByText("1 of 5 agents has no certain place.").waitFor();
    await forecast.getByText("every node is excluded by a rule").waitFor();
    await forecast.getByRole("link", { name: "amber-otter" }).waitFor();
  });
});

test("node is cordoned, drained after a preview, followed, and opened again", async () => {
  await at("moves", {}, async ({ page, world, go }) => {
    await go(UP);
    const node = world.nodes[3].id;
    const scheduling = () =>
      world.nodes.find(({ id }) => id === node).scheduling;
    await page.getByRole("button", { name: "Cordon", exact: true }).click();
    await page.getByRole("button", { name: "Cordon dusty-wren" }).click();
    await page.getByRole("row", { name: /dusty-wren.*Cordoned/ }).waitFor();

    await page.getByRole("button", { name: "Drain…" }).click();
    await page
      .getByRole("dialog")
      .getByText("All 5 agents would go to 1 other node.")
      .waitFor();
    await page.getByLabel("Deadline").selectOption({ label: "5 minutes" });
    await page.getByRole("button", { name: "Drain dusty-wren" }).click();
    await page.getByText("5 agents left, 0 went elsewhere.").waitFor();
    const left = scheduling().drain.until - Date.now();
    assert.ok(left > 0 && left <= 300_000);

    world.handOver("planner-3", world.nodes[0].id);
    await page.getByText("4 agents left, 1 went elsewhere.").waitFor();
    await page.getByText("1 of 5").waitFor();

    await page.getByRole("button", { name: "End the drain" }).click();
    await page
      .getByRole("button", { name: "End the drain of dusty-wren" })
      .click();
    await page
      .getByRole("region", { name: "Takes no agents" })
      .waitFor({ state: "detached" });
    assert.equal(scheduling(), undefined);
  });
});

test("drain that fails for an agent names it and the reason", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go(DRAINED);
    await page.getByText("it gave no state within 10 s").waitFor();
  });
});

test("members that see a node otherwise are named with what they see", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go(DOWN);
    await page.getByText("early-finch says").waitFor();
    await go("#/cluster");
    const card = page.getByRole("region", { name: "Convergence" });
    await card
      .getByText("2 of 4 other members have the same picture as this node.")
      .waitFor();
    await card
      .getByRole("row", { name: /dusty-wren Catching up 1 s ago/ })
      .waitFor();
    await card.getByText("Seen otherwise").waitFor();
  });
});

test("conflict names winner, loser, reason and both values, and stays put away", async () => {
  await at("moves", {}, async ({ page, go }) => {
    await go("#/cluster");
    const card = page.getByRole("region", {
      name: "studio/printer was claimed twice",
    });
    await card.getByText("it was claimed there first").waitFor();
    await card.getByRole("row", { name: "port 9100 9101" }).waitFor();
    await card
      .getByRole("button", { name: "Dismiss the conflict about" })
      .click();
    await card.waitFor({ state: "detached" });
    await page.reload();
    await page
      .getByRole("region", { name: "planner-3 was claimed twice" })
      .waitFor();
    assert.equal(await card.count(), 0);
  });
});

test("more options are checked in the node's words and sent", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/agents");
    await page.keyboard.press("n");
    await page.getByLabel("Name").fill("worker");
    await page.getByText("More options").click();
    await page.getByText("Placement", { exact: true }).click();
    await page.getByLabel("Copies").fill("300");
    await page.getByRole("button", { name: "Start worker" }).click();
    await page
      .getByText("replicas is 300, which is not within 1 to 256")
      .waitFor();
    assert.deepEqual(await seriousFaults(page), []);
    await page.getByLabel("Copies").fill("3");
    await page.getByLabel("Node is chosen").selectOption({ label: "Spread" });
    await page.getByLabel("Copies apart by").fill("room");
    await page.getByLabel("Group").fill("pipeline");
    await page.getByLabel("Needs").fill("echo-0");
    await page.getByLabel("State when it moves").selectOption("yes");
    await page.getByRole("button", { name: "Start worker" }).click();
    await page.getByRole("dialog").waitFor({ state: "detached" });
    const { spec } = world.started.at(-1);
    assert.equal(spec.replicas, 3);
    assert.equal(spec.placement.spread_by, "room");
    assert.deepEqual(spec.depends_on, [{ on: "echo-0", loss: "ignore" }]);
    assert.equal(spec.handoff.state, true);
    assert.equal(spec.group.name, "pipeline");
  });
});

test("placement is said in fields with their meaning, summed up, and sent", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/agents");
    await page.keyboard.press("n");
    const dialog = page.getByRole("dialog");
    await dialog.getByText("one copy, on any node").waitFor();
    assert.equal(await dialog.getByLabel("Near").isVisible(), false);
    await dialog.getByText("Placement", { exact: true }).click();
    await dialog.getByLabel("Near").fill("echo-0, tomorrow");
    await dialog
      .getByText("tomorrow is not there yet: until then this one waits.")
      .waitFor();
    await dialog.getByLabel("Apart from").fill("echo-0 counter-1");
    await dialog.getByLabel("Name").fill("worker");
    await dialog.getByRole("button", { name: "Start worker" }).click();
    await dialog
      .getByText("echo-0 is both near and apart: no node fits")
      .waitFor();
    assert.equal(world.started.length, 0);
    assert.deepEqual(await seriousFaults(page), []);

    await dialog.getByLabel("Apart from").fill("counter-1");
    await dialog.getByLabel("Labels a node must have").fill("gpu room=lab");
    await dialog
      .getByLabel("While the cluster is split")
      .selectOption({ label: "On the greater side" });
    await dialog.getByText("elsewhere it waits").waitFor();
    await dialog
      .getByText(
        "one copy, near echo-0 and tomorrow, apart from counter-1, on nodes that fit, on the greater side of a split",
      )
      .waitFor();
    await dialog.getByRole("button", { name: "As JSON" }).click();
    const raw = await dialog.getByLabel("Specification, as JSON").inputValue();
    assert.deepEqual(JSON.parse(raw).placement.near, ["echo-0", "tomorrow"]);
    await dialog.getByRole("button", { name: "As a form" }).click();
    await dialog.getByRole("button", { name: "Start worker" }).click();
    await dialog.waitFor({ state: "detached" });
    const { spec } = world.started.at(-1);
    assert.deepEqual(spec.placement.near, ["echo-0", "tomorrow"]);
    assert.deepEqual(spec.placement.apart, ["counter-1"]);
    assert.deepEqual(spec.placement.capabilities, ["gpu"]);
    assert.deepEqual(spec.placement.labels, { room: "lab" });
    assert.equal(spec.class, "majority_only");
  });
});
