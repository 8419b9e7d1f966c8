// The guards around calls from this node, read once a second while a page shows them.

import { untrack } from "svelte";

import type { GuardView } from "$lib/ipc/bindings";

import { ask } from "./commands";
import { link } from "./link.svelte";
import { notify } from "./notices.svelte";

const AGAIN_MS = 1_000;

class Guard {
  /** As they are; undefined: not read yet. */
  view = $state.raw<GuardView>();
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

  /** Lets calls of an agent through again, on every node. */
  async reset(name: string): Promise<void> {
    const result = await ask("guard.reset", { name });
    if (result.ok) notify("ok", `Calls of ${name} pass again`);
    else notify("bad", result.text);
    void this.#read();
  }

  /** Has a rate begin anew on every node, for one who asks or for all. */
  async resetRate(operation: string, actor: string | null): Promise<void> {
    const result = await ask("rate.reset", { operation, ...(actor === null ? {} : { actor }) });
    if (result.ok) notify("ok", `The rate of ${operation} begins anew`);
    else notify("bad", result.text);
    void this.#read();
  }

  async #read(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const result = await ask("guard.get", {});
    this.#asking = false;
    if (result.ok) this.view = result.value;
    this.fault = result.ok ? null : result.text;
  }
}

export const guard = new Guard();
