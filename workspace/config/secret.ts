/**
 * A value that does not print.
 *
 * @module
 */

const REDACTED = "[redacted]";

/**
 * A key or token. Text, JSON, `console` and error dumps show "[redacted]", a structured clone is empty;
 * only {@linkcode Secret.reveal} gives the value.
 */
export class Secret {
  readonly #value: string;

  /** Wraps `value`, which is "" when there is none. */
  constructor(value: string) {
    this.#value = value;
  }

  /** The value itself. Hand it to whoever needs it and nobody else. */
  reveal(): string {
    return this.#value;
  }

  /** "[redacted]". */
  toString(): string {
    return REDACTED;
  }

  /** "[redacted]". */
  toJSON(): string {
    return REDACTED;
  }

  /** What `console.log` prints, in Deno as in Node. */
  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return REDACTED;
  }
}
