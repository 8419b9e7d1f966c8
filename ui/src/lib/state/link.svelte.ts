// How the panel stands with its node.

import type { LinkState } from "$lib/ipc/backend";
import { backend } from "$lib/ipc/client";

export type { LinkState };

let state = $state.raw<LinkState>({ kind: "connecting" });

export function watchLink(): void {
  backend().onLink((next) => {
    state = next;
  });
}

export function link(): LinkState {
  return state;
}

export function retryLink(): void {
  backend().retry();
}
