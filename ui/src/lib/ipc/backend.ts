// What the panel asks of whatever carries its commands: a web server's door, or the desktop shell.

import type { Args, CommandName, Commands, Frame, TopicName, Topics } from "./protocol";

/** How the panel stands with its node. */
export type LinkState =
  | { kind: "connecting" }
  | { kind: "live" }
  | { kind: "lost"; retry_at: number; attempt: number }
  | { kind: "refused" };

export interface Backend {
  /** Carries out one command, or throws a {@link CommandFault}. */
  call<Name extends CommandName>(name: Name, args: Args<Name>): Promise<Commands[Name]["reply"]>;

  /** Pushes frames until the function it gives is called; after a lost link, a snapshot comes first. */
  subscribe<Name extends TopicName>(
    topic: Name,
    params: Topics[Name]["params"],
    onFrame: (frame: Frame<Topics[Name]["row"]>) => void,
    onFault?: (fault: CommandFault) => void,
  ): () => void;

  /** Tells each change of the link, and first how it stands. */
  onLink(listener: (state: LinkState) => void): void;

  /** Tries a lost link at once. */
  retry(): void;
}

/** A command that was refused, or could not be carried to the node. */
export class CommandFault extends Error {
  readonly code: string;
  readonly fields: Readonly<Record<string, unknown>>;

  constructor(code: string, message: string, fields: Record<string, unknown> = {}) {
    super(message);
    this.name = "CommandFault";
    this.code = code;
    this.fields = fields;
  }

  /** Reads `{ code, message, … }`, wherever it came from. */
  static from(value: unknown): CommandFault {
    if (value instanceof CommandFault) return value;
    const inner = isRecord(value) && isRecord(value["error"]) ? value["error"] : value;
    if (isRecord(inner) && typeof inner["code"] === "string") {
      const message = typeof inner["message"] === "string" ? inner["message"] : inner["code"];
      return new CommandFault(inner["code"], message, inner);
    }
    if (value instanceof Error) return new CommandFault("unreachable", value.message);
    return new CommandFault("unreachable", String(value));
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
