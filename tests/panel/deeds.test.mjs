// What a person does: let one in, start, call, stop, move and remove an agent, and lose the node.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";

import { joinPlan } from "./mock/world.mjs";
import { panel } from "./support/harness.mjs";

const at = panel();

test("join request is accepted with the code in sight and the map grows", async () => {
  await at("request", {}, async ({ page, world }) => {
    await page.getByText("407 915").waitFor();
    await page.getByText("harbor · violet · anchor · meadow").waitFor();
    await page.getByRole("button", { name: "Accept quiet-falcon" }).click();
    await page.getByRole("img", { name: /^Map of 3 nodes/ }).waitFor();
    assert.equal(world.nodes.at(-1).role, "operator");
    await page.getByText("407 915").waitFor({ state: "detached" });
  });
});

test("request that is put off stays on the Cluster page", async () => {
  await at("request", {}, async ({ page, go }) => {
    await page.getByRole("button", { name: "Not now" }).click();
    await page.getByText("407 915").waitFor({ state: "detached" });
    await go("#/cluster");
    await page.getByText("407 915").waitFor();
    await page.getByRole("button", { name: "Ignore" }).click();
    await page.getByText("407 915").waitFor({ state: "detached" });
  });
});

test("program written in the panel is started on the chosen node and answers", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/agents");
    await page.getByRole("button", { name: "Start an agent" }).click();
    await page.getByText("Python", { exact: true }).click();
    await page.getByLabel("Name").fill("Greeter");
    await page.getByRole("button", { name: "Start Greeter" }).click();
    await page.getByText("Use a–z, 0–9").waitFor();
    await page.getByLabel("Name").fill("greeter");
    await page.getByLabel("Where").selectOption({ label: "Only brisk-heron" });
    await page.getByRole("button", { name: "Start greeter" }).click();
    await page.locator("aside .title", { hasText: "greeter" }).waitFor();
    await page.locator("aside .state", { hasText: "Running" }).waitFor();

    const agent = world.agents.get("greeter");
    assert.equal(agent.pin, world.nodes[1].id);
    assert.deepEqual(agent.runtime.command, ["python3", "agent.py"]);
    assert.match(
      Buffer.from(agent.runtime.files[0].contents, "base64").toString(),
      /"initialize"/,
    );

    await page.getByLabel("Method").fill("greet");
    await page.getByLabel("Parameters, as JSON").fill('{ "name": "you" }');
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("answered by brisk-heron in").waitFor();
    await page.getByText('"name": "you"').first().waitFor();
  });
});

test("refusal of an agent is told in full", async () => {
  await at("three", { expected: /409/ }, async ({ page, go }) => {
    await go("#/agents/echo-0");
    await page.getByLabel("Method").fill("fail");
    await page.getByRole("button", { name: "Send" }).click();
    await page.getByText("It said: no such method.").waitFor();
  });
});

test("agent is stopped, started again, moved, and removed only by its name", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/agents/echo-0");
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page.getByRole("button", { name: "Stop echo-0" }).click();
    await page.getByRole("button", { name: "Start again" }).click();
    await page.locator("aside .state", { hasText: "Running" }).waitFor();

    await page.getByRole("button", { name: "Move…", exact: true }).click();
    await page
      .getByLabel("Where echo-0 may run")
      .selectOption({ label: "Only calm-lynx" });
    await page.getByRole("button", { name: "Move echo-0" }).click();
    await page.locator("aside .state", { hasText: "calm-lynx" }).waitFor();

    await page.getByRole("button", { name: "Remove…" }).click();
    await page.getByRole("button", { name: "Remove echo-0" }).click();
    assert.ok(world.agents.has("echo-0"), "a click alone must not remove it");
    await page.getByLabel("Type echo-0 to confirm").fill("echo-0");
    await page.getByRole("button", { name: "Remove echo-0" }).click();
    await page.locator("aside").waitFor({ state: "detached" });
    assert.ok(!world.agents.has("echo-0"));
  });
});

test("invite is shown once with its link, and taken back", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/cluster");
    await page.getByRole("button", { name: "Make an invite" }).click();
    await page.getByText(/^covey:\/\/join\//).waitFor();
    await page.getByRole("button", { name: /^Take back invite/ }).click();
    await page
      .getByRole("button", { name: /^Take back invite/ })
      .waitFor({ state: "detached" });
  });
});

test("events that come while paused are counted", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/events");
    await page.getByRole("button", { name: "Pause" }).click();
    for (let i = 0; i < 3; i += 1)
      world.fact({ kind: "agent_wanted", name: `late-${i}` });
    world.changed();
    await page.getByRole("button", { name: "Resume · +3" }).click();
    await page.getByText("late-2").first().waitFor();
  });
});

