// A market on a real cluster of three, from the panel alone: credits, one auction of each kind to its
// settlement by bids from panels and from agents, and one ledger on all nodes.

import assert from "node:assert/strict";

import { go, seriousFaults } from "./support/harness.mjs";
import { cellsOf, PATIENCE_MS, startAgents, story } from "./support/three.mjs";
import { until } from "./support/webdriver.mjs";

const { three, step, picture } = story("market");
const LONG = { Seconds: 600 };

const sheetOf = ({ page }) => page.getByRole("complementary");

/** Opens an auction at a window, and looks at it in all of them. */
async function openAuction({ page }, lot, kind, options, more = () => {}) {
  await go(page, "#/market");
  await page.getByRole("button", { name: "Open an auction" }).click();
  const dialog = page.getByRole("dialog", { name: "Open an auction" });
  await dialog.getByLabel("What is sold").fill(lot);
  await dialog.getByLabel("Kind").selectOption(kind);
  for (const [label, value] of Object.entries(options))
    await dialog.getByLabel(label, { exact: true }).fill(String(value));
  await more(dialog);
  await dialog.getByRole("button", { name: "Open it" }).click();
  await dialog.waitFor({ state: "detached" });
  for (const window of three.windows) {
    await go(window.page, "#/market");
    await window.page.getByRole("button", { name: lot }).click();
    await sheetOf(window).getByRole("heading", { name: lot }).waitFor();
  }
}

/** Bids at a window, in the words of the kind. */
async function bid(window, label, amount, word) {
  const sheet = sheetOf(window);
  await sheet.getByLabel(label).fill(String(amount));
  await sheet.getByRole("button", { name: word, exact: true }).click();
}

/** Ends the auction that its seller looks at. */
async function close({ page }) {
  await page.getByRole("button", { name: "Close now…" }).click();
  await page.getByRole("button", { name: /^Close auction \d+$/ }).click();
}

/** Waits until all windows say what came out, and compares what changed hands: the payment is first. */
async function assertOutcome(words, flows) {
  for (const window of three.windows) {
    const sheet = sheetOf(window);
    await sheet.getByText(words, { exact: true }).waitFor();
    const table = sheet.getByRole("table", { name: "What changed hands" });
    const [payment, ...rest] = await cellsOf(table);
    assert.deepEqual([payment, ...inOrder(rest)], flows, window.name);
  }
}

/** What is given back has no order of its own. */
const inOrder = (flows) =>
  flows.toSorted(([, one], [, other]) => one.localeCompare(other));

/** Waits until all windows count so many envelopes, none of them open. */
async function sealed(envelopes) {
  for (const window of three.windows)
    await sheetOf(window).getByText(`${envelopes}, 0 open.`).waitFor();
}

step("bidders of two runtimes run", async ([studio, kitchen]) => {
  await startAgents(studio.page, {
    ...{ template: "Bidder", name: "one", can: "render" },
  });
  await startAgents(kitchen.page, {
    ...{ template: "Your program", name: "two", can: "render" },
    ...{ command: "python3 agent.py --budget 200" },
    ...{ example: "bidder/agent.py" },
  });
});

step(
  "credits are issued to whom the ledger is told by name",
  async ([studio]) => {
    const { page } = studio;
    await go(page, "#/market?view=ledger");
    await page.getByText("Nobody has credits yet").waitFor();
    await picture(page, "ledger-none");
    const to = page.getByLabel("To which account");
    await to.fill("cellar");
    await page.getByText("No node or agent alone has this name.").waitFor();
    for (const [name, credits] of [
      ["kitchen", 500],
      ["attic", 400],
      ["one", 300],
      ["two", 200],
    ]) {
      await to.fill(name);
      await page.getByLabel("Credits", { exact: true }).fill(String(credits));
      await page.getByRole("button", { name: "Issue", exact: true }).click();
      await page
        .getByText(`${credits} credits are issued to ${name}`)
        .waitFor();
    }
  },
);

step("highest open bid wins an English auction", async (windows) => {
  const [studio, kitchen, attic] = windows;
  await openAuction(studio, "an hour of a GPU", "english", {
    ...{ ...LONG, "Increment, credits": 5, "Reserve, credits": 50 },
  });
  await picture(kitchen.page, "english-new");
  await bid(kitchen, "Your bid", 50, "Bid");
  await sheetOf(attic).getByText("kitchen bid 50.").waitFor();
  await bid(attic, "Your bid", 401, "Bid");
  await sheetOf(attic)
    .getByText(/has 400 credits/)
    .waitFor();
  await bid(attic, "Your bid", 60, "Bid");
  await sheetOf(kitchen).getByText("attic bid 60.").waitFor();
  await bid(kitchen, "Your bid", 70, "Bid");
  for (const window of windows)
    await sheetOf(window).getByText("kitchen bid 70.").waitFor();
  await picture(attic.page, "english");
  await picture(studio.page, "english-seller");
  await close(studio);
  await assertOutcome("kitchen bid 70, which is paid to studio.", [
    ["Payment", "kitchen", "studio", "70"],
  ]);
  await picture(studio.page, "english-over");
});

