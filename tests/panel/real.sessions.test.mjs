// Sessions on a real cluster of three, from the panel alone: one of each protocol with five agents of
// two runtimes, to a result that all windows show alike, and that follows from what was said.

import assert from "node:assert/strict";

import { go, seriousFaults } from "./support/harness.mjs";
import { cellsOf, namesOf, startAgents, story } from "./support/three.mjs";

/** Those that come with Covey decide by the load of their machine, those in Python as they are told. */
const BUILTIN = namesOf("clerk", 2);
const PYTHON = namesOf("envoy", 3);
const AGENTS = [...BUILTIN, ...PYTHON];
const { three, step, picture } = story("sessions");

const sheetOf = ({ page }) => page.getByRole("complementary");

/** Begins a session at a window and looks at it in all; what the participants said, and what came out. */
async function settle(
  { page },
  about,
  protocol,
  { fields = {}, choices = {} },
) {
  await go(page, "#/sessions");
  await page.getByRole("button", { name: "Start a session" }).click();
  const dialog = page.getByRole("dialog", { name: "Start a session" });
  await dialog.getByLabel("About").fill(about);
  await dialog.getByLabel("Protocol").selectOption(protocol);
  for (const [label, value] of Object.entries(fields))
    await dialog.getByLabel(label, { exact: true }).fill(value);
  for (const [label, value] of Object.entries(choices))
    await dialog.getByLabel(label, { exact: true }).selectOption(value);
  for (const agent of AGENTS) await dialog.getByLabel(agent).check();
  await picture(page, `${protocol}-start`);
  await dialog.getByRole("button", { name: "Start it" }).click();
  await dialog.waitFor({ state: "detached" });

  const texts = [];
  for (const window of three.windows) {
    await go(window.page, "#/sessions");
    await window.page.getByRole("button", { name: about }).click();
    const sheet = sheetOf(window);
    await sheet.getByRole("heading", { name: about }).waitFor();
    await sheet.getByText("Settled", { exact: true }).waitFor();
    texts.push(await sheet.innerText());
  }
  for (const text of texts) assert.equal(text, texts[0]);
  await picture(page, protocol);
  return resultOf(page, protocol);
}

async function resultOf(page, protocol) {
  const sheet = sheetOf({ page });
  const journal = sheet.getByRole("table", { name: "Journal" });
  const said = sheet.getByRole("table", { name: "Participants" });
  const rows = await cellsOf(said);
  await assertDrawn(sheet, journal);
  await picture(page, `${protocol}-evidence`, journal);
  return {
    words: await sheet.getByRole("status").innerText(),
    tally: await sheet.getByRole("definition").allInnerTexts(),
    participants: rows.map(([agent, node, , word]) => ({ agent, node, word })),
  };
}

/** Each question and each word of the evidence is an arrow, and everybody was asked and answered. */
async function assertDrawn(sheet, journal) {
  const evidence = (await cellsOf(journal)).map(([, who]) => who);
  const spoken = evidence.filter((who) => who.startsWith("Said by"));
  const asked = evidence
    .filter((who) => who.startsWith("Round"))
    .flatMap((who) => who.split(": ")[1].split(", "));
  const chart = sheet.getByRole("img", { name: "Sequence of messages" });
  assert.equal(await chart.locator("g.said").count(), spoken.length);
  assert.equal(await chart.locator("g.asked").count(), asked.length);
  for (const agent of AGENTS) {
    assert.ok(asked.includes(agent), agent);
    assert.ok(
      spoken.some((who) => who.includes(agent)),
      agent,
    );
  }
}