test("events that belong together are one click away, and can be saved", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    for (const [type, correlation] of [
      ["shop.order.placed", "order-7"],
      ["shop.order.placed", "order-8"],
      ["shop.order.paid", "order-7"],
    ])
      world.fact({ kind: "reported", type, body: { paid: true }, correlation });
    world.changed();
    await go("#/events");
    await page.getByRole("row", { name: /shop\.order\.paid/ }).click();
    await page.getByRole("link", { name: "order-7" }).click();
    await page.getByRole("status").getByText(/^2 of/).waitFor();

    const download = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save NDJSON" }).click();

    const saved = await readFile(await (await download).path(), "utf8");
    const types = saved
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line).fact.type);
    assert.deepEqual(types, ["shop.order.placed", "shop.order.paid"]);
  });
});

test("lost node greys the page, counts down, and the panel comes back by itself", async () => {
  await at("three", {}, async ({ page, world, node }) => {
    node.drop();
    await page
      .getByRole("alert")
      .getByText("The node does not answer.")
      .waitFor();
    world.fact({ kind: "agent_wanted", name: "came-later" });
    await page
      .getByRole("alert")
      .waitFor({ state: "detached", timeout: 10_000 });
    await page.getByText("came-later").first().waitFor();
  });
});

test("page without a token says what to do", async () => {
  await at("three", {}, async ({ page, node }) => {
    const context = await page.context().browser().newContext();
    const bare = await context.newPage();
    await bare.goto(node.origin);
    await bare.getByText("This page has no valid key.").waitFor();
    await context.close();
  });
});

test("coordination shows who votes, and says at once when too few are in sight", async () => {
  await at("trouble", {}, async ({ page, world, go }) => {
    await go("#/coordination");
    const status = page.getByRole("status").first();
    await status.getByText("Agrees").waitFor();
    const standings = await page
      .locator("[data-standing]")
      .evaluateAll((rows) => rows.map((row) => row.dataset.standing));
    assert.deepEqual(standings.toSorted(), [
      ...["leader", "learner", "learner", "learner"],
      ...["voter", "voter"],
    ]);
    await page.getByText("operator on brisk-heron").waitFor();
    const row = (name) => page.getByRole("row").filter({ hasText: name });
    await row("visits").getByText("Merged").waitFor();
    await row("note").getByText("Merged: all kept, 2 writes apart").waitFor();
    await row("scratch").getByText("This node").waitFor();

    world.mute = true;

    await status.getByText("No quorum").waitFor();
    await status.getByText("1 of the 2 voters").waitFor();
  });
});

test("breaker that is open says who opened it, and is reset", async () => {
  await at("trouble", {}, async ({ page, go }) => {
    await go("#/coordination");
    const open = page.locator('[data-breaker="open"]');
    await open.getByText("Calls from brisk-heron failed").waitFor();
    await page
      .locator('[data-rate="agent.call:*"]')
      .getByText("187 of 200")
      .waitFor();

    await page
      .getByRole("button", { name: "Reset the breaker of quoter" })
      .click();

    await open.waitFor({ state: "detached" });
    await page.getByText("Calls of quoter pass again").waitFor();
  });
});

