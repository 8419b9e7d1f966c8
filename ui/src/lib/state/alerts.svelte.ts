// Alerts of the cluster, read every few seconds; those of the past and the rules while they are shown.

import { untrack } from "svelte";

import type { AlertEpisode, AlertRuleRow, AlertView, Subject } from "$lib/ipc/bindings";

import { beside } from "$lib/format/alert";

import { cluster } from "./cluster.svelte";
import { ask, deed } from "./commands";
import { link } from "./link.svelte";

const AGAIN_MS = 3_000;

class Alerts {
  /** The last of each rule and subject; undefined: not read yet. */
  view = $state.raw<AlertView[]>();
  past = $state.raw<AlertEpisode[]>([]);
  rules = $state.raw<AlertRuleRow[]>([]);
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly active = $derived((this.view ?? []).filter(({ state }) => state !== "cleared"));
  /** Those that people are told of. */
  readonly raised = $derived(
    this.active.filter(({ state, muted }) => state === "active" && muted === null),
  );
  /** Those of them that are no problem of the cluster's status already. */
  readonly besides = $derived(beside(cluster.status?.problems ?? [], this.raised));
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

  /** Reads what was, and what is watched for. */
  async look(): Promise<void> {
    const [past, rules] = await Promise.all([ask("alert.history", {}), ask("alert.rules", {})]);
    if (past.ok) this.past = past.value;
    if (rules.ok) this.rules = rules.value;
  }

  async mute({ rule, subject }: Of, forMs: number | null): Promise<void> {
    const span = forMs === null ? {} : { for_ms: forMs };
    await deed("Nobody is told of it", "alert.mute", { rule, subject, ...span });
    await this.#read();
  }

  async unmute({ rule, subject }: Of): Promise<void> {
    await deed("People are told of it again", "alert.unmute", { rule, subject });
    await this.#read();
  }

  async acknowledge({ rule, subject }: Of): Promise<void> {
    await deed("The others see that you look after it", "alert.acknowledge", { rule, subject });
    await this.#read();
  }

  async #read(): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    const result = await ask("alert.list", {});
    this.#asking = false;
    if (result.ok) this.view = result.value;
    this.fault = result.ok ? null : result.text;
  }
}

type Of = { rule: AlertView["rule"]; subject: Subject };

export const alerts = new Alerts();
