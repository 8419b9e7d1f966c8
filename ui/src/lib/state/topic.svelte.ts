// One subscription as a reactive list of rows.

import { backend } from "$lib/ipc/client";
import { faultSentence } from "$lib/format/fault";
import type { CommandFault } from "$lib/ipc/backend";
import type { Frame, TopicName, Topics } from "$lib/ipc/protocol";

import { emptyTable, step, type Table } from "./frames";

type Row<Name extends TopicName> = Topics[Name]["row"];

export class Topic<Name extends TopicName> {
  /** The rows, replaced as a whole with each frame. */
  rows = $state.raw<readonly Row<Name>[]>([]);
  /** Whether a snapshot has arrived. */
  loaded = $state(false);
  /** When the newest frame was made. */
  at = $state(0);
  /** Why nothing comes, if the node said so. */
  fault = $state<string>();

  readonly #name: Name;
  readonly #params: Topics[Name]["params"];
  readonly #key: (row: Row<Name>) => string;
  readonly #keep: number;
  #table: Table<Row<Name>> = emptyTable();
  #stop: (() => void) | undefined;

  /** Of a topic that only grows, the newest `keep` rows stay. */
  constructor(
    name: Name,
    params: Topics[Name]["params"],
    key: (row: Row<Name>) => string,
    keep = Infinity,
  ) {
    this.#name = name;
    this.#params = params;
    this.#key = key;
    this.#keep = keep;
  }

  /** Subscribes until the function it gives is called. */
  start(): () => void {
    this.#subscribe();
    return () => {
      this.#stop?.();
      this.#stop = undefined;
    };
  }

  #subscribe(): void {
    this.#stop?.();
    const onFault = (fault: CommandFault): void => {
      this.fault = faultSentence(fault);
    };
    const onFrame = (frame: Frame<Row<Name>>): void => {
      const next = step(this.#table, frame, this.#key);
      if (next.kind === "gap") {
        this.#table = emptyTable();
        this.#subscribe();
        return;
      }
      if (next.kind === "known") return;
      this.#table = this.#trimmed(next.table);
      this.rows = [...this.#table.rows.values()];
      this.at = frame.at;
      this.loaded = true;
      this.fault = undefined;
    };
    this.#stop = backend().subscribe(this.#name, this.#params, onFrame, onFault);
  }

  #trimmed(table: Table<Row<Name>>): Table<Row<Name>> {
    const surplus = table.rows.size - this.#keep;
    if (surplus <= 0) return table;
    return { seq: table.seq, rows: new Map([...table.rows].slice(surplus)) };
  }
}
