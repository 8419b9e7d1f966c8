// The back end behind a web server on loopback: commands by POST, pushes over one WebSocket.

import { type Backend, CommandFault, isRecord, type LinkState } from "./backend";
import type { Commands, Frame } from "./protocol";

type Subscription = {
  topic: string;
  params: unknown;
  onFrame: (frame: Frame<never>) => void;
  onFault: ((fault: CommandFault) => void) | undefined;
};

/** The wait before the first new attempt; it doubles up to {@link LONGEST_WAIT_MS}. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;
/** A node pushes its status each second; three missed ones and the link is held to be dead. */
const SILENCE_MS = 15_000;

export function webBackend(token: string): Backend {
  const subscriptions = new Map<number, Subscription>();
  const listeners = new Set<(state: LinkState) => void>();
  let state: LinkState = { kind: "connecting" };
  let socket: WebSocket | undefined;
  let attempt = 0;
  let nextId = 1;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let heard = 0;

  const tell = (next: LinkState): void => {
    state = next;
    for (const listener of listeners) listener(next);
  };

  const send = (message: unknown): void => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message));
  };

  const open = (): void => {
    clearTimeout(timer);
    const scheme = location.protocol === "https:" ? "wss" : "ws";
    const mine = new WebSocket(`${scheme}://${location.host}/api/subscribe`, ["covey", token]);
    socket = mine;
    mine.onopen = () => {
      attempt = 0;
      heard = Date.now();
      tell({ kind: "live" });
      for (const [id, { topic, params }] of subscriptions) {
        send({ subscribe: { id, topic, params } });
      }
    };
    mine.onmessage = (event: MessageEvent<string>) => {
      heard = Date.now();
      const frame: unknown = JSON.parse(event.data);
      if (!isRecord(frame) || typeof frame["id"] !== "number") return;
      const reader = subscriptions.get(frame["id"]);
      if (frame["kind"] === "error") reader?.onFault?.(CommandFault.from(frame));
      else reader?.onFrame(frame as Frame<never>);
    };
    mine.onclose = () => {
      if (socket === mine) void lost();
    };
  };

  const lost = async (): Promise<void> => {
    socket = undefined;
    attempt += 1;
    // A WebSocket does not say why it was refused; a command does.
    if (attempt === 1 && !(await tokenHolds())) {
      tell({ kind: "refused" });
      return;
    }
    const wait = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));
    tell({ kind: "lost", retry_at: Date.now() + wait, attempt });
    timer = setTimeout(open, wait);
  };

  const post = (name: string, args: unknown): Promise<Response> =>
    fetch(`/api/command/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify(args),
    });

  const tokenHolds = async (): Promise<boolean> => {
    try {
      return (await post("event.query", { limit: 1 })).status !== 401;
    } catch {
      return true;
    }
  };

  setInterval(() => {
    if (state.kind === "live" && Date.now() - heard > SILENCE_MS) socket?.close();
  }, 1_000);
  if (token === "") tell({ kind: "refused" });
  else open();

  return {
    async call(name, args) {
      let response: Response;
      try {
        response = await post(name, args);
      } catch {
        throw new CommandFault(
          "unreachable",
          "The node does not answer. The panel tries again by itself.",
        );
      }
      const text = await response.text();
      let body: unknown;
      try {
        body = text === "" ? null : JSON.parse(text);
      } catch {
        throw new CommandFault(
          "unreachable",
          `The node answered ${response.status} and nothing that can be read.`,
        );
      }
      if (!response.ok) throw CommandFault.from(body ?? { code: "unreachable" });
      return body as Commands[typeof name]["reply"];
    },
    subscribe(topic, params, onFrame, onFault) {
      const id = nextId++;
      subscriptions.set(id, {
        topic,
        params,
        onFrame: onFrame,
        onFault,
      });
      send({ subscribe: { id, topic, params } });
      return () => {
        subscriptions.delete(id);
        send({ unsubscribe: id });
      };
    },
    onLink(listener) {
      listeners.add(listener);
      listener(state);
    },
    retry() {
      if (state.kind === "lost") open();
    },
  };
}

/** Takes the token out of the address bar, so that it is not copied or kept in the history with it. */
export function takeToken(): string {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ""));
  const given = fragment.get("token");
  if (given !== null) {
    sessionStorage.setItem("covey.token", given);
    history.replaceState(null, "", location.pathname + location.search);
  }
  return given ?? sessionStorage.getItem("covey.token") ?? "";
}
