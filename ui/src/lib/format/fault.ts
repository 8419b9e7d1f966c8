// Refused commands in words: what did not happen, why not, and what to do now.

import type { CommandFault } from "$lib/ipc/backend";

export function faultSentence({ fields, message }: CommandFault): string {
  const { what, why, next } = fields;
  const told = [what, why, next].filter((part) => typeof part === "string" && part !== "");
  return told.length > 0 ? told.join(" ") : message;
}
