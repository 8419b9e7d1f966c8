// One browser for a test file, and a panel before a made-up world for each test.

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { after, before } from "node:test";

import { SCENES } from "../mock/scenes.mjs";
import { serve } from "../mock/server.mjs";
import { launch, open } from "./browser.mjs";

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
  await page.evaluate(
    () =>
      new Promise((done) =>
        requestAnimationFrame(() => requestAnimationFrame(done)),
      ),
  );
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
