// The settings of the cluster as this node has them, read once a second while a page shows them.

import { untrack } from "svelte";

import type { SettingsVersion, SettingsView } from "$lib/ipc/bindings";
import { changeFor, type Target } from "$lib/format/setting";

import { ask, type Result } from "./commands";
import { link } from "./link.svelte";
import { notify } from "./notices.svelte";

const AGAIN_MS = 1_000;

class Settings {
  /** As this node has them; undefined: not read yet. */
  view = $state.raw<SettingsView>();
  /** The versions that are remembered, the newest first. */
  versions = $state.raw<readonly SettingsVersion[]>([]);
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #asking = false;
  #read = -1;

  /** Reads on until the function it gives is called. */
  start(): () => void {
    return $effect.root(() => {
      $effect(() => {
        if (!this.#live) return;
        this.#read = -1;
        untrack(() => void this.#look());
        const timer = setInterval(() => void this.#look(), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
  }

  /** Sets a value, or unsets it, for those whom `target` means; `queue`: waits for a majority. */
  async set(key: string, target: Target, value: string | null, queue: boolean) {
    if (target === "here") {
      return this.#told(key, value, await ask("setting.here", { changes: [{ key, value }] }));
    }
    const changes = [changeFor(key, target, value)];
    return this.#told(key, value, await ask("setting.change", { changes, queue }));
  }

  async rollBack(to: number): Promise<void> {
    const result = await ask("setting.roll_back", { to });
    if (result.ok) notify("ok", `The settings are as they were after version ${to}`);
    else notify("bad", result.text);
    void this.#look();
  }

  async withdraw(id: string): Promise<void> {
    const result = await ask("setting.withdraw", { id });
    if (!result.ok) notify("bad", result.text);
    void this.#look();
  }

  #told<T>(key: string, value: string | null, result: Result<T>): Result<T> {
    if (result.ok) {
      const waits = isWaiting(result.value);
      const done = value === null ? `${key} is not set there any more` : `${key} is ${value}`;
      notify("ok", waits ? `The change of ${key} waits for a majority` : done);
    }
    void this.#look();
    return result;
  }

  async #look(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const result = await ask("setting.list", {});
    if (result.ok) this.view = result.value;
    this.fault = result.ok ? null : result.text;
    if (result.ok && result.value.version !== this.#read) {
      const versions = await ask("setting.history", {});
      if (versions.ok) {
        this.versions = versions.value.toReversed();
        this.#read = result.value.version;
      }
    }
    this.#asking = false;
  }
}

function isWaiting(outcome: unknown): boolean {
  return (
    typeof outcome === "object" &&
    outcome !== null &&
    "outcome" in outcome &&
    outcome.outcome === "waits"
  );
}

export const settings = new Settings();
