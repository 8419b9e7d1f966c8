// Each problem as a sentence, and what to do about it.

import type { ProblemView } from "$lib/ipc/bindings";

import { DISK_STATES } from "./node";
import { bytes } from "./number";
import { span } from "./time";

export type ProblemWords = {
  tone: "bad" | "warn";
  what: string;
  now: string;
  /** Where to look. */
  to: { node: string } | { agent: string } | { page: "cluster" | "doctor" | "load" } | null;
};

type Saying<K extends ProblemView["kind"]> = (
  problem: Extract<ProblemView, { kind: K }>,
  now: number,
) => ProblemWords;

const SAYINGS = {
  read_only: ({ reason }) => ({
    tone: "bad",
    what: `This node cannot write to its disk: ${reason}`,
    now: "Free some space or mend the disk: Covey goes on by itself.",
    to: null,
  }),
  disk_full: ({ path, free_bytes }) => ({
    tone: "bad",
    what: `The disk of ${path} is full: ${bytes(free_bytes)} free`,
    now: "Nothing is changed on this node meanwhile. Make room: Covey goes on by itself.",
    to: null,
  }),
  disk_read_only: ({ path }) => ({
    tone: "bad",
    what: `The disk of ${path} can only be read`,
    now: "Nothing is changed on this node meanwhile. Mount it to be written: Covey goes on by itself.",
    to: null,
  }),
  disk_fails: ({ path, reason }) => ({
    tone: "bad",
    what: `${path} cannot be written: ${reason}`,
    now: "Nothing is changed on this node meanwhile. Mend the disk: Covey goes on by itself.",
    to: null,
  }),
  store_damaged: ({ path, reason }) => ({
    tone: "bad",
    what: `The database ${path} is damaged: ${reason}`,
    now: 'Nothing is written to it. Stop the node, "covey store set-aside", start it: the others fill it.',
    to: null,
  }),
  node_disk: ({ node, name, disk }) => ({
    tone: disk === "filling" ? "warn" : "bad",
    what: `${name}: ${DISK_STATES[disk].what}`,
    now: DISK_STATES[disk].now,
    to: { node },
  }),
  group_filling: ({ aside }) => ({
    tone: "warn",
    what: "What the cluster agrees on was damaged on this disk",
    now: `The other nodes fill it again. The damaged files are kept as ${aside}.`,
    to: null,
  }),
  group_damaged: ({ reason }) => ({
    tone: "bad",
    what: `What the cluster agrees on is damaged on this disk, and no other node has it: ${reason}`,
    now: 'Restore the data folder from a backup, or go on without: "covey coordination set-aside".',
    to: null,
  }),
  group_unusable: ({ reason }) => ({
    tone: "bad",
    what: `This node takes no part in what the cluster agrees on: ${reason}`,
    now: "Update Covey if another version wrote it, or mend the disk.",
    to: null,
  }),
  twin: ({ address }) => ({
    tone: "bad",
    what: `The machine at ${address} runs with this node's identity`,
    now: "Its data folder was copied from here. Give it a data folder of its own.",
    to: { page: "doctor" },
  }),
  node_down: ({ node, name, since }, now) => ({
    tone: "bad",
    what: `${name} has been down for ${span(now - since)}`,
    now: "Start Covey there, or check its cable and power. Its agents run elsewhere if they may.",
    to: { node },
  }),
  clock_ahead: ({ node, name }) => ({
    tone: "warn",
    what: `The clock of ${name} is wrong`,
    now: "Set its clock, best by network time: its changes are refused until then.",
    to: { node },
  }),
  agent_failed: ({ name }) => ({
    tone: "bad",
    what: `${name} used up its restarts`,
    now: "Read its last output, mend it, and restart it.",
    to: { agent: name },
  }),
  agent_unplaced: ({ name }) => ({
    tone: "warn",
    what: `No node can run ${name}`,
    now: "See why each node is excluded, or let other computers run its program.",
    to: { agent: name },
  }),
  one_admin: () => ({
    tone: "warn",
    what: "Only one computer can admit others",
    now: "If it is lost, nobody can be added. Let a second one in as admin.",
    to: { page: "cluster" },
  }),
} satisfies { [K in ProblemView["kind"]]: Saying<K> };

export function problemWords(problem: ProblemView, now: number): ProblemWords {
  return (SAYINGS[problem.kind] as Saying<ProblemView["kind"]>)(problem, now);
}

export function problemKey(problem: ProblemView): string {
  return [
    problem.kind,
    "node" in problem ? problem.node : "",
    "name" in problem ? problem.name : "",
    // Two stores of one disk have the same trouble.
    "path" in problem ? problem.path : "",
  ].join(" ");
}
