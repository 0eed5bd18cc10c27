/**
 * Lines a person types, each with the time at which it came.
 *
 * @module
 */
import type { Surroundings } from "./surroundings.ts";

/** A line without its end. */
export interface TypedLine {
  readonly text: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Nothing is read before the first line is asked for: a program in the background that reads is stopped by its shell. */
export class TypedLines {
  readonly #outside: Pick<Surroundings, "stdin" | "clock">;
  #lines: AsyncIterator<TypedLine, undefined> | undefined;
  #pending: Promise<TypedLine | undefined> | undefined;

  constructor(outside: Pick<Surroundings, "stdin" | "clock">) {
    this.#outside = outside;
  }

  /** The next line; undefined when there is none any more. Asked again before it came, the answer is the same one. */
  next(): Promise<TypedLine | undefined> {
    this.#lines ??= linesOf(this.#outside);
    return this.#pending ??= this.#lines.next().then(({ value }) => value);
  }

  /** The line that came was used: the next one is another. */
  take(): void {
    this.#pending = undefined;
  }
}

async function* linesOf({ stdin, clock }: Pick<Surroundings, "stdin" | "clock">) {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of stdin()) {
    const at = clock.now();
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const text of lines) yield { text, at };
  }
  return undefined;
}
