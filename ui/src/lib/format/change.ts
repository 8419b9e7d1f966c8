// What the cluster agreed to change, in words.

import type { Fact, Holder, Parting } from "$lib/ipc/bindings";

import type { Part } from "./fact";
import { count, counted } from "./number";

type Of<K extends Fact["kind"]> = Omit<Extract<Fact, { kind: K }>, "kind">;

const who = ({ session, node }: Holder): Part[] => [`${session} on `, { node }];

export function taken({ place, holder, token }: Of<"place_taken">): Part[] {
  if (place.kind === "agent") {
    return [
      { node: holder.node },
      ` was granted the agent ${place.name} under token ${count(token)}`,
    ];
  }
  if (place.kind === "names") {
    return [
      { node: holder.node },
      ` was granted the lease on its names under token ${count(token)}`,
    ];
  }
  return [
    ...who(holder),
    place.kind === "election"
      ? ` leads ${place.name} in term ${count(token)}`
      : ` holds the ${place.kind} ${place.name} under token ${count(token)}`,
  ];
}

const PARTINGS = {
  released: "gave up",
  expired: "lost, as its lease ended,",
  revoked: "was made to give up",
} as const satisfies Record<Parting, string>;

export function left({ place, holder, token, how }: Of<"place_left">): Part[] {
  if (place.kind === "names") {
    return [
      { node: holder.node },
      ` ${PARTINGS[how]} the lease on its names, token ${count(token)}`,
    ];
  }
  return [
    ...(place.kind === "agent" ? [{ node: holder.node }] : who(holder)),
    ` ${PARTINGS[how]} the ${place.kind} ${place.name}, token ${count(token)}`,
  ];
}

const CAUSES = {
  timed_out: "waited no longer",
  left: "gave up",
  node_lost: "was lost with its node",
  interrupted: "ended it",
} as const;

export function barrierEnded({ barrier, parties, fate }: Of<"barrier_ended">): Part[] {
  if (fate === "opened") return [`The barrier ${barrier} opened for ${count(parties)}`];
  const { by, cause } = fate.broken;
  return [`The barrier ${barrier} broke: `, ...who(by), ` ${CAUSES[cause]}`];
}

export function variableChanged({
  variable,
  old,
  new: fresh,
  version,
}: Of<"variable_changed">): Part[] {
  const was = old === null ? "it was not there" : `was ${old}`;
  return [
    fresh === null
      ? `The variable ${variable} was removed (${was})`
      : `The variable ${variable} is ${fresh} (${was}), version ${count(version)}`,
  ];
}

export function omitted({ name, count: left }: Of<"changes_omitted">): Part[] {
  const whose = name === null ? "" : ` of ${name}`;
  return [
    left === null
      ? `There are too many changes${whose}: the rest of the minute's are left out`
      : `${counted(left, `change${whose} was`, `changes${whose} were`)} left out within a minute`,
  ];
}
