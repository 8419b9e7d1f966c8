// Every page in every situation: nothing serious for axe, nothing wider than a phone, nothing foreign.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel, seriousFaults, settled } from "./support/harness.mjs";

const at = panel();

const VIEWS = {
  alone: [
    "#/",
    "#/nodes",
    "#/agents",
    "#/load",
    "#/events",
    "#/cluster",
    "#/market",
    "#/market?view=ledger",
    "#/sessions",
    "#/coordination",
    "#/load",
    "#/doctor",
    "#/settings",
  ],
  asking: ["#/", "#/cluster"],
  request: ["#/", "#/cluster"],
  moves: [
    "#/",
    "#/nodes",
    `#/nodes/${"00a5".repeat(16)}`,
    `#/nodes/${"00a3".repeat(16)}`,
    "#/agents",
    "#/agents/renderer",
    "#/agents?view=timeline",
    "#/agents?view=timeline&reach=all",
    "#/agents?view=lives",
    "#/cluster",
  ],
  uneven: ["#/nodes", "#/nodes?show=rebalance"],
  trouble: [
    "#/",
    "#/?view=table",
    "#/nodes",
    `#/nodes/${"00a3".repeat(16)}`,
    "#/agents",
    "#/agents/planner-3",
    "#/agents/planner-7",
    "#/agents?q=nothing",
    "#/agents/nobody",
    "#/load",
    "#/load?view=table",
    "#/load?agent=echo-4",
    "#/events",
    "#/events?kind=member_down",
    "#/cluster",
    "#/market",
    "#/market/1",
    "#/market/2",
    "#/market/3",
    "#/market/4",
    "#/market?view=ledger",
    "#/sessions",
    "#/sessions/12",
    "#/sessions/17",
    "#/coordination",
    "#/doctor",
    "#/settings",
  ],
};

for (const theme of ["light", "dark"]) {
  for (const [scene, hashes] of Object.entries(VIEWS)) {
    test(`axe finds nothing serious, ${scene} in ${theme}`, async () => {
      await at(scene, { theme }, async ({ page, go }) => {
        for (const hash of hashes) {
          await go(hash);
          await settled(page);
          assert.deepEqual(
            await seriousFaults(page),
            [],
            `${hash} in ${theme}`,
          );
        }
      });
    });
  }

  test(`axe finds nothing serious in what lies over the page, ${theme}`, async () => {
    await at("trouble", { theme }, async ({ page, go }) => {
      const check = async (what) =>
        assert.deepEqual(await seriousFaults(page), [], what);
      await page.keyboard.press("Control+k");
      await check("palette");
      await page.keyboard.press("Escape");
      await page.keyboard.press("?");
      await check("keys");
      await page.keyboard.press("Escape");
      await page.keyboard.press("n");
      await page.getByText("Python", { exact: true }).click();
      await check("start an agent");
      await page.keyboard.press("Escape");
      await go("#/agents/counter-1");
      await page.getByRole("button", { name: "Stop", exact: true }).click();
      await check("stop");
      await page.keyboard.press("Escape");
      await page.getByRole("button", { name: "Remove…" }).click();
      await check("remove");
    });
  });
}

for (const [scene, hashes] of Object.entries(VIEWS)) {
  test(`no page scrolls sideways at 360 px, ${scene}`, async () => {
    await at(scene, { size: "phone" }, async ({ page, go }) => {
      for (const hash of hashes) {
        await go(hash);
        const wide = await page.evaluate(() => {
          const boxes = [
            document.documentElement,
            document.querySelector("main .page"),
            document.querySelector("aside .body"),
          ];
          return boxes
            .filter((box) => box && box.scrollWidth > box.clientWidth + 1)
            .map((box) => `${box.tagName}.${box.className}`);
        });
        assert.deepEqual(wide, [], hash);
      }
    });
  });
}

test("words of the bar of pages stand apart and whole at 360 px", async () => {
  await at("three", { size: "phone" }, async ({ page, go }) => {
    for (const hash of ["#/", "#/agents", "#/settings"]) {
      await go(hash);
      await settled(page);
      const tight = await page.evaluate(() =>
        [...document.querySelectorAll("nav li")].flatMap((place) => {
          const outer = place.getBoundingClientRect();
          const words = [...place.querySelectorAll(".word")];
          const word = words.find((word) => word.checkVisibility());
          const inner = word.getBoundingClientRect();
          const fits = inner.left >= outer.left && inner.right <= outer.right;
          return fits ? [] : [word.textContent];
        }),
      );
      assert.deepEqual(tight, [], hash);
    }
  });
});

test("every key of the sheet of keys is written on its cap", async () => {
  await at("three", {}, async ({ page }) => {
    await page.keyboard.press("?");
    const caps = page.getByRole("dialog").locator("kbd");
    await caps.first().waitFor();
    const words = await caps.allTextContents();
    assert.ok(words.includes("+"));
    assert.ok(words.every((word) => word !== ""));
  });
});

test("overview of six nodes fits 1280 × 800 without scrolling", async () => {
  await at("trouble", {}, async ({ page }) => {
    const over = await page.evaluate(() => {
      const box = document.querySelector("main .page");
      return box.scrollHeight - box.clientHeight;
    });
    assert.equal(over, 0);
  });
});

test("token leaves the address bar and survives a reload", async () => {
  await at("three", {}, async ({ page }) => {
    assert.ok(!page.url().includes("token"));
    await page.reload();
    await page.getByText("as seen by amber-otter").waitFor();
  });
});
