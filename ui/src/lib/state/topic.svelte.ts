// One subscription as a reactive list of rows.

import { backend } from "$lib/ipc/client";
import { faultSentence } from "$lib/format/fault";
import type { CommandFault } from "$lib/ipc/backend";
import type { Frame, TopicName, Topics } from "$lib/ipc/protocol";

import { emptyTable, step, type Table } from "./frames";

type Row<Name extends TopicName> = Topics[Name]["row"];

export class Topic<Name extends TopicName> {
  #table = $state.raw<Table<Row<Name>>>(emptyTable());
  /** The rows in the order their ids came, replaced as a whole with each frame. */
  readonly rows = $derived<readonly Row<Name>[]>([...this.#table.rows.values()]);
  /** Whether a snapshot has arrived. */
  loaded = $state(false);
  /** When the newest frame was made. */
  at = $state(0);
  /** Why nothing comes, if the node said so. */
  fault = $state<string>();

  readonly #name: Name;
  readonly #params: Topics[Name]["params"];
  readonly #keep: number;
  #stop: (() => void) | undefined;

  /** Of a topic that only grows, the newest `keep` rows stay. */
  constructor(name: Name, params: Topics[Name]["params"], keep = Infinity) {
    this.#name = name;
    this.#params = params;
    this.#keep = keep;
  }

  /** The rows by their ids. */
  get byId(): ReadonlyMap<string, Row<Name>> {
    return this.#table.rows;
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
      const next = step(this.#table, frame);
      if (next.kind === "gap") {
        // What was known stays in sight until the snapshot is here.
        this.#table = { seq: -1, rows: this.#table.rows };
        this.#subscribe();
        return;
      }
      if (next.kind === "known") return;
      this.#table = this.#trimmed(next.table);
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
