// Which sheet lies over the page. At most one.

export type Sheet = "palette" | "keys" | "create" | null;

let sheet = $state<Sheet>(null);

export function openSheet(which: Exclude<Sheet, null>): void {
  sheet = which;
}

export function closeSheet(): void {
  sheet = null;
}

export function currentSheet(): Sheet {
  return sheet;
}
