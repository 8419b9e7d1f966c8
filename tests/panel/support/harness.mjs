// One browser for a test file, and a panel before a made-up world for each test.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before } from "node:test";

import { SCENES } from "../mock/scenes.mjs";
import { serve } from "../mock/server.mjs";
import { feedOf, launch, open } from "./browser.mjs";
import { until } from "./webdriver.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

export function panel() {
  let browser;
  before(async () => {
    browser = await launch();
  });
  after(() => browser.close());

  /** Runs `act` with a page before the world of `scene`; no fault may be left in its console. */
  return async function at(scene, options, act) {
    const world = SCENES[scene]();
    const node = await serve(world);
    const { page, faults, close } = await open(browser, node.url, options);
    try {
      await act({ page, world, node, go: (hash) => go(page, hash) });
      assert.deepEqual(
        faults.filter((fault) => !options.expected?.test(fault)),
        [],
      );
    } finally {
      await close();
      await node.close();
    }
  };
}

/** Goes to a page of the panel and waits until it is drawn. */
export async function go(page, hash) {
  await page.evaluate((hash) => {
    location.hash = hash;
  }, hash);
  await page.waitForFunction((hash) => location.hash === hash, hash);
  await painted(page);
}

/** Waits until a frame with all that the document holds was painted. */
function painted(page) {
  return page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(done)),
      ),
  );
}

/** Waits until all that the page asked for has come, nothing moves any more, and it is painted. */
export async function settled(page) {
  await until(
    "every subscription is answered",
    () => feedOf(page).unanswered.size === 0,
  );
  await page.evaluate(async () => {
    await document.fonts.ready;
    const ends = document
      .getAnimations()
      .filter(({ effect }) => effect.getComputedTiming().endTime !== Infinity);
    await Promise.allSettled(ends.map(({ finished }) => finished));
  });
  await painted(page);
}

/** Does `act`, which changes agents, and waits until the page has painted what it was told of them. */
export async function shown(page, act) {
  const patches = () => feedOf(page).patches.get("agents") ?? 0;
  const before = patches();
  act();
  await until("the page is told", () => patches() > before);
  await painted(page);
}

/** What axe holds to be serious or critical on the page as it is. */
export async function seriousFaults(page) {
  // The policy of the page forbids a script in the document; one from the protocol may run.
  await page.evaluate(await axeSource());
  const { violations } = await page.evaluate(() =>
    globalThis.axe.run(document, { resultTypes: ["violations"] }),
  );
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(
      ({ id, nodes }) =>
        `${id}: ${nodes
          .slice(0, 3)
          .map(({ html }) => html.slice(0, 160))
          .join(" | ")}`,
    );
}

let source;
async function axeSource() {
  const { readFile } = await import("node:fs/promises");
  source ??= await readFile(AXE, "utf8");
  return source;
}
