// The main job on a real cluster of three: join, start, call, crash, loss of a node; and how soon
// the panel of one node shows what that node knows.

import assert from "node:assert/strict";
import { mkdirSync, statSync } from "node:fs";
import { after, before, describe, test } from "node:test";

import { launch, open } from "./support/browser.mjs";
import { Cluster } from "./support/cluster.mjs";
import { go, seriousFaults } from "./support/harness.mjs";
import { PROGRAM } from "./support/program.mjs";
import { watch } from "./support/screen.mjs";
import { until } from "./support/webdriver.mjs";

/** How late the panel may be before a person takes it for broken; how late it is, is printed. */
const SHOWN_MS = 5_000;
/** For what the cluster itself takes its time for, on a busy machine. */
const PATIENCE_MS = 30_000;
const OUT = new URL("out/", import.meta.url).pathname;
const PICTURE = new URL("../../docs/panel.png", import.meta.url).pathname;
const PICTURE_MAX_SIZE = 200_000;

describe("three real nodes", { concurrency: false }, () => {
  const cluster = new Cluster();
  let failed = false;
  let browser, studio, kitchen, attic, page, faults, events;

  before(async () => {
    browser = await launch();
    studio = await cluster.start("studio");
    kitchen = await cluster.start("kitchen", "--label", "floor=upper");
    attic = await cluster.start("attic", "--label", "floor=upper");
    ({ page, faults } = await open(browser, studio.panel));
    events = await studio.watchEvents();
  });

  after(async () => {
    await browser?.close();
    await cluster.end();
  });

  /** A part of the story, which ends with the first that fails and the nodes' logs. */
  function step(name, act) {
    test(name, { timeout: 4 * PATIENCE_MS }, async (t) => {
      if (failed) {
        t.skip("an earlier step failed");
        return;
      }
      try {
        await act(t);
      } catch (error) {
        failed = true;
        t.diagnostic(cluster.logs());
        mkdirSync(OUT, { recursive: true });
        await page?.screenshot({ path: `${OUT}real-failure.png` });
        throw error;
      }
    });
  }

  /** Notes how long after the node knew `what` the panel showed it. */
  function record(t, what, took) {
    t.diagnostic(`${what}: shown ${took.toFixed(0)} ms after the node told it`);
    assert.ok(took < SHOWN_MS, `${what} was shown after ${took} ms`);
  }

  /**
   * Waits for an event and for what the panel shows of it. The node knows what it saw itself from
   * the stamp on; what another saw, from when it pushes it.
   */
  async function measure(t, what, fits, shown) {
    const { event, told } = await events(what, fits);
    const known = event.origin === studio.id ? event.stamp.wall : told;
    record(t, what, (await shown()) - known);
  }

  /** The six digits and four words of the card on a page. */
  async function code(of) {
    const digits = await of.locator(".code .digits").innerText();
    return {
      digits: digits.replaceAll(/\D/g, ""),
      words: await of.locator(".code .words").innerText(),
    };
  }

  /** Presses Accept and waits until the map has grown. */
  async function accept(t, node, nodes) {
    const shown = await watch(
      page,
      "[role=img]",
      new RegExp(`Map of ${nodes} nodes`),
    );
    // One more admin, so that the cluster can grow when this one is lost.
    await page.getByLabel("Let it in as").selectOption("admin");
    await page.getByRole("button", { name: `Accept ${node.name}` }).click();
    const admitted = ({ fact }) =>
      fact.kind === "member_admitted" && fact.node === node.id;
    await measure(t, `join of ${node.name}`, admitted, shown);
    await page
      .getByText(`${node.name} asks to join`)
      .waitFor({ state: "detached" });
  }

  /** Fills in the dialog and starts an agent; the panel is to show it running. */
  async function startAgent(t, template, name, fill = async () => {}) {
    await go(page, "#/agents");
    await page.getByRole("button", { name: "Start an agent" }).first().click();
    await page.getByText(template, { exact: true }).click();
    await page.getByLabel("Name").fill(name);
    await fill();
    const shown = await watch(
      page,
      "[role=row]",
      new RegExp(`${name}.*Running`),
    );
    await page.getByRole("button", { name: `Start ${name}` }).click();
    const started = ({ fact }) =>
      fact.kind === "agent_started" && fact.name === name;
    await measure(t, `start of ${name}`, started, shown);
  }

  /** The name of the node that the agent's inspector tells. */
  function placeOf() {
    return page.locator("aside .state a").innerText();
  }

  async function send(method, params) {
    await page.getByLabel("Method").fill(method);
    await page.getByLabel("Parameters, as JSON").fill(JSON.stringify(params));
    await page.getByRole("button", { name: "Send" }).click();
  }

  /** Each page, and an agent and a node on theirs. */
  function pages() {
    return [
      "#/",
      "#/?view=table",
      "#/nodes",
      `#/nodes/${kitchen.id}`,
      "#/agents",
      "#/agents/greeter",
      "#/events",
      "#/cluster",
      "#/settings",
    ];
  }

  step("each computer is found by the others", async () => {
    for (const { name } of [kitchen, attic]) {
      await page.getByRole("button", { name: `Ask to join ${name}` }).waitFor();
    }
  });

  step(
    "command line asks, both sides show one code, and a click lets it in",
    async (t) => {
      const asked = kitchen.covey("ask", "studio");
      await page.getByText("kitchen asks to join").waitFor();
      const shown = await code(page);
      const { ask } = await kitchen.call("pairing.get");
      assert.equal(shown.digits, ask.digits.replaceAll(/\D/g, ""));
      for (const word of ask.words) assert.ok(shown.words.includes(word), word);
      await accept(t, kitchen, 2);
      const said = await asked;
      for (const word of ask.words) assert.ok(said.includes(word), said);
    },
  );

  step(
    "panel asks, both screens show one code, and a click lets it in",
    async (t) => {
      const other = await open(browser, attic.panel);
      await other.page
        .getByRole("button", { name: "Ask to join studio" })
        .click();
      await page.getByText("attic asks to join").waitFor();
      await other.page.locator(".code").waitFor();
      assert.deepEqual(await code(page), await code(other.page));
      await accept(t, attic, 3);
      await other.page.getByRole("img", { name: /^Map of 3 nodes/ }).waitFor();
      assert.deepEqual(other.faults, []);
      await other.close();
      await go(page, "#/nodes");
      for (const { name } of [studio, kitchen, attic]) {
        await page
          .getByRole("row", { name: new RegExp(`${name}.*Up`) })
          .waitFor();
      }
    },
  );

  step(
    "agent that comes with Covey starts, is found, and answers",
    async (t) => {
      await startAgent(t, "Echo", "echo");
      const [{ node }] = await attic.call("agents.list");
      const place = [studio, kitchen, attic].find(({ id }) => id === node).name;
      assert.equal(await placeOf(), place);
      await send("echo", { word: "hello" });
      await page.getByText(`answered by ${place} in`).waitFor();
      await page.locator("aside pre", { hasText: '"hello"' }).waitFor();
    },
  );

  step(
    "program from the dialog runs where its labels say, and answers",
    async (t) => {
      await startAgent(t, "Python", "greeter", async () => {
        await page.getByLabel("agent.py").fill(PROGRAM);
        await page.getByText("Restarts, limits and requirements").click();
        await page.getByLabel("Labels a node must have").fill("floor=upper");
      });
      const place = await placeOf();
      assert.ok(place === "kitchen" || place === "attic", place);
      const shown = await watch(page, "aside [aria-live]", /answered by/);
      await send("greet", { name: "Ada" });
      const at = await shown();
      const answered = await page.evaluate(
        () =>
          performance.timeOrigin +
          performance
            .getEntriesByType("resource")
            .findLast(({ name }) => name.endsWith("/agent.call")).responseEnd,
      );
      record(t, "call of greeter", at - answered);
      await page.locator("aside pre", { hasText: "Hello, Ada" }).waitFor();
      await page.getByText(`answered by ${place} in`).waitFor();
    },
  );

  step(
    "crash of the program is told with its reason and its last output",
    async (t) => {
      const shown = await watch(
        page,
        "aside .exit",
        /It exited with code 3\.[^]*the ladder slipped/,
      );
      await send("fall", {});
      const exited = ({ fact }) =>
        fact.kind === "agent_exited" && fact.name === "greeter";
      await measure(t, "crash of greeter", exited, shown);
      await page.locator("aside .state", { hasText: "Running" }).waitFor();
    },
  );

  step("axe finds nothing serious on any page with live data", async () => {
    for (const theme of ["light", "dark"]) {
      await page.emulateMedia({ colorScheme: theme });
      for (const hash of pages()) {
        await go(page, hash);
        await page
          .locator(hash.includes("/agents/") ? "aside .state" : "main h1")
          .first()
          .waitFor({ state: "attached" });
        assert.deepEqual(await seriousFaults(page), [], `${hash} in ${theme}`);
      }
    }
    await page.emulateMedia({ colorScheme: "light" });
  });

  step("node is killed, and its agent answers from another", async (t) => {
    await go(page, "#/agents/greeter");
    const first = await placeOf();
    const [lost, other] =
      first === "kitchen" ? [kitchen, attic] : [attic, kitchen];
    await go(page, "#/nodes");
    const shown = await watch(
      page,
      "[role=row]",
      new RegExp(`${lost.name}.*Down`),
    );
    await lost.kill();
    const down = ({ fact }) =>
      fact.kind === "member_down" && fact.node === lost.id;
    await measure(t, `loss of ${lost.name}`, down, shown);
    await go(page, "#/agents/greeter");
    const moved = page.locator("aside .state", {
      hasText: new RegExp(`Running.*${other.name}`),
    });
    await moved.waitFor({ timeout: PATIENCE_MS });
    await send("greet", { name: "Grace" });
    await page.locator("aside pre", { hasText: "Hello, Grace" }).waitFor();
    await page.getByText(`answered by ${other.name} in`).waitFor();
    await go(page, "#/");
    assert.deepEqual(await seriousFaults(page), []);

    await lost.start();
    await go(page, "#/nodes");
    const back = page.getByRole("row", {
      name: new RegExp(`${lost.name}.*Up`),
    });
    await back.waitFor({ timeout: PATIENCE_MS });
  });

  step(
    "nothing is amiss in the console, and nothing was asked of elsewhere",
    () => {
      // The call during which the program fell was refused, and the browser says so.
      assert.deepEqual(
        faults.filter(
          (fault) => !/status of 50[0-9]|status of 409/.test(fault),
        ),
        [],
      );
    },
  );

  step("overview of the cluster makes the picture of the README", async () => {
    for (const [builtin, name] of [
      ["counter", "till"],
      ["ticker", "clock"],
      ["echo", "parrot"],
    ]) {
      const rule = {
        policy: "permanent",
        max_restarts: 5,
        window_ms: 60_000,
        backoff_ms: 100,
      };
      const limits = { memory_mib: 64, handle_ms: 1_000, mailbox: 16 };
      const placement = { os: [], arch: [], labels: {} };
      const runtime = { kind: "builtin", agent: builtin };
      const spec = {
        name,
        runtime,
        capabilities: [],
        restart: rule,
        placement,
        limits,
      };
      await studio.call("agent.start", { spec });
    }
    await go(page, "#/");
    await page
      .getByRole("img", { name: /^Map of 3 nodes and 5 agents/ })
      .waitFor();
    // Links are drawn with their pulses, and the last notice is gone.
    await page.waitForTimeout(3_000);
    mkdirSync(OUT, { recursive: true });
    const path =
      process.env.COVEY_WRITE_SCREENSHOT === "1" ? PICTURE : `${OUT}panel.png`;
    await page.screenshot({ path });
    assert.ok(
      statSync(path).size <= PICTURE_MAX_SIZE,
      `${statSync(path).size} bytes`,
    );
  });
});
