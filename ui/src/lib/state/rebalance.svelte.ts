// The planned moves of the cluster, for every window alike: read when someone changes them, and once
// a second while agents are on their way.

import { untrack } from "svelte";

import type { PlanView, PlannedMove, RebalanceStep } from "$lib/ipc/bindings";
import { isGoing, isOpen, planStanding } from "$lib/format/plan";

import { cluster, eventKey } from "./cluster.svelte";
import { deed, ask } from "./commands";
import { link } from "./link.svelte";
import { counted } from "$lib/format/number";

/** As often as clocks on the page change. */
const AGAIN_MS = 1_000;
/**
 * How long it is read again after word of a change: the word and the plan travel apart, and the plan
 * may come later by as long as two nodes take to compare notes.
 */
const SETTLE_MS = 10_000;

class Rebalance {
  /** The moves that were planned last; null: none ever were; undefined: not read yet. */
  plan = $state.raw<PlanView | null>();
  /** Why they are not known, if the node said so. */
  fault = $state<string>();

  readonly #live = $derived(link().kind === "live");
  /** Changes when anyone starts, pauses, resumes or ends planned moves. */
  readonly #change = $derived.by(() => {
    const event = cluster.arrived.findLast(({ fact }) => fact.kind === "rebalance_set");
    return event === undefined ? "" : eventKey(event);
  });
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asking = false;
  #again = false;
  #settled = 0;

  /** Whether there are moves that can be paused, resumed or ended. */
  get open(): boolean {
    return isOpen(this.plan);
  }

  /** Follows the plan until the function it gives is called. */
  start(): () => void {
    const end = $effect.root(() => {
      $effect(() => {
        const change = this.#change;
        if (this.#live) untrack(() => void (change === "" ? this.read() : this.expect()));
      });
    });
    return () => {
      end();
      clearTimeout(this.#timer);
    };
  }

  /** Reads what someone has changed, and reads on until the change must have come. */
  expect(): Promise<void> {
    this.#settled = Date.now() + SETTLE_MS;
    return this.read();
  }

  /** Reads it once; what comes while an answer is awaited is read after that. */
  async read(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#asking) {
      this.#again = true;
      return;
    }
    this.#asking = true;
    const result = await ask("rebalance.get", {});
    this.#asking = false;
    this.fault = result.ok ? undefined : result.text;
    if (result.ok) this.plan = result.value;
    if (this.#again) {
      this.#again = false;
      await this.read();
    } else if (this.#live && (isGoing(this.plan) || Date.now() < this.#settled)) {
      this.#timer = setTimeout(() => void this.read(), AGAIN_MS);
    }
  }
}

export const rebalance = new Rebalance();

/** Why the planned moves cannot be paused, resumed or ended now. */
export function steerReason(step: RebalanceStep): string | null {
  const { plan } = rebalance;
  if (plan === null || plan === undefined || !isOpen(plan))
    return "No planned moves are under way.";
  const standing = planStanding(plan);
  if (step === "pause" && standing === "paused") return "They are paused already.";
  if (step === "resume" && standing === "running") return "They are not paused.";
  return null;
}

const STEERED = {
  pause: "No further move is begun until someone resumes",
  resume: "The planned moves go on",
  abort: "The planned moves are ended",
} as const satisfies Record<RebalanceStep, string>;

export async function startRebalance(
  moves: readonly PlannedMove[],
  interval_ms: number,
): Promise<boolean> {
  const done = `${counted(moves.length, "agent")} will move`;
  const taken = await deed(done, "rebalance.start", { moves: [...moves], interval_ms });
  await rebalance.expect();
  return taken;
}

export async function steerRebalance(step: RebalanceStep): Promise<boolean> {
  const taken = await deed(STEERED[step], "rebalance.steer", { step });
  await rebalance.expect();
  return taken;
}
