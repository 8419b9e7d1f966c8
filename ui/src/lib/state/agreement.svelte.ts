// What the cluster agrees on, read once a second while a page shows it.

import { untrack } from "svelte";

import type { CoordinationView } from "$lib/ipc/bindings";

import { ask } from "./commands";
import { link } from "./link.svelte";

const AGAIN_MS = 1_000;

class Agreement {
  /** As this node has it; undefined: not read yet. */
  view = $state.raw<CoordinationView>();
  /** Why it was not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #asking = false;

  /** Reads on until the function it gives is called. */
  start(): () => void {
    const end = $effect.root(() => {
      $effect(() => {
        if (!this.#live) return;
        untrack(() => void this.#read());
        const timer = setInterval(() => void this.#read(), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
    return end;
  }

  async #read(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const result = await ask("coordination.get", {});
    this.#asking = false;
    if (result.ok) this.view = result.value;
    this.fault = result.ok ? null : result.text;
  }
}

export const agreement = new Agreement();
