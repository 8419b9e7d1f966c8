// What a person does in the market: bid by each way, open an auction, give credits.

import assert from "node:assert/strict";
import { test } from "node:test";

import { panel } from "./support/harness.mjs";

const at = panel();

const rowOf = (page, text) => page.getByRole("row").filter({ hasText: text });

test("bid that is too low is refused in words, and a higher one leads", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/market");
    await page.getByRole("button", { name: "an hour of a GPU" }).click();
    const sheet = page.getByRole("complementary");
    await sheet.getByText("planner-3 bid 85.").waitFor();
    await sheet.getByLabel("Your bid").fill("89");
    const button = sheet.getByRole("button", { name: "Bid", exact: true });
    assert.equal(
      await button.getAttribute("title"),
      "The least is 90 credits.",
    );

    await sheet.getByLabel("Your bid").fill("95");
    await button.click();
    await page.getByText("The bid leads").waitFor();
    await sheet.getByText(`${world.self.name} bid 95.`).waitFor();
  });
});

test("lot of a falling price is taken at the price of the moment", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/market/2");
    const sheet = page.getByRole("complementary");
    await sheet.getByText("falls by 5 in").waitFor();
    await sheet.getByLabel("The most you pay").fill("110");
    await sheet.getByRole("button", { name: "Take it" }).click();

    await page.getByText("The lot is yours, for 100 credits").waitFor();
    await sheet.getByText("bid 100, which is paid to").waitFor();
  });
});

test("sealed bid leaves the page without its amount", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    const { market } = world;
    market.auctions[2].seller = market.other;
    await go("#/market/3");
    const sheet = page.getByRole("complementary");
    await sheet.getByText("2 envelopes, 0 open.").waitFor();
    await sheet.getByLabel("Your bid").fill("314159");
    await sheet.getByRole("button", { name: "Seal the bid" }).click();

    await page.getByText("10 credits are held until it is opened").waitFor();
    await sheet.getByText("3 envelopes, 0 open.").waitFor();
    const sent = market.sent.filter((text) => text.includes("auction.commit"));
    assert.equal(sent.length, 1);
    assert.match(sent[0], /"commitment":"[0-9a-f]{64}"/);
    assert.ok(market.sent.every((text) => !text.includes("314159")));
  });
});

test("outcome is worked out in numbers", async () => {
  await at("three", {}, async ({ page, go }) => {
    await go("#/market/4");
    await page.getByText("bid 90, and pays 60 to").waitFor();
    await rowOf(page, "Forfeited: not opened").getByText("Fees").waitFor();
  });
});

test("auction is opened with what its kind asks for", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/market");
    await page.getByRole("button", { name: "Open an auction" }).click();
    const dialog = page.getByRole("dialog", { name: "Open an auction" });
    await dialog.getByLabel("What is sold").fill("a vase");
    await dialog.getByLabel("Kind").selectOption("dutch");
    const open = dialog.getByRole("button", { name: "Open it" });
    assert.equal(
      await open.getAttribute("title"),
      "Fill in what the kind needs.",
    );
    await dialog.getByLabel("Start, credits").fill("80");
    await dialog.getByLabel("Step, credits").fill("4");
    await open.click();

    await page.getByText("Auction 5 is open").waitFor();
    await page.getByRole("complementary").getByText("From 80 to").waitFor();
    assert.equal(world.market.auctions[4].picture.step, 4);
  });
});

test("seller closes and cancels after one more click", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/market/3");
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByText("all that is held for 2 bids is free").waitFor();
    await page.getByRole("button", { name: "Cancel auction 3" }).click();

    await page.getByText("Auction 3 is cancelled").waitFor();
    assert.equal(world.market.auctions[2].phase, "cancelled");
  });
});

test("balance explains itself line by line", async () => {
  await at("three", {}, async ({ page, world, go }) => {
    await go("#/market?view=ledger");
    await page.getByLabel("To which account").fill("agent/planner-3");
    await page.getByLabel("Credits", { exact: true }).fill("40");
    await page.getByRole("button", { name: "Transfer" }).click();
    await page.getByText("40 credits are transferred").waitFor();

    await page.getByRole("button", { name: "planner-3" }).click();
    const sheet = page.getByRole("complementary");
    await sheet.getByText("of which 0 brought forward").waitFor();
    await rowOf(sheet, "Transferred").getByText("+40").waitFor();
    await rowOf(sheet, "Held, auction 1").getByText("-85").waitFor();
    assert.equal(world.market.statement("agent/planner-3").balance, 455);
  });
});
