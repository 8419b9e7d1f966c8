// What comes along to another cluster, and what stays, in words.

import type { Archive, JoinPlan, Listed, Replayed } from "$lib/ipc/bindings";

import { count, counted } from "./number";

/** A line of a plan. */
export type PlanLine = { what: string; names: string; fate: string };

const LINES = [
  ["agents", "Agents of yours", "come along, if it is let in as an operator"],
  ["locals", "Variables of this computer alone", "come along"],
  ["foreign_agents", "Agents of others", "stay behind"],
  ["settings", "Settings", "are archived"],
  ["places", "Locks, elections and semaphores", "are archived"],
  ["barriers", "Barriers", "are archived"],
  ["counters", "Counters", "are archived"],
  ["variables", "Variables", "are archived"],
  ["decisions", "Settled questions", "are archived"],
] as const;

/** The lines of a plan that are about something. */
export function planLines(plan: JoinPlan): PlanLine[] {
  return LINES.flatMap(([key, what, fate]) => {
    const listed: Listed = plan[key];
    if (listed.count === 0) return [];
    const more = listed.count > listed.names.length ? ", …" : "";
    return [
      {
        what: `${what} (${count(listed.count)})`,
        names: `${listed.names.join(", ")}${more}`,
        fate,
      },
    ];
  });
}

/** Whether a person should look at it before this computer joins. */
export function matters(plan: JoinPlan): boolean {
  return plan.others > 0 || planLines(plan).length > 0;
}

/** Something that an archive holds. */
export type ArchiveLine = { kind: string; name: string; value: string };

/** What an archive holds that can be replayed. */
export function archiveLines({ group, belongings }: Archive): ArchiveLine[] {
  const settings = group?.settings ?? [];
  const counters = [...(group?.counters ?? []), ...belongings.counters];
  const variables = [...(group?.variables ?? []), ...belongings.variables];
  const decisions = group?.decisions ?? [];
  return [
    ...settings.map(({ key, value }) => ({ kind: "Setting", name: key, value: value ?? "" })),
    ...counters.map(({ name, value }) => ({ kind: "Counter", name, value })),
    ...variables.map(({ name, value }) => ({
      kind: "Variable",
      name,
      value: value ?? "several writes",
    })),
    ...decisions.map(({ question, value }) => ({ kind: "Question", name: question, value })),
  ];
}

/** What came of a replay. */
export function replayedWords({ made, there, conflicts }: Replayed): string {
  return `${count(made.length)} made, ${count(there.length)} there already, ${counted(conflicts.length, "conflict")}`;
}

/** What an archive holds otherwise than the cluster, and why it was not made. */
export function conflictWords({ archived, there, reason }: Replayed["conflicts"][number]): string {
  const here = there === null ? "" : `, ${there} here`;
  return `was ${archived ?? "several values"}${here}: ${reason}`;
}