step("first who takes a falling price pays it", async ([, kitchen, attic]) => {
  await openAuction(kitchen, "a rack", "dutch", {
    ...{ ...LONG, "Start, credits": 100, "Floor, credits": 60 },
    ...{ "Step, credits": 10, "Interval, ms": 1000 },
  });
  await picture(attic.page, "dutch");
  await sheetOf(attic).getByText("the floor: it falls no more").waitFor();
  await bid(attic, "The most you pay", 65, "Take it");
  await assertOutcome("attic bid 60, which is paid to kitchen.", [
    ["Payment", "attic", "kitchen", "60"],
  ]);
  await picture(attic.page, "dutch-over");
});

step(
  "highest sealed bid pays itself in a first price auction",
  async (windows) => {
    const [studio, kitchen, attic] = windows;
    await openAuction(studio, "a domain", "first_price", {
      ...{ ...LONG, "Reserve, credits": 20, "Deposit, credits": 10 },
    });
    await bid(kitchen, "Your bid", 80, "Seal the bid");
    await sealed("1 envelope");
    await bid(attic, "Your bid", 90, "Seal the bid");
    await sealed("2 envelopes");
    await picture(studio.page, "first-price-sealed");
    await close(studio);
    await assertOutcome("attic bid 90, which is paid to studio.", [
      ["Payment", "attic", "studio", "90"],
      ["Given back", "kitchen", "itself", "80"],
    ]);
    await picture(studio.page, "first-price-over");
  },
);

step(
  "highest sealed bid pays the second in a Vickrey auction",
  async (windows) => {
    const [studio, , attic] = windows;
    const lot = "a batch job";
    for (const [name, credits] of [
      ["one", 70],
      ["two", 55],
    ]) {
      const { page } = studio;
      await go(page, `#/agents/${name}`);
      await page.getByLabel("Method").fill("value");
      await page
        .getByLabel("Parameters, as JSON")
        .fill(JSON.stringify({ lot, credits }));
      await page.getByRole("button", { name: "Send" }).click();
      await page.getByText(/^value answered by \w+ in/).waitFor();
    }
    const options = { ...LONG, "Reserve, credits": 20, "Deposit, credits": 10 };
    await openAuction(studio, lot, "vickrey", options, async (dialog) => {
      await dialog.getByLabel("Capability").fill("render");
      await dialog.getByLabel("Ask them to bid").check();
      await picture(studio.page, "create");
    });
    await sealed("2 envelopes");
    await picture(attic.page, "vickrey-sealed");
    await close(studio);
    await assertOutcome("one bid 70, and pays 55 to studio.", [
      ["Payment", "one", "studio", "55"],
      ["Given back", "one", "itself", "15"],
      ["Given back", "two", "itself", "55"],
    ]);
    await picture(attic.page, "vickrey-over");
    assert.deepEqual(await seriousFaults(attic.page), []);
  },
);

step("all windows have one ledger, and it is right", async (windows) => {
  const expected = {
    "Issued credits": "-1,400 0",
    ...{ Escrow: "0 0", studio: "215 0", kitchen: "490 0", attic: "250 0" },
    ...{ one: "245 0", two: "200 0" },
  };
  for (const { page, name } of windows) {
    await go(page, "#/market?view=ledger");
    const accounts = page.getByRole("table", { name: "Accounts" });
    await accounts.waitFor();
    const rows = await cellsOf(accounts);
    assert.deepEqual(
      Object.fromEntries(rows.map(([who, , ...of]) => [who, of.join(" ")])),
      expected,
      name,
    );
  }
  const [{ page }] = windows;
  await picture(page, "ledger");
  await page.getByRole("button", { name: "kitchen", exact: true }).click();
  const statement = page.getByRole("table", { name: "Statement" });
  await until(
    "statement explains the balance",
    async () => (await cellsOf(statement)).at(0)?.at(-1) === "490",
    PATIENCE_MS,
  );
  await picture(page, "statement");
  assert.deepEqual(await seriousFaults(page), []);
  // One bid was more than its bidder has, and was refused.
  three.assertNoFaults(/status of 409/);
});
