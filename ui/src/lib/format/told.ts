// What a node tells of calls, rates and what needs no agreement, in words.

import type { BreakerTurn, Fact } from "$lib/ipc/bindings";

import type { Part } from "./fact";
import { counted } from "./number";

type Of<K extends Fact["kind"]> = Omit<Extract<Fact, { kind: K }>, "kind">;

const TURNS = {
  opened: [" stops calls of ", ": they failed"],
  half_open: [" tries whether ", " is well again"],
  closed: [" lets calls of ", " pass again: it is well"],
  reset: [" was asked to let calls of ", " pass again"],
} as const satisfies Record<BreakerTurn, readonly [string, string]>;

export function breakerTurned({ name, to }: Of<"breaker_turned">, origin: string): Part[] {
  const [before, after] = TURNS[to];
  return [{ node: origin }, before, { agent: name }, after];
}

export function rateReset({ operation, actor }: Of<"rate_reset">, origin: string): Part[] {
  const whose = actor === null ? "" : ` of ${actor}`;
  return [{ node: origin }, ` had the rate of ${operation}${whose} begin anew on every node`];
}

export function counterChanged(fact: Of<"counter_changed">, origin: string): Part[] {
  const { counter, by, value } = fact;
  return [{ node: origin }, ` added ${by} to ${counter}, which is at ${value} as far as it knows`];
}

export function variableWritten(fact: Of<"variable_written">, origin: string): Part[] {
  const { variable, scope, old, new: fresh, removed } = fact;
  if (scope === "local") {
    return [{ node: origin }, ` ${removed ? "removed" : "wrote"} its own variable ${variable}`];
  }
  const was = old === null ? "it was not there" : `was ${old}`;
  if (removed) return [{ node: origin }, ` removed the variable ${variable} (${was})`];
  const value = fresh ?? "beside other writes";
  return [{ node: origin }, ` wrote the variable ${variable}: ${value} (${was})`];
}

export function eventsOmitted({ name, count }: Of<"events_omitted">, origin: string): Part[] {
  const whose = name === null ? "" : ` of ${name}`;
  return [
    { node: origin },
    count === null
      ? ` leaves the rest of the minute's events${whose} out: they are too many`
      : ` left ${counted(count, `event${whose}`, `events${whose}`)} out within a minute`,
  ];
}

export function clusterEntered({ from, agents }: Of<"cluster_entered">, origin: string): Part[] {
  const brought = agents === 0 ? "" : ` with ${counted(agents, "agent")}`;
  return [{ node: origin }, ` came from the cluster ${from}${brought}; the rest is archived`];
}

export function agentConflicted({ name }: Of<"agent_conflicted">, origin: string): Part[] {
  return [{ node: origin }, " did not bring its ", { agent: name }, ": the cluster has one"];
}
