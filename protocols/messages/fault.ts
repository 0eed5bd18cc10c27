/**
 * How failures travel: classes do not survive `postMessage`, a stable code does.
 *
 * @module
 */

/** Whether trying the same thing again can help. */
export type Retry = "never" | "later";

/** A failure as data. */
export interface FaultData {
  /** Stable, snake_case, for programs. */
  code: string;
  /** For people: "Cannot <act> <what>: <state now>". */
  message: string;
  /** `later` when the cause may pass. */
  retry: Retry;
}

/** An error with a stable code that crosses workers. */
export class Fault extends Error {
  /** Always `Fault`. */
  override readonly name = "Fault";
  /** Stable, snake_case. */
  readonly code: string;
  /** Whether trying again can help. */
  readonly retry: Retry;

  /** A fault that retrying does not help, unless `retry` says otherwise. */
  constructor(code: string, message: string, options: { retry?: Retry; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retry = options.retry ?? "never";
  }

  /** Its form on the wire. */
  toJSON(): FaultData {
    return { code: this.code, message: this.message, retry: this.retry };
  }

  /** From the wire. */
  static from(data: FaultData): Fault {
    return new Fault(data.code, data.message, { retry: data.retry });
  }

  /** Anything thrown, as a Fault; what is none becomes code `failed`. */
  static of(thrown: unknown): Fault {
    if (thrown instanceof Fault) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new Fault("failed", message, { cause: thrown });
  }
}
