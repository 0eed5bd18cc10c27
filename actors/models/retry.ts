/**
 * When a failed inference is tried again: after `baseMs`, then `factor` times longer each time, at random
 * a little earlier so that many agents do not come back at once, and never before the provider said.
 *
 * @module
 */

/** How often and how patiently to try. */
export interface RetryPolicy {
  /** Tries in all, at least 1. */
  readonly attempts: number;
  /** Milliseconds before the second try. */
  readonly baseMs: number;
  /** What each further wait is multiplied by. */
  readonly factor: number;
  /** No wait is longer, in milliseconds; a provider that asks for more is tried after this. */
  readonly capMs: number;
  /** Share of the wait, in [0, 1], that may be taken off at random. */
  readonly jitter: number;
}

/** 3 tries, 100 ms doubling up to 60 s, up to half of it taken off. */
export const RETRY: RetryPolicy = { attempts: 3, baseMs: 100, factor: 2, capMs: 60_000, jitter: 0.5 };

/**
 * Milliseconds to wait after the n-th try failed (the first is 1).
 *
 * @param luck Uniform in [0, 1).
 * @param askedMs What the provider asked for; honoured up to the cap.
 */
export function delayMs(policy: RetryPolicy, tried: number, luck: number, askedMs = 0): number {
  const full = Math.min(policy.capMs, policy.baseMs * policy.factor ** (tried - 1));
  const jittered = full * (1 - policy.jitter * luck);
  return Math.max(jittered, Math.min(policy.capMs, askedMs));
}

/**
 * What a response asks to wait, in milliseconds: `retry-after-ms`, or `Retry-After` as seconds or as a
 * date. Undefined when it does not say or says nonsense.
 *
 * @param now Milliseconds since 1970.
 * @see https://www.rfc-editor.org/rfc/rfc9110#field.retry-after
 */
export function retryAfterMs(headers: Headers, now: number): number | undefined {
  const exact = headers.get("retry-after-ms");
  const said = headers.get("retry-after");
  const asked = exact !== null
    ? Number(exact)
    : said === null
    ? NaN
    : /^\s*\d+(\.\d+)?\s*$/.test(said)
    ? Number(said) * 1000
    : Date.parse(said) - now;
  return Number.isFinite(asked) ? Math.max(0, asked) : undefined;
}
