// Every action there is: the palette, the shortcuts and the sheet of keys show no other.

import { COMMANDS, type RebalanceStep, type Role } from "$lib/ipc/bindings";
import { mayDo, ROLES } from "$lib/format/node";

import { setAppearance, toggleTheme } from "./appearance.svelte";
import { cluster } from "./cluster.svelte";
import { type Binding } from "./keys";
import { steerReason, steerRebalance } from "./rebalance.svelte";
import { reachOf, steppedReach } from "./reach";
import { go, inspect, type Page, route, setQuery } from "./route.svelte";
import { closeSheet, openSheet } from "./ui.svelte";

export type Action = {
  id: string;
  title: string;
  group: "Go to" | "Agents" | "Cluster" | "View" | "Help";
  keys?: string;
  /** Other words people look for it by. */
  words?: string;
  /** Why it cannot be done now. */
  reason?: () => string | null;
  run: () => void;
};

const place = (page: Page, title: string, keys: string, words = ""): Action => ({
  id: `go.${page}`,
  title,
  group: "Go to",
  keys,
  words,
  run: () => go({ page }),
});

/** Why this node's role does not allow what takes `needs`. */
function roleReason(needs: Role): string | null {
  if (mayDo(cluster.status?.role, needs)) return null;
  return `This computer's role does not allow it; it takes the role ${ROLES[needs].word}.`;
}

/** Why this node may not take part in what programs do. */
export const workerReason = (): string | null => roleReason("worker");

/** Why this node may not start and stop things. */
export const operatorReason = (): string | null => roleReason("operator");

/** Why this node may not admit and revoke members. */
export const adminReason = (): string | null => roleReason("admin");

/** An action that ends in one command: its title, words and role come from the list of commands. */
function command(
  name: (typeof COMMANDS)[number]["name"],
  rest: Pick<Action, "group" | "run" | "keys">,
): Action {
  const entry = COMMANDS.find((entry) => entry.name === name);
  return {
    id: name,
    title: entry?.title ?? name,
    words: entry?.keywords.join(" ") ?? "",
    reason: () => (entry === undefined ? null : roleReason(entry.role)),
    ...rest,
  };
}

/** Pauses, resumes or ends the planned moves, while that means something. */
const steer = (step: RebalanceStep, title: string, words: string): Action => ({
  id: `rebalance.${step}`,
  title,
  group: "Cluster",
  words: `rebalance ${words}`,
  reason: () => operatorReason() ?? steerReason(step),
  run: () => void steerRebalance(step),
});

/** Looks farther back on the timeline, or nearer. */
function zoom(id: string, [title, keys]: [string, string], step: 1 | -1): Action {
  const shown = (): boolean =>
    route().page === "agents" && ["timeline", "lives"].includes(route().query["view"] ?? "");
  const next = () => steppedReach(reachOf(route().query["reach"]), step);
  return {
    id,
    title,
    group: "View",
    keys,
    words: "timeline zoom span time minutes hour all",
    reason: () => {
      if (!shown()) return "Only on the placement timeline.";
      return next() === reachOf(route().query["reach"]) ? "It goes no further." : null;
    },
    run: () => setQuery({ reach: next().value }),
  };
}

