// Settings, where their values come from, and what their versions changed, in words.

import type {
  SettingChange,
  SettingEdit,
  SettingKind,
  SettingLayer,
  SettingPlace,
  SettingsHow,
} from "$lib/ipc/bindings";

export const LAYERS = {
  default: "Default",
  file: "This node's file",
  cluster: "Cluster",
  node: "This node",
  runtime: "This node, until it stops",
} as const satisfies Record<SettingLayer, string>;

/** Where a change is to count. */
export type Target = "cluster" | "here" | { node: string };

/** Which values a setting takes, for whoever types one. */
export function kindHint(kind: SettingKind): string {
  switch (kind.kind) {
    case "toggle":
      return "On or off";
    case "count":
      return `${kind.least.toLocaleString("en")} to ${kind.most.toLocaleString("en")} ${kind.unit}`.trim();
    case "span":
      return `${kind.least} to ${kind.most}, such as 500ms, 30s, 10m or 2h`;
    case "choice":
      return kind.of.join(", ");
    case "rates":
      return "Such as agent.call:* 100/s burst 200; variable.set 10/m cluster";
    case "names":
      return "Names, or beginnings with a star, such as ticker, shop/*";
  }
}

export function placeWords(place: SettingPlace, nodeName: (id: string) => string): string {
  return place === "cluster" ? "for all nodes" : `for ${nodeName(place.node)}`;
}

export function howWords(how: SettingsHow): string {
  if (how === "changed") return "Changed";
  return how === "reset" ? "Reset" : `Rolled back to ${how.rolled_back.to}`;
}

/** `30s → 1m`; what is not set is said so. */
export function editWords({ old, new: fresh }: Pick<SettingEdit, "old" | "new">): string {
  return `${old ?? "not set"} → ${fresh ?? "not set"}`;
}

/** The change that sets or unsets `key` for those whom `target` means. */
export function changeFor(key: string, target: Exclude<Target, "here">, value: string | null) {
  return { key, place: target, value } satisfies SettingChange;
}
