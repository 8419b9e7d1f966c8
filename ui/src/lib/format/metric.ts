// Measures in words: names, units, and values that fit a column.

import type { Metric, MetricUnit } from "$lib/ipc/bindings";

import { bytes, count } from "./number";

type Words = { word: string; unit: MetricUnit };

export const METRICS = {
  cpu: { word: "Processor", unit: "percent" },
  memory: { word: "Memory", unit: "bytes" },
  memory_share: { word: "Memory taken", unit: "percent" },
  disk_free: { word: "Disk free", unit: "bytes" },
  disk_share: { word: "Disk taken", unit: "percent" },
  disk_read: { word: "Disk reads", unit: "bytes_per_second" },
  disk_write: { word: "Disk writes", unit: "bytes_per_second" },
  network_in: { word: "Received", unit: "bytes_per_second" },
  network_out: { word: "Sent", unit: "bytes_per_second" },
  process_cpu: { word: "Covey's processor", unit: "percent" },
  process_memory: { word: "Covey's memory", unit: "bytes" },
  agents: { word: "Agents", unit: "count" },
  messages: { word: "Messages", unit: "per_second" },
  errors: { word: "Failures", unit: "per_second" },
  clock_offset: { word: "Clock offset", unit: "milliseconds" },
  latency_p50: { word: "Answers, half within", unit: "milliseconds" },
  latency_p95: { word: "Answers, 95 % within", unit: "milliseconds" },
  latency_p99: { word: "Answers, 99 % within", unit: "milliseconds" },
  agent_cpu: { word: "Processor", unit: "percent" },
  agent_memory: { word: "Memory", unit: "bytes" },
  agent_mailbox: { word: "Mailbox", unit: "count" },
  agent_messages: { word: "Messages", unit: "per_second" },
  agent_errors: { word: "Failures", unit: "per_second" },
  agent_restarts: { word: "Unasked ends", unit: "count" },
  agent_latency_p50: { word: "Answers, half within", unit: "milliseconds" },
  agent_latency_p95: { word: "Answers, 95 % within", unit: "milliseconds" },
  agent_latency_p99: { word: "Answers, 99 % within", unit: "milliseconds" },
} as const satisfies Record<Metric, Words>;

/** Metrics of nodes that a heat map shows well. */
export const HEAT = [
  "cpu",
  "memory_share",
  "disk_share",
  "network_in",
  "network_out",
  "messages",
  "errors",
  "latency_p95",
] as const satisfies Metric[];

/** Three digits are as much as a look takes in. */
function short(value: number): string {
  return value >= 100 || Number.isInteger(value) ? count(value) : value.toPrecision(2);
}

/** A value with its unit; `No data` where nothing was measured. */
export function measure(unit: MetricUnit, value: number | null | undefined): string {
  if (value === null || value === undefined) return "No data";
  switch (unit) {
    case "percent":
      return `${short(value)} %`;
    case "bytes":
      return bytes(value);
    case "bytes_per_second":
      return `${bytes(value)}/s`;
    case "per_second":
      return `${short(value)}/s`;
    case "count":
      return count(value);
    case "milliseconds":
      return `${short(value)} ms`;
  }
}

/** The value at which a scale ends: a hundred of a hundred, or a round one above all. */
export function ceiling(unit: MetricUnit, values: readonly (number | null)[]): number {
  const most = Math.max(0, ...values.filter((value) => value !== null));
  if (unit === "percent") return Math.max(100, most);
  if (most === 0) return 1;
  const step = unit.startsWith("bytes")
    ? 2 ** Math.floor(Math.log2(most))
    : 10 ** Math.floor(Math.log10(most));
  return Math.ceil(most / step) * step;
}
