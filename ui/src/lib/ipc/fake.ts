// A back end for tests: it answers as told, and pushes the frames that a test makes.

import { type Backend, CommandFault, type LinkState } from "./backend";
import type { Frame } from "./protocol";

type Reader = {
  topic: string;
  onFrame: (frame: Frame<never>) => void;
  onFault: ((fault: CommandFault) => void) | undefined;
};

export class FakeBackend implements Backend {
  /** The subscriptions made so far; one that ended is false. */
  readonly readers: (Reader | false)[] = [];
  /** The commands carried out, in order. */
  readonly called: { name: string; args: unknown }[] = [];
  answer: (name: string, args: unknown) => unknown = () => null;

  #tell: (state: LinkState) => void = () => undefined;

  call<Reply>(name: string, args: unknown): Promise<Reply> {
    this.called.push({ name, args });
    return new Promise((done) => {
      done(this.answer(name, args) as Reply);
    });
  }

  subscribe(
    topic: string,
    _params: unknown,
    onFrame: (frame: never) => void,
    onFault?: (fault: CommandFault) => void,
  ): () => void {
    const at = this.readers.push({ topic, onFrame: onFrame as Reader["onFrame"], onFault }) - 1;
    return () => {
      this.readers[at] = false;
    };
  }

  onLink(listener: (state: LinkState) => void): void {
    this.#tell = listener;
    listener({ kind: "live" });
  }

  retry(): void {
    this.#tell({ kind: "live" });
  }

  /** Pushes to the newest subscription that lasts. */
  push(frame: Frame): void {
    const reader = this.readers.findLast((reader) => reader !== false);
    if (reader) reader.onFrame(frame as Frame<never>);
  }

  refuse(fault: CommandFault): void {
    const reader = this.readers.findLast((reader) => reader !== false);
    if (reader) reader.onFault?.(fault);
  }
}
