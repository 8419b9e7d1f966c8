// Guards around calls, in words and tones.

import type { BreakerPhase, GateView, RateView } from "$lib/ipc/bindings";

import type { Tone } from "./agent";
import { count } from "./number";
import { span } from "./time";

/** Whether calls of an agent pass. */
export function breakerStanding(breaker: BreakerPhase): { word: string; tone: Tone } {
  switch (breaker.phase) {
    case "closed":
      return { word: "Passes", tone: "ok" };
    case "open":
      return { word: "Stopped", tone: "bad" };
    case "half_open":
      return { word: "Tried", tone: "moving" };
  }
}

/** Who stopped calls, and what comes next. */
export function breakerWords(breaker: BreakerPhase, nodeName: (id: string) => string): string {
  switch (breaker.phase) {
    case "closed":
      return "–";
    case "open":
      return `Calls from ${nodeName(breaker.by)} failed; tried again in ${span(breaker.retry_ms)}`;
    case "half_open":
      return `Calls from ${nodeName(breaker.by)} failed; the next calls say whether it is well`;
  }
}

/** How full the bulkhead of an agent is. */
export function useWords({ running, queued }: GateView, atOnce: number): string {
  const wait = queued > 0 ? `, ${count(queued)} wait` : "";
  return `${count(running)} of ${count(atOnce)}${wait}`;
}

/** What is left of a rate, and of which. */
export function leftWords(rate: RateView): string {
  const here = `${count(rate.left)} of ${count(rate.burst)}`;
  if (rate.reach === "node") return here;
  if (rate.alone) return "No majority";
  const all = rate.cluster_left === null ? "?" : count(rate.cluster_left);
  return `${all} of ${count(rate.burst)}, ${count(rate.left)} drawn here`;
}

/** When all of a rate is there again if nobody asks. */
export function fullWords({ full_ms }: RateView): string {
  return full_ms === 0 ? "Full" : span(full_ms);
}

/** Where a rate is counted. */
export function reachWords({ reach }: RateView): string {
  if (reach === "node") return "This node";
  return reach.cluster === "open" ? "Cluster, else its part" : "Cluster";
}
