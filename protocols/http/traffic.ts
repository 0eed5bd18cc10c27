/**
 * Counting what was asked and how it was answered.
 *
 * @module
 */
import { type Served, servedAt } from "./refusal.ts";

/** Requests that were alike. */
export interface Tally {
  readonly protocol: Served | "other";
  /** Of HTTP; `other` for one nobody knows. */
  readonly method: string;
  readonly status: number;
  count: number;
  /** Milliseconds until the responses had begun, in all. */
  ms: number;
}

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/** Tallies of one process; there is a bounded number of kinds. */
export class Traffic {
  readonly #tallies = new Map<string, Tally>();

  /** Counts a request that was answered. */
  count(path: string, sentMethod: string, status: number, ms: number): void {
    const protocol = servedAt(path) ?? "other";
    const method = METHODS.has(sentMethod) ? sentMethod : "other";
    const kind = `${protocol} ${method} ${status}`;
    const tally = this.#tallies.get(kind) ?? { protocol, method, status, count: 0, ms: 0 };
    tally.count++;
    tally.ms += ms;
    this.#tallies.set(kind, tally);
  }

  /** In the order in which kinds came up. */
  all(): readonly Tally[] {
    return [...this.#tallies.values()];
  }
}
