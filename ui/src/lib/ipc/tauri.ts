// The back end behind the desktop shell: the same commands and frames over its IPC.

import { Channel, invoke } from "@tauri-apps/api/core";

import { type Backend, CommandFault } from "./backend";
import type { Frame } from "./protocol";

export function insideDesktop(): boolean {
  return "__TAURI_INTERNALS__" in globalThis;
}

export function tauriBackend(): Backend {
  return {
    async call(command, args) {
      try {
        return await invoke("call", { command, args });
      } catch (fault) {
        throw CommandFault.from(fault);
      }
    },
    subscribe(topic, params, onFrame, onFault) {
      const channel = new Channel<Frame<never> | { kind: "error" }>((frame) => {
        if (frame.kind === "error") onFault?.(CommandFault.from(frame));
        else (onFrame as (frame: Frame<never>) => void)(frame);
      });
      const id = invoke<number>("subscribe", { topic, params, channel });
      id.catch((fault: unknown) => onFault?.(CommandFault.from(fault)));
      return () => {
        channel.onmessage = () => undefined;
        id.then((id) => invoke("unsubscribe", { id })).catch(() => undefined);
      };
    },
    onLink(listener) {
      listener({ kind: "live" });
    },
    retry() {
      location.reload();
    },
  };
}
