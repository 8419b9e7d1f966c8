// What a panel costs its page while the world changes: a world that ticks each second.

import { shown } from "./harness.mjs";

/** What a person notices as a hitch, in milliseconds of the page's main thread. */
const LONGEST_TASK_MS = 50;
/** How many parts of such a task are told. */
const LARGEST_PARTS = 5;

/**
 * Lives `seconds` seconds of the world, and tells what the main thread of the page spent on them:
 * script of each second and each task that was too long, in milliseconds, and by how many MiB its
 * heap grew.
 *
 * Times are those of the thread, not of the clock on the wall: what else the machine does is no
 * fault of the page.
 */
export async function underLoad(page, world, seconds) {
  const client = await page.context().newCDPSession(page);
  await client.send("Performance.enable", { timeDomain: "threadTicks" });
  const metric = async (name) =>
    (await client.send("Performance.getMetrics")).metrics.find(
      (each) => each.name === name,
    ).value;
  const heap = async () => {
    await client.send("HeapProfiler.collectGarbage");
    return (await metric("JSHeapUsedSize")) / 2 ** 20;
  };
  for (let i = 0; i < 3; i += 1) {
    await shown(page, () => world.tick(1));
  }
  const before = await heap();
  const browser = page.context().browser();
  await browser.startTracing(page, {
    categories: [
      "devtools.timeline",
      "disabled-by-default-devtools.timeline",
      "__metadata",
    ],
  });
  const script = [];
  for (let second = 0; second < seconds; second += 1) {
    const start = await metric("ScriptDuration");
    world.tick(1);
    // The second is the point: what the page spends in it is what is measured.
    await page.waitForTimeout(1_000);
    script.push(((await metric("ScriptDuration")) - start) * 1_000);
  }
  const tasks = longTasks(
    JSON.parse(String(await browser.stopTracing())).traceEvents,
  );
  return { script, tasks, growth: (await heap()) - before };
}

/**
 * The tasks of any page's main thread that took longer than allowed: how long, in milliseconds of
 * the thread and on the clock of the wall, and what the page did in them for most of it.
 */
function longTasks(events) {
  const main = new Set(
    events
      .filter(
        ({ name, args }) =>
          name === "thread_name" && args.name === "CrRendererMain",
      )
      .map(({ pid, tid }) => `${pid} ${tid}`),
  );
  const timed = events.filter(
    ({ ph, pid, tid }) => ph === "X" && main.has(`${pid} ${tid}`),
  );
  const tasks = timed.filter(({ name }) => name === "RunTask");
  if (tasks.length === 0) throw new Error("the trace has no task of the page");
  return tasks
    .map((task) => ({ task, ms: thread(task) }))
    .filter(({ ms }) => ms > LONGEST_TASK_MS)
    .map(({ task, ms }) => ({
      ms,
      wall: Math.round(task.dur / 1_000),
      of: timed
        .filter((part) => part !== task && within(part, task))
        .toSorted((a, b) => thread(b) - thread(a))
        .slice(0, LARGEST_PARTS)
        .map((part) => `${part.name} ${thread(part)} ms`),
    }));
}

function thread({ tdur = 0 }) {
  return Math.round(tdur / 1_000);
}

function within(part, { pid, tid, ts, dur }) {
  return (
    part.pid === pid &&
    part.tid === tid &&
    part.ts >= ts &&
    part.ts + part.dur <= ts + dur
  );
}

/** Frames a second, for three seconds, while nothing but the page itself asks for them. */
export async function framesPerSecond(page) {
  return page.evaluate(
    () =>
      new Promise((done) => {
        let count = 0;
        const start = performance.now();
        const next = (at) => {
          count += 1;
          if (at < start + 3_000) requestAnimationFrame(next);
          else done((1_000 * count) / (at - start));
        };
        requestAnimationFrame(next);
      }),
  );
}

/** The value that 95 of 100 do not exceed. */
export function p95(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)];
}
