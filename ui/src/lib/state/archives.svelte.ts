// What this computer left behind when it entered another cluster.

import type { ArchiveRow } from "$lib/ipc/bindings";

import { ask } from "./commands";

class Archives {
  rows = $state.raw<readonly ArchiveRow[]>([]);

  /** Reads the list; one that cannot be read stays as it was. */
  async load(): Promise<void> {
    const list = await ask("archive.list", {});
    if (list.ok) this.rows = list.value;
  }
}

export const archives = new Archives();
