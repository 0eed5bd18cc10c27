/**
 * How often one caller may ask: a bucket of tokens each, which fills evenly.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** Buckets kept; the one that was not asked for longest is forgotten first, as if it were full. */
const MOST = 10_000;

interface Bucket {
  readonly tokens: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** All buckets of one protocol. A bucket holds as many tokens as come in a minute. */
export class RateLimit {
  readonly #perMinute: number;
  readonly #clock: Pick<Clock, "now">;
  readonly #most: number;
  /** The one asked for longest ago first. */
  readonly #buckets = new Map<string, Bucket>();

  /** `perMinute` 0 is without bound. */
  constructor(perMinute: number, clock: Pick<Clock, "now">, most = MOST) {
    this.#perMinute = perMinute;
    this.#clock = clock;
    this.#most = most;
  }

  /** Takes a token out of the bucket of `who`. Answers 0, or the whole seconds until there is one. */
  take(who: string): number {
    if (this.#perMinute === 0) return 0;
    const tokens = this.#tokensOf(who);
    const granted = tokens >= 1;
    this.#keep(who, { tokens: granted ? tokens - 1 : tokens, at: this.#clock.now() });
    return granted ? 0 : Math.ceil((1 - tokens) * 60 / this.#perMinute);
  }

  /** Buckets kept now. */
  get size(): number {
    return this.#buckets.size;
  }

  #tokensOf(who: string): number {
    const bucket = this.#buckets.get(who);
    if (bucket === undefined) return this.#perMinute;
    const elapsed = Math.max(0, this.#clock.now() - bucket.at);
    return Math.min(this.#perMinute, bucket.tokens + elapsed * this.#perMinute / 60_000);
  }

  #keep(who: string, bucket: Bucket): void {
    this.#buckets.delete(who);
    this.#buckets.set(who, bucket);
    const [oldest] = this.#buckets.keys();
    if (this.#buckets.size > this.#most && oldest !== undefined) this.#buckets.delete(oldest);
  }
}
