// Three real nodes that are one cluster, and a window on the panel of each.

import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { after, before, test } from "node:test";

import { launch, open, SIZES } from "./browser.mjs";
import { Cluster } from "./cluster.mjs";
import { go, settled } from "./harness.mjs";
import { until } from "./webdriver.mjs";

const NAMES = ["studio", "kitchen", "attic"];
const OUT = new URL("../out/", import.meta.url).pathname;
const EXAMPLES = new URL("../../../examples/agents/", import.meta.url).pathname;
/** For what the cluster itself takes its time for, on a busy machine. */
export const PATIENCE_MS = 60_000;
/** How each picture is taken. */
const LOOKS = [
  ["desk", "light"],
  ["desk", "dark"],
  ["phone", "light"],
];

class Three {
  #cluster = new Cluster();
  #browser;
  windows = [];

  async start() {
    this.#browser = await launch();
    const nodes = await Promise.all(
      NAMES.map((name) => this.#cluster.start(name)),
    );
    const [first, ...others] = nodes;
    for (const node of others) {
      const { link } = await first.call("invite.create", { role: "admin" });
      await node.call("cluster.join", { link });
    }
    for (const node of nodes) {
      await until(
        `${node.name} sees all nodes, and what they agree on`,
        () => joined(node),
        PATIENCE_MS,
      );
      const window = await open(this.#browser, node.panel);
      window.page.setDefaultTimeout(PATIENCE_MS);
      this.windows.push({ ...window, name: node.name });
    }
  }

  /** What each node wrote last; how each window looks is kept. */
  async failed(story) {
    mkdirSync(OUT, { recursive: true });
    for (const { page, name } of this.windows)
      await page.screenshot({ path: `${OUT}${story}-failed-${name}.png` });
    return this.#cluster.logs();
  }

  /** Nothing may be amiss in any window, but what is `expected`. */
  assertNoFaults(expected) {
    for (const { faults, name } of this.windows) {
      const others = faults.filter((fault) => !expected?.test(fault));
      assert.deepEqual(others, [], name);
    }
  }

  async end() {
    await this.#browser?.close();
    await this.#cluster.end();
  }
}

async function joined(node) {
  const nodes = await node.call("nodes.list");
  if (nodes.filter(({ state }) => state === "alive").length < NAMES.length)
    return false;
  await node.call("counter.add", { counter: "ready", by: 1 });
  return true;
}

/**
 * A cluster for the tests of a file, which are steps of one story: it ends with the first that fails,
 * whose nodes' logs are told.
 */
export function story(name) {
  const three = new Three();
  let failed = false;
  before(() => three.start());
  after(() => three.end());

  function step(title, act) {
    test(title, { timeout: 4 * PATIENCE_MS }, async (t) => {
      if (failed) {
        t.skip("an earlier step failed");
        return;
      }
      try {
        await act(three.windows);
      } catch (error) {
        failed = true;
        t.diagnostic(await three.failed(name));
        throw error;
      }
    });
  }
  return {
    three,
    step,
    picture: (page, of, part) => picture(page, `${name}-${of}`, part),
  };
}

/** What an agent or its copies are called. */
export function namesOf(name, copies) {
  if (copies === 1) return [name];
  return Array.from({ length: copies }, (_, i) => `${name}.${i + 1}`);
}

/** Starts an agent, or copies of one on nodes apart, from the dialog of `page`. */
export async function startAgents(
  page,
  { template, name, copies = 1, can = "", command, example },
) {
  await go(page, "#/agents");
  await page.getByRole("button", { name: "Start an agent" }).first().click();
  const dialog = page.getByRole("dialog", { name: "Start an agent" });
  await dialog.getByText(template, { exact: true }).click();
  if (example !== undefined)
    await dialog
      .getByLabel("Files", { exact: true })
      .setInputFiles(`${EXAMPLES}${example}`);
  if (command !== undefined) await dialog.getByLabel("Command").fill(command);
  await dialog.getByLabel("Name").fill(name);
  await dialog.getByText("Placement", { exact: true }).click();
  await dialog.getByLabel("Copies", { exact: true }).fill(String(copies));
  await dialog.getByLabel("Node is chosen").selectOption("spread");
  await dialog.getByText("More options").click();
  await dialog.getByLabel("Can", { exact: true }).fill(can);
  await dialog.getByRole("button", { name: `Start ${name}` }).click();
  await dialog.waitFor({ state: "detached" });
  await go(page, "#/agents");
  for (const copy of namesOf(name, copies))
    await page
      .getByRole("row", { name: new RegExp(`${copy}\\b.*Running`) })
      .waitFor();
}

/** The cells of the rows of a table, without those of its head. */
export async function cellsOf(table) {
  const rows = await table.locator("tbody tr").all();
  return Promise.all(rows.map((row) => row.locator("th, td").allInnerTexts()));
}

/**
 * Pictures of `page`, or of a part of it that is scrolled to, for people to look at: at a desk by day
 * and by night, and on a telephone.
 */
async function picture(page, name, part) {
  mkdirSync(OUT, { recursive: true });
  await dismiss(page);
  for (const [size, theme] of LOOKS) {
    await page.setViewportSize(SIZES[size]);
    await page.emulateMedia({ colorScheme: theme });
    await settled(page);
    await part?.evaluate((element) => element.scrollIntoView());
    await page.screenshot({ path: `${OUT}${name}-${size}-${theme}.png` });
  }
  await page.setViewportSize(SIZES.desk);
}

/** Closes the notices, which lie over the page for a while. */
async function dismiss(page) {
  await page.evaluate(() => {
    for (const button of document.querySelectorAll(
      '[aria-label="Notices"] button',
    ))
      button.click();
  });
}
