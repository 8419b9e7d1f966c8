// The one back end of this panel.

import type { Backend } from "./backend";
import { insideDesktop, tauriBackend } from "./tauri";
import { takeToken, webBackend } from "./web";

let chosen: Backend | undefined;

export function backend(): Backend {
  chosen ??= insideDesktop() ? tauriBackend() : webBackend(takeToken());
  return chosen;
}

/** Puts a prepared back end in place of the real one; for tests. */
export function useBackend(other: Backend): void {
  chosen = other;
}
