// What a click asks of the node. Each deed ends in a notice, good or bad.

import { CommandFault } from "$lib/ipc/backend";
import type { Place, PrimitiveScope, Programs, Role } from "$lib/ipc/bindings";
import { backend } from "$lib/ipc/client";
import type { Args, CommandName, Commands, SpecDraft } from "$lib/ipc/protocol";
import { faultSentence } from "$lib/format/fault";

import { notify } from "./notices.svelte";

export type Result<T> = { ok: true; value: T } | { ok: false; fault: CommandFault; text: string };

/** Carries out a command and gives its refusal as a value. */
export async function ask<Name extends CommandName>(
  name: Name,
  args: Args<Name>,
): Promise<Result<Commands[Name]["reply"]>> {
  try {
    return { ok: true, value: await backend().call(name, args) };
  } catch (error) {
    const fault = CommandFault.from(error);
    return { ok: false, fault, text: faultSentence(fault) };
  }
}

/** Carries out a command, and tells in a notice what came of it. */
export async function deed<Name extends CommandName>(
  done: string,
  name: Name,
  args: Args<Name>,
): Promise<boolean> {
  const result = await ask(name, args);
  if (result.ok) notify("ok", done);
  else notify("bad", result.text);
  return result.ok;
}

export const stopAgent = (name: string) => deed(`${name} is told to stop`, "agent.stop", { name });
export const restartAgent = (name: string) =>
  deed(`${name} is started afresh`, "agent.restart", { name });
export const removeAgent = (name: string) => deed(`${name} is removed`, "agent.remove", { name });
export const moveAgent = (name: string, to: string | null, where: string) =>
  deed(`${name} may run ${where}`, "agent.move", { name, to });

export const startAgent = (spec: SpecDraft, pin: string | null, replace: boolean) =>
  ask("agent.start", { spec, ...(pin === null ? {} : { pin }), replace });
export const callAgent = (name: string, method: string, params: unknown) =>
  ask("agent.call", { name, method, params });
export const explainAgent = (name: string) => ask("agent.explain", { name });
export const readTenure = (name: string) => ask("agent.tenure", { name });
export const whatIfLost = (node: string) => ask("node.what_if", { node });
export const previewRebalance = () => ask("rebalance.preview", {});
export const traceEvents = (correlation: string) => ask("event.trace", { correlation });
export const queryEvents = (filter: Args<"event.query">) => ask("event.query", filter);

export const askToJoin = (node: string, name: string) =>
  deed(`${name} is asked`, "pairing.ask", { node });
export const withdraw = () => deed("The request is withdrawn", "pairing.withdraw", {});
export const accept = (node: string, role: Role, name: string) =>
  deed(`${name} is let in`, "pairing.accept", { node, role });
export const refuse = (node: string, name: string) =>
  deed(`${name} was told no`, "pairing.refuse", { node });
export const dial = (address: string) => deed(`Looking at ${address}`, "lobby.dial", { address });
export const join = (link: string) => deed("The invite is being used", "cluster.join", { link });
export const readArchive = (id: number) => ask("archive.get", { id });
export const replayArchive = (id: number) => ask("archive.replay", { id });
export const createInvite = (role: Role, ttl_ms: number) => ask("invite.create", { role, ttl_ms });
export const revokeInvite = (id: string) =>
  deed("The invite no longer counts", "invite.revoke", { id });
export const revokeMember = (node: string, name: string) =>
  deed(`${name} is put out of the cluster`, "member.revoke", { node });

export const renameNode = (name: string) =>
  deed(`This node is now ${name}`, "node.rename", { name });
export const cordonNode = (node: string, on: boolean, name: string) =>
  deed(on ? `${name} takes no agents` : `${name} takes agents again`, "node.cordon", { node, on });
export const drainNode = (node: string, deadline_ms: number, name: string) =>
  deed(`${name} is told to hand its agents over`, "node.drain", { node, deadline_ms });
export const labelNode = (labels: Record<string, string>) =>
  deed("The labels are set", "node.label", { labels });
export const setPrograms = (programs: Programs) =>
  deed(
    programs === "cluster"
      ? "Programs of the cluster may run here"
      : "Only your own programs run here",
    "node.programs",
    { programs },
  );

export const revokeLease = (place: Place, token: number, who: string) =>
  deed(`${who} has ${place.name} no more`, "lease.revoke", { place, token });
export const breakBarrier = (barrier: string, generation: number) =>
  deed(`${barrier} is broken for those who waited`, "barrier.break", { barrier, generation });
export const addToCounter = (counter: string, scope: PrimitiveScope, by: number) =>
  ask("counter.add", { counter, scope, by });
export const removeCounter = (counter: string) =>
  deed(`${counter} is removed`, "counter.remove", { counter });
export const makeVariable = (draft: Args<"variable.register">) => ask("variable.register", draft);
export const readVariable = (variable: string, scope: PrimitiveScope) =>
  ask("variable.get", { variable, scope });
export const writeVariable = (args: Args<"variable.set">) => ask("variable.set", args);
export const removeVariable = (args: Args<"variable.remove">) => ask("variable.remove", args);
export const reopenDecision = (question: string) =>
  deed(`${question} may be settled anew`, "decision.reopen", { question });
export const readRecovery = () => ask("coordination.recovery", {});
export const recoverGroup = () =>
  deed("The group goes on with what this node holds", "coordination.recover", {});
