// How something is, whatever it is; each tone has its own shape beside its colour.

export type Tone = "ok" | "active" | "warn" | "bad" | "moving" | "idle";
