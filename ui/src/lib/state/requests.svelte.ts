// Requests to join that a person put off; they stay on the Cluster page.

import type { RequestView } from "$lib/ipc/bindings";

let putOff = $state.raw<ReadonlySet<string>>(new Set());

export function later(node: string): void {
  putOff = new Set([...putOff, node]);
}

/** The requests that nobody put off. */
export function waiting(requests: readonly RequestView[]): RequestView[] {
  return requests.filter((request) => !putOff.has(request.node));
}
