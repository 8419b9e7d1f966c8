// Tasks, and how they are spread over agents: read once a second while a page shows them.

import { untrack } from "svelte";

import type { BalancerView, NewTaskWish, StrategyKind, TaskPage } from "$lib/ipc/bindings";
import { counted } from "$lib/format/number";

import { ask, deed } from "./commands";
import { link } from "./link.svelte";

const AGAIN_MS = 1_000;
/** Tasks that are shown. */
const SHOWN = 100;

class Tasks {
  /** The newest; undefined: not read yet. */
  page = $state.raw<TaskPage>();
  /** How they are spread; undefined: not read yet. */
  balance = $state.raw<BalancerView>();
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #asking = false;

  /** Reads on until the function it gives is called. */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => {
        if (!this.#live) return;
        untrack(() => void this.#read());
        const timer = setInterval(() => void this.#read(), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
  }

  async submit(tasks: NewTaskWish[]): Promise<boolean> {
    const done = await deed(`${counted(tasks.length, "task")} accepted`, "task.submit", { tasks });
    void this.#read();
    return done;
  }

  async cancel(task: number): Promise<void> {
    await deed(`Task ${String(task)} is cancelled`, "task.cancel", { tasks: [task] });
    void this.#read();
  }

  /** Chooses how agents are chosen, for one queue or for all that have no strategy of their own. */
  async choose(queue: string | null, strategy: StrategyKind, label: string): Promise<void> {
    const whose = queue ?? "all queues";
    const args = { strategy, ...(queue === null ? {} : { queue }) };
    await deed(`Agents of ${whose} are chosen by: ${label}`, "balancer.set", args);
    void this.#read();
  }

  /** How a burst would spread, by the strategy that is and by another. */
  preview(queue: string, strategy: StrategyKind, burst: number) {
    return ask("balancer.preview", { capabilities: queue.split("+"), strategy, burst });
  }

  async #read(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const [page, balance] = [
      await ask("task.list", { limit: SHOWN }),
      await ask("balancer.get", {}),
    ];
    this.#asking = false;
    if (page.ok) this.page = page.value;
    if (balance.ok) this.balance = balance.value;
    this.fault = page.ok ? (balance.ok ? null : balance.text) : page.text;
  }
}

export const tasks = new Tasks();