test("setting is changed, refused with its bounds, waits, and is rolled back", async () => {
  await at("three", { expected: /409/ }, async ({ page, world, go }) => {
    await go("#/settings");
    await page.getByRole("searchbox", { name: "Search" }).fill("lock held");
    const row = page.locator('[data-key="locks.lease"]');
    await row.waitFor();
    assert.equal(await page.locator("[data-key]").count(), 1);
    await row.getByRole("button", { name: "Change locks.lease" }).click();
    const value = row.getByLabel("Value");
    await value.fill("13h");
    await row.getByRole("button", { name: "Set", exact: true }).click();
    await row.getByText("it is from 1s to 12h").waitFor();
    assert.equal(world.settings.version, 0);

    await value.fill("90s");
    await row.getByRole("button", { name: "Set", exact: true }).click();
    await page
      .locator('[data-key="locks.lease"][data-layer="cluster"]')
      .waitFor();
    const first = world.settings.version;

    world.mute = true;
    await row.getByRole("button", { name: "Change locks.lease" }).click();
    await row.getByLabel("Value").fill("2m");
    await row.getByRole("button", { name: "Set", exact: true }).click();
    await row.getByRole("button", { name: "Wait for a majority" }).click();
    await page.getByText("locks.lease=2m", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Withdraw locks.lease=2m" }).click();
    await page
      .getByText("Waiting for a majority")
      .waitFor({ state: "detached" });

    world.mute = false;
    await row.getByRole("button", { name: "Change locks.lease" }).click();
    await row.getByLabel("For").selectOption("here");
    await row.getByLabel("Value").fill("5m");
    await row.getByRole("button", { name: "Set", exact: true }).click();
    await page
      .locator('[data-key="locks.lease"][data-layer="runtime"]')
      .waitFor();
    world.settings.here([{ key: "locks.lease", value: null }]);
    world.settings.change([
      { key: "locks.lease", place: "cluster", value: "4m" },
    ]);
    await page.getByText("90s → 4m").waitFor();
    await page.getByRole("button", { name: "Roll back to this" }).click();
    await page.getByRole("button", { name: "Roll back", exact: true }).click();
    await row.getByText("90s", { exact: true }).waitFor();
    assert.deepEqual(world.settings.versions.at(-1).how, {
      rolled_back: { to: first },
    });
  });
});

test("doctor names what is wrong first, with what to do, and looks again when asked", async () => {
  await at("trouble", {}, async ({ page, world, go }) => {
    await go("#/doctor");
    const first = page.locator("[data-check]").first();
    await first
      .getByText("Multicast is blocked on this machine")
      .waitFor({ state: "visible" });
    await first.getByText("sudo ufw allow 5353/udp").waitFor();
    await page.locator('[data-source="dns"]', { hasText: "Failing" }).waitFor();
    assert.equal(world.examined, 1);

    world.doctor = {};
    await page.getByRole("button", { name: "Check again" }).click();
    await page.getByText("Nothing keeps nodes apart").waitFor();
    assert.equal(await page.locator('[data-verdict="fail"]').count(), 0);
    assert.equal(world.examined, 2);
  });
});

test("lone node's doctor does not call well what nobody could try", async () => {
  await at("alone", {}, async ({ page, go }) => {
    await go("#/doctor");
    const firewall = page.locator('[data-check="firewall"]');
    await firewall.waitFor();
    assert.equal(await firewall.getAttribute("data-verdict"), "unknown");
    await firewall.getByText("Not checked").waitFor({ state: "attached" });
  });
});

test("computer with things of its own sees what becomes of them before it asks", async () => {
  await at("nearby", {}, async ({ page, world }) => {
    world.joinPlan = joinPlan("attic", {
      ...{ agents: ["planner"], counters: ["hits", "jobs"], events: 40 },
      others: 1,
    });
    const ask = page.getByRole("button", { name: /^Ask to join/ }).first();
    const dialog = page.getByRole("dialog");
    await ask.click();
    await dialog.getByText("Counters (2)").waitFor();
    await dialog.getByText("planner").waitFor();
    await dialog.getByText("Other members (1)").waitFor();
    await dialog.getByRole("button", { name: "Stay" }).click();
    await dialog.waitFor({ state: "detached" });
    assert.equal(world.pairing.ask, null);

    await ask.click();
    await dialog.getByRole("button", { name: "Go on" }).click();
    await page.getByText("407 915").waitFor();
  });
});

test("what was left behind is shown and replayed, and what stands is said", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    const row = {
      id: Date.now() - 3_600_000,
      cluster_name: "attic",
      others: 1,
      path: "/attic.json",
    };
    const hits = { name: "hits", scope: "cluster", value: "7", version: 3 };
    const visits = { name: "visits", scope: "global", value: "12", version: 4 };
    const group = {
      settings: [],
      counters: [hits],
      variables: [],
      decisions: [],
    };
    const archive = {
      group,
      belongings: { counters: [visits], variables: [] },
    };
    world.archives = [{ row, archive }];
    world.replayed = {
      made: [{ kind: "counter", name: "visits" }],
      there: [],
      conflicts: [
        {
          kind: "counter",
          name: "hits",
          archived: "7",
          there: "9",
          reason: "it counts otherwise",
        },
      ],
    };
    await go("#/cluster");
    await page.getByText("1 other member went on").waitFor();
    await page.getByRole("button", { name: "Show what attic held" }).click();
    const held = page.getByRole("table", { name: "What attic held" });
    await held.getByRole("row", { name: /visits.*12/ }).waitFor();

    await page
      .getByRole("button", { name: "Replay here what attic held" })
      .click();

    await page.getByText("1 made, 0 there already, 1 conflict").waitFor();
    const conflicts = page.getByRole("list", {
      name: "Conflicts of the replay",
    });
    await conflicts.getByText("was 7, 9 here: it counts otherwise").waitFor();
  });
});

test("exclusive agent shows its token and until when its lease lasts", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    const node = world.nodes[1].id;
    world.tenures.set("planner-3", {
      ...{ node, token: 41, lease_ms: 9_000, left_ms: 8_000 },
    });
    await go("#/agents/planner-3");
    const tenure = page.getByRole("heading", {
      name: "Runs once in the cluster",
    });
    await tenure.waitFor();
    await page.getByText("unless its node renews it").waitFor();
    await page.locator("dd.number", { hasText: /^41$/ }).waitFor();
  });
});

test("rate is reset for the one who asks", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/coordination");
    await page
      .getByRole("button", { name: "Reset the rate of agent.call:*" })
      .click();
    await page.getByText("The rate of agent.call:* begins anew").waitFor();
    assert.deepEqual(world.refilled, [
      { operation: "agent.call:*", actor: "operator" },
    ]);
  });
});
