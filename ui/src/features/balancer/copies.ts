// One task many times: what differs from one to the next is its number.

const NUMBER = "{n}";

export type Copies = { ok: true; params: readonly unknown[] } | { ok: false; fault: string };

/**
 * The parameters of so many tasks, as a person typed them: JSON, in which `{n}` stands for the number
 * of the task, from 1.
 */
export function copies(text: string, times: number): Copies {
  const written = text.trim() === "" ? "null" : text;
  try {
    if (!written.includes(NUMBER)) {
      const one: unknown = JSON.parse(written);
      return { ok: true, params: Array.from({ length: times }, () => one) };
    }
    const params = Array.from({ length: times }, (_, i): unknown =>
      JSON.parse(written.replaceAll(NUMBER, String(i + 1))),
    );
    return { ok: true, params };
  } catch (error) {
    return { ok: false, fault: `No JSON: ${error instanceof Error ? error.message : ""}` };
  }
}
