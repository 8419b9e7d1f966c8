// Joining another cluster: the plan is shown first, if there is anything to lose.

import type { JoinPlan } from "$lib/ipc/bindings";
import { matters } from "$lib/format/joining";

import { ask } from "./commands";
import { notify } from "./notices.svelte";

class Joining {
  /** What a person has to agree to; undefined: nothing waits. */
  plan = $state.raw<JoinPlan>();

  #answer: ((agreed: boolean) => void) | undefined;

  /** Does `go`, after a person saw what comes along and what stays. */
  async begin(go: () => Promise<boolean>): Promise<boolean> {
    const read = await ask("cluster.plan", {});
    if (!read.ok) {
      notify("bad", read.text);
      return false;
    }
    if (matters(read.value) && !(await this.#agreed(read.value))) return false;
    return await go();
  }

  /** A person said yes or no. */
  answer(agreed: boolean): void {
    this.plan = undefined;
    this.#answer?.(agreed);
    this.#answer = undefined;
  }

  #agreed(plan: JoinPlan): Promise<boolean> {
    this.answer(false);
    this.plan = plan;
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }
}

export const joining = new Joining();
