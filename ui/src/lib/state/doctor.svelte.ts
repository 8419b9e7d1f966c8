// What the doctor last said; it is asked when a person looks, and again when they wish.

import type { DoctorReport } from "$lib/ipc/bindings";

import { ask } from "./commands";

type Doctor = {
  report: DoctorReport | null;
  /** When it was said, on this computer's clock. */
  at: number | null;
  running: boolean;
  /** Why it said nothing the last time. */
  fault: string | null;
};

let current = $state.raw<Doctor>({ report: null, at: null, running: false, fault: null });

export function doctor(): Doctor {
  return current;
}

/** Looks once; what was said before stays until the answer comes. */
export async function runDoctor(): Promise<void> {
  if (current.running) return;
  current = { ...current, running: true, fault: null };
  const result = await ask("doctor.run", {});
  current = result.ok
    ? { report: result.value, at: Date.now(), running: false, fault: null }
    : { ...current, running: false, fault: result.text };
}