/** The numbers that `pattern` finds in what the participants said, and who said them. */
function figures(participants, pattern) {
  return participants.flatMap(({ agent, word }) => {
    const [, ...found] = pattern.exec(word) ?? [];
    return found.length === 0 ? [] : [{ agent, found: found.map(Number) }];
  });
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

step(
  "five agents of two runtimes run on three nodes",
  async ([studio, kitchen]) => {
    await go(studio.page, "#/sessions");
    await studio.page.getByText("No session was begun yet").waitFor();
    await picture(studio.page, "none");
    await startAgents(studio.page, {
      ...{ template: "Delegate", name: "clerk", copies: BUILTIN.length },
    });
    await startAgents(kitchen.page, {
      ...{ template: "Your program", name: "envoy", copies: PYTHON.length },
      ...{ command: "python3 agent.py --price 12 --want cpu=3" },
      ...{ example: "delegate/agent.py" },
    });
  },
);

step("vote is settled by the ballots of more than half", async ([studio]) => {
  const { words, tally, participants } = await settle(
    ...[studio, "deploy 2.4", "vote", { choices: { Early: "no" } }],
  );
  const nodes = new Set(participants.map(({ node }) => node));
  assert.equal(nodes.size, 3);
  const votes = (option) =>
    participants.filter(({ word }) => word.startsWith(`${option}:`)).length;
  assert.ok(votes("approve") >= PYTHON.length);
  assert.equal(words, `approve, with ${votes("approve")} of 5 ballots`);
  assert.deepEqual(
    tally,
    ["approve", "reject"].map((option) => `${votes(option)} of 5`),
  );
});

step("support is weighted by what is known of each", async ([, kitchen]) => {
  const { words, tally, participants } = await settle(
    ...[kitchen, "buy a rack", "weighted", { choices: { Early: "no" } }],
  );
  const said = figures(
    participants,
    /^(\d+) % for it, (\d+) % sure; weight ([\d.]+)/,
  ).map(({ found }) => found);
  assert.equal(said.length, AGENTS.length);
  const all = sum(said.map(([, , weight]) => weight));
  const support = sum(said.map(([for_, sure, weight]) => for_ * sure * weight));
  const permille = support / all / 10;
  const shown = Number(/support ([\d.]+) %/.exec(words)[1]) * 10;
  // Weights are shown with three digits.
  assert.ok(Math.abs(shown - permille) <= 1, `${shown}, not ${permille}`);
  assert.match(words, permille >= 700 ? /^strong approve/ : /^approve/);
  assert.deepEqual(tally, [`${shown} of 1,000`, "1,000 of 1,000"]);
});

step("contract goes to the lowest price", async ([, , attic]) => {
  const { words, participants } = await settle(
    ...[attic, "render scene 7", "contract_net", { fields: { Limit: "50" } }],
  );
  const bids = figures(participants, /^bids (\d+)/);
  const lowest = Math.min(...bids.map(({ found: [price] }) => price));
  const [, winner, price] = /^awarded to (\S+) at (\d+)$/.exec(words);
  assert.equal(Number(price), lowest);
  const won = participants.find(({ agent }) => agent === winner);
  assert.match(won.word, new RegExp(`^bids ${price}\\b.*accepts the award`));
});

step("what there is is shared fairly", async ([studio]) => {
  const { words, tally, participants } = await settle(
    ...[studio, "tonight's processors", "allocation"],
    { fields: { Resources: "cpu=8" } },
  );
  const shares = figures(participants, /^cpu (\d+) of (\d+)$/).map(
    ({ found }) => found,
  );
  assert.equal(shares.length, AGENTS.length);
  assert.equal(words, "given: cpu 8 of 8");
  assert.deepEqual(tally, ["8 of 8"]);
  assert.equal(sum(shares.map(([given]) => given)), 8);
  const most = Math.max(...shares.map(([given]) => given));
  for (const [given, wanted] of shares) {
    assert.ok(given <= wanted, `${given} of ${wanted}`);
    // Whole units: nobody who could do with more has two less than another.
    assert.ok(given === wanted || given >= most - 1, `${given} of ${wanted}`);
  }
  assert.deepEqual(await seriousFaults(studio.page), []);
  three.assertNoFaults();
});
