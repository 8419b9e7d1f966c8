// What the cluster agrees on, read once a second while a page shows it.

import { untrack } from "svelte";

import type { CoordinationView, CounterView, VariableRow } from "$lib/ipc/bindings";
import type { Args } from "$lib/ipc/protocol";

import {
  addToCounter,
  ask,
  makeVariable,
  readVariable,
  removeVariable,
  type Result,
  writeVariable,
} from "./commands";
import { link } from "./link.svelte";
import { notify } from "./notices.svelte";

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

  /** What a sheet does with a variable; the sheet shows a refusal itself. */
  readonly variables = {
    read: ({ name, scope }: VariableRow) => readVariable(name, scope),
    write: ({ name: variable, scope }: VariableRow, value: string, expected: number) =>
      this.#told(writeVariable({ variable, scope, value, expected }), `${variable} is written`),
    remove: ({ name: variable, scope }: VariableRow, expected: number) =>
      this.#told(removeVariable({ variable, scope, expected }), `${variable} is removed`),
  };

  /** Makes a variable. */
  make(draft: Args<"variable.register">) {
    return this.#told(makeVariable(draft), `${draft.variable} is there`);
  }

  /** Adds to a counter, and tells what it is at. */
  async add({ name, scope }: CounterView, by: number): Promise<void> {
    const result = await addToCounter(name, scope, by);
    if (result.ok) notify("ok", `${name} is at ${result.value.value}`);
    else notify("bad", result.text);
    void this.#read();
  }

  /** Tells that a deed is done, and reads again. */
  async #told<T>(deed: Promise<Result<T>>, done: string): Promise<Result<T>> {
    const result = await deed;
    if (result.ok) {
      notify("ok", done);
      void this.#read();
    }
    return result;
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
