// Reference load: 50 nodes and 1,000 agents that all change each second, for a minute.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";
import { framesPerSecond, p95, underLoad } from "./support/load.mjs";

const at = panel();

const SECONDS = Number(process.env.LOAD_SECONDS ?? 60);
/** Main-thread script of one tick, 95 of 100 times. */
const TICK_P95_MS = 8;
const HEAP_GROWTH_MIB = 10;

test(
  "agents table under load has no long task and keeps its memory",
  { timeout: 180_000 },
  async (t) => {
    await at("load", {}, async ({ page, world, go }) => {
      await go("#/agents");
      const { tasks, growth, script } = await underLoad(page, world, SECONDS);
      const tick = p95(script);
      t.diagnostic(
        `script of a tick p95 ${tick.toFixed(1)} ms, heap +${growth.toFixed(1)} MiB`,
      );
      assert.deepEqual(tasks, []);
      assert.ok(tick <= TICK_P95_MS, `a tick takes ${tick} ms`);
      assert.ok(growth <= HEAP_GROWTH_MIB, `heap grew by ${growth} MiB`);
    });
  },
);

test(
  "map under load has no long task and keeps its memory",
  { timeout: 180_000 },
  async (t) => {
    await at("load", {}, async ({ page, world }) => {
      const { tasks, growth, script } = await underLoad(page, world, SECONDS);
      const fps = await framesPerSecond(page);
      t.diagnostic(
        `script of a second p95 ${p95(script).toFixed(1)} ms, heap +${growth.toFixed(1)} MiB, ${fps.toFixed(0)} frames/s`,
      );
      assert.deepEqual(tasks, []);
      assert.ok(growth <= HEAP_GROWTH_MIB, `heap grew by ${growth} MiB`);
    });
  },
);

test(
  "ten thousand agents filter within a frame or two",
  { timeout: 120_000 },
  async () => {
    await at("many", {}, async ({ page, go }) => {
      await go("#/agents");
      await page.locator('[role="row"][aria-rowindex="2"]').waitFor();
      const rows = await page.locator('[role="grid"] [role="row"]').count();
      assert.ok(rows < 60, `${rows} rows exist of 10,000`);
      const took = await page.evaluate(async () => {
        const input = document.querySelector("[data-filter]");
        const start = performance.now();
        input.value = "planner-99";
        input.dispatchEvent(new InputEvent("input", { bubbles: true }));
        await new Promise((done) =>
          requestAnimationFrame(() => setTimeout(done)),
        );
        return performance.now() - start;
      });
      assert.equal(
        await page.locator('[role="grid"]').getAttribute("aria-rowcount"),
        "30",
      );
      assert.ok(took < 150, `${took} ms`);
    });
  },
);
