// Events as files for other programs.

import type { EventRecord } from "$lib/ipc/bindings";

const HEAD = ["origin", "seq", "time", "kind", "type", "correlation", "parent", "fact"];

/** An event a line, as JSON. */
export function toNdjson(events: readonly EventRecord[]): string {
  return events.map((event) => `${JSON.stringify(event)}\n`).join("");
}

/** A row an event, as RFC 4180 has it. */
export function toCsv(events: readonly EventRecord[]): string {
  const row = ({ origin, seq, stamp, fact }: EventRecord) => {
    const told = fact.kind === "reported" ? fact : undefined;
    return [
      origin,
      String(seq),
      new Date(stamp.wall).toISOString(),
      fact.kind,
      told?.type ?? "",
      told?.correlation ?? "",
      told?.parent ?? "",
      JSON.stringify(fact),
    ];
  };
  const lines = [HEAD, ...events.map(row)];
  return lines.map((cells) => `${cells.map(quoted).join(",")}\r\n`).join("");
}

/** A cell, in quotes if it holds what ends one; one that a spreadsheet would run is marked as text. */
function quoted(cell: string): string {
  const text = /^[=+\-@]/.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