export const ACTIONS: readonly Action[] = [
  place("overview", "Overview", "g o", "home map"),
  place("nodes", "Nodes", "g n", "computers machines members"),
  place("agents", "Agents", "g a", "programs"),
  place("sessions", "Sessions", "g s", "votes negotiation allocation protocols"),
  place("market", "Market", "g m", "auctions credits ledger bids money"),
  place(
    "load",
    "Load",
    "g l",
    "heat map metrics cpu memory alerts charts tasks balancer strategy queues",
  ),
  place("events", "Events", "g e", "history audit log"),
  place("cluster", "Cluster", "g c", "pairing join members invite"),
  place(
    "coordination",
    "Coordination",
    "g k",
    "consensus raft leader quorum locks counters variables",
  ),
  place("doctor", "Doctor", "g d", "diagnose network firewall multicast discovery problems"),
  place("settings", "Settings", "g x", "theme appearance"),
  command("agent.start", { group: "Agents", keys: "n", run: () => openSheet("create") }),
  {
    id: "agents.timeline",
    title: "Show the placement timeline",
    group: "Agents",
    keys: "g t",
    words: "moves lanes history where when why",
    run: () => go({ page: "agents", query: { view: "timeline" } }),
  },
  {
    id: "agents.failed",
    title: "Show failed agents",
    group: "Agents",
    words: "crashed broken problem",
    run: () => go({ page: "agents", query: { state: "failed" } }),
  },
  {
    id: "rebalance",
    title: "Rebalance the cluster",
    group: "Cluster",
    keys: "g b",
    words: "even spread planned moves preview progress balance",
    run: () => go({ page: "nodes", query: { show: "rebalance" } }),
  },
  steer("pause", "Pause the planned moves", "stop hold"),
  steer("resume", "Resume the planned moves", "continue go on"),
  steer("abort", "End the planned moves", "abort stop cancel"),
  command("invite.create", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "invite" } }),
  }),
  command("lobby.dial", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "join" } }),
  }),
  command("node.label", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "label" } }),
  }),
  command("node.programs", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "programs" } }),
  }),
  command("cluster.join", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "join" } }),
  }),
  command("node.rename", {
    group: "Cluster",
    run: () => go({ page: "cluster", query: { do: "rename" } }),
  }),
  {
    id: "view.table",
    title: "Show the picture as a table",
    group: "View",
    keys: "T",
    words: "twin map accessible",
    run: () => {
      const { page, query } = route();
      const twin = query["view"] === "timeline" ? "lives" : query["view"] === "lives" && "timeline";
      if (page === "agents" && twin) setQuery({ view: twin });
      else if (page !== "overview" && page !== "load")
        go({ page: "overview", query: { view: "table" } });
      else setQuery({ view: query["view"] === "table" ? null : "table" });
    },
  },
  zoom("view.nearer", ["Zoom in on the timeline", "+"], -1),
  zoom("view.farther", ["Zoom out on the timeline", "-"], 1),
  {
    id: "view.theme",
    title: "Switch between light and dark",
    group: "View",
    keys: "mod+shift+l",
    words: "theme night day",
    run: toggleTheme,
  },
  {
    id: "view.theme.system",
    title: "Follow the system's theme",
    group: "View",
    words: "theme auto",
    run: () => setAppearance({ theme: "system" }),
  },
  {
    id: "view.filter",
    title: "Filter this page",
    group: "View",
    keys: "/",
    words: "search find",
    run: () => {
      const field = document.querySelector<HTMLInputElement>("main [data-filter]");
      if (field === null) openSheet("palette");
      else field.focus();
    },
  },
  {
    id: "view.rows.next",
    title: "Into the table, next row",
    group: "View",
    keys: "j",
    run: () => stepIntoTable("j"),
  },
  {
    id: "view.rows.previous",
    title: "Previous row",
    group: "View",
    keys: "k",
    run: () => stepIntoTable("k"),
  },
  {
    id: "view.close",
    title: "Close what is open",
    group: "View",
    keys: "escape",
    run: () => {
      if (route().id !== null) inspect(null);
      else if ("show" in route().query) setQuery({ show: null });
    },
  },
  {
    id: "palette",
    title: "Search or command",
    group: "Help",
    keys: "mod+k",
    run: () => openSheet("palette"),
  },
  {
    id: "keys",
    title: "Show all keys",
    group: "Help",
    keys: "?",
    words: "shortcuts keyboard help",
    run: () => openSheet("keys"),
  },
];

export const BINDINGS: readonly Binding[] = ACTIONS.flatMap(({ id, keys }) =>
  keys === undefined ? [] : [{ id, keys }],
);

export function perform(id: string): void {
  const action = ACTIONS.find((action) => action.id === id);
  if (action === undefined || action.reason?.()) return;
  closeSheet();
  action.run();
}

function stepIntoTable(key: "j" | "k"): void {
  const row = document.querySelector<HTMLElement>('main [role="row"][data-active="true"]');
  row?.focus();
  if (route().id !== null) row?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
}
