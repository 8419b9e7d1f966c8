// Tasks on a real cluster of three, from the panel alone: a hundred of them spread over workers.

import assert from "node:assert/strict";

import { go, seriousFaults } from "./support/harness.mjs";
import {
  cellsOf,
  namesOf,
  PATIENCE_MS,
  startAgents,
  story,
} from "./support/three.mjs";
import { until } from "./support/webdriver.mjs";

const TASKS = 100;
const WORKERS = namesOf("worker", 6);
const { three, step, picture } = story("tasks");

const spreadOf = ({ page }) =>
  page.getByRole("region", { name: "How tasks are spread" });

/** How many tasks each node was given, as a window tells it. */
async function byNode(window) {
  const spread = spreadOf(window);
  const names = await spread.getByRole("term").allInnerTexts();
  const counts = await spread.getByRole("definition").allInnerTexts();
  return Object.fromEntries(
    names.map((name, at) => [name, Number(counts[at])]),
  );
}

/** How many tasks each agent was given and has done, as a window tells it. */
async function byAgent(window) {
  const rows = await cellsOf(spreadOf(window).getByRole("table"));
  return rows.map(([agent, node, given, , , done]) => ({
    ...{ agent, node, given: Number(given), done: Number(done) },
  }));
}

const sum = (numbers) => numbers.reduce((all, one) => all + one, 0);

step("workers in Python run on three nodes", async ([{ page }]) => {
  await startAgents(page, {
    ...{ template: "Your program", name: "worker", copies: WORKERS.length },
    ...{ command: "python3 agent.py effects 0.3", can: "work" },
    ...{ example: "worker/agent.py" },
  });
});

step("a hundred tasks spread over all nodes, and end", async (windows) => {
  const [{ page }] = windows;
  for (const window of windows) await go(window.page, "#/load");
  await picture(page, "none");
  await page.getByLabel("Capabilities").fill("work");
  await page.getByLabel("Parameters").fill('{"page": {n}}');
  await page.getByLabel("How many").fill(String(TASKS));
  await page.getByRole("button", { name: "Submit" }).click();
  await page.getByText(`${TASKS} tasks accepted`).waitFor();

  await page.getByText(/^Of work: \d+ with agents, \d+ waiting\./).waitFor();
  await page.locator('tr[data-state="running"]').first().waitFor();
  await picture(page, "running", page.getByText("By node"));
  await page
    .locator('tr[data-state="done"]')
    .nth(TASKS - 1)
    .waitFor();
  await page.getByText("No task is open").waitFor();
  await picture(page, "done", spreadOf({ page }));
  assert.deepEqual(await seriousFaults(page), []);
});

step(
  "each window shows the same spread, and each node did some",
  async (windows) => {
    const told = [];
    for (const window of windows) {
      await until(
        `${window.name} shows all tasks as done`,
        async () =>
          sum((await byAgent(window)).map(({ done }) => done)) === TASKS,
        PATIENCE_MS,
      );
      told.push({ nodes: await byNode(window), agents: await byAgent(window) });
    }
    const [{ nodes, agents }] = told;
    for (const other of told) assert.deepEqual(other, told[0]);
    assert.deepEqual(Object.keys(nodes).toSorted(), [
      "attic",
      "kitchen",
      "studio",
    ]);
    assert.ok(Object.values(nodes).every((tasks) => tasks > 0));
    assert.deepEqual(
      agents.map(({ agent }) => agent),
      WORKERS,
    );
    for (const [node, tasks] of Object.entries(nodes)) {
      const own = agents.filter((agent) => agent.node === node);
      assert.equal(sum(own.map(({ given }) => given)), tasks, node);
    }
  },
);

step("each task was done with its own number", async ([, { page }]) => {
  const rows = await cellsOf(page.getByRole("table", { name: "Newest tasks" }));
  const answers = rows.map((cells) => JSON.parse(cells[7]));
  assert.deepEqual(
    answers.map(({ did }) => did.page).toSorted((a, b) => a - b),
    Array.from({ length: TASKS }, (_, at) => at + 1),
  );
  assert.ok(answers.every(({ agent }) => WORKERS.includes(agent)));
  three.assertNoFaults();
});
