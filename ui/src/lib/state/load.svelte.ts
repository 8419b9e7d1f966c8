// What nodes measured: one metric of all, and the series of the node or agent that is looked at.

import { untrack } from "svelte";

import type { HeatView, Metric, MetricsNow, MetricsRead, Subject } from "$lib/ipc/bindings";

import { ask } from "./commands";
import { link } from "./link.svelte";

/** Seconds back that can be chosen. */
export const SPANS = { "15m": 900, "1h": 3_600, "24h": 86_400 } as const;
export type Span = keyof typeof SPANS;

/** A picture of a quarter of an hour has a step of five seconds. */
const AGAIN_MS = 5_000;

export type { Metric, Subject };

type Shown = { metric: Metric; span: Span; subject: Subject | null };

class Load {
  heat = $state.raw<HeatView>();
  series = $state.raw<MetricsRead>();
  now = $state.raw<MetricsNow[]>([]);
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #turn = 0;

  /** Reads what `shown` says until the function it gives is called; again at once when that changes. */
  start(shown: () => Shown): () => void {
    return $effect.root(() => {
      $effect(() => {
        const wanted = shown();
        if (!this.#live) return;
        untrack(() => void this.#read(wanted));
        const timer = setInterval(() => void this.#read(wanted), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
  }

  async #read({ metric, span, subject }: Shown): Promise<void> {
    const turn = ++this.#turn;
    const span_s = SPANS[span];
    const [heat, now, series] = await Promise.all([
      ask("metrics.heat", { metric, span_s }),
      ask("metrics.now", {}),
      subject === null ? null : ask("metrics.get", { subject, span_s }),
    ]);
    // Something else is looked at by now.
    if (turn !== this.#turn) return;
    if (heat.ok) this.heat = heat.value;
    if (now.ok) this.now = now.value;
    this.series = series?.ok ? series.value : undefined;
    this.fault = heat.ok ? null : heat.text;
  }
}

export const load = new Load();
