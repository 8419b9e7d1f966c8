// Sessions, read while a page shows them.

import { untrack } from "svelte";

import type { ProtocolView, SessionRow, SessionView } from "$lib/ipc/bindings";
import type { Args } from "$lib/ipc/protocol";

import { ask, deed, type Result } from "./commands";
import { link } from "./link.svelte";
import { notify } from "./notices.svelte";

/** A session that runs is looked at as it changes; what is over changes no more. */
const AGAIN_MS = 500;

class Sessions {
  /** Those that run first; undefined: not read yet. */
  rows = $state.raw<readonly SessionRow[]>();
  protocols = $state.raw<readonly ProtocolView[]>([]);
  /** The one that is looked at. */
  shown = $state.raw<SessionView>();
  /** Why they were not read the last time. */
  fault = $state<string | null>(null);

  readonly #live = $derived(link().kind === "live");
  #asking = false;

  /** Reads on, also one session closely, until the function it gives is called. */
  start(watched: () => number | null): () => void {
    return $effect.root(() => {
      $effect(() => {
        if (!this.#live) return;
        const session = watched();
        untrack(() => void this.#read(session));
        const timer = setInterval(() => void this.#read(session), AGAIN_MS);
        return () => {
          clearInterval(timer);
        };
      });
    });
  }

  /** Begins a session; its number. */
  async begin(plan: Args<"session.start">): Promise<Result<{ session: number }>> {
    const result = await ask("session.start", plan);
    if (result.ok) notify("ok", `Session ${result.value.session} began`);
    return result;
  }

  cancel = (session: number) =>
    deed(`Session ${session} is cancelled`, "session.cancel", { session });

  async #read(session: number | null): Promise<void> {
    if (this.#asking) return;
    this.#asking = true;
    if (this.protocols.length === 0) {
      const protocols = await ask("protocols.list", {});
      if (protocols.ok) this.protocols = protocols.value;
    }
    const rows = await ask("session.list", {});
    if (session !== null) {
      const shown = await ask("session.get", { session });
      if (shown.ok) this.shown = shown.value;
    }
    this.#asking = false;
    if (rows.ok) this.rows = rows.value;
    this.fault = rows.ok ? null : rows.text;
  }
}

export const sessions = new Sessions();
