// What comes along to another cluster, and what stays, in words.

import type { JoinPlan, Listed } from "$lib/ipc/bindings";

import { count } from "./number";

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
