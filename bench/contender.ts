/**
 * What is measured, of this runtime and of raw Deno workers alike, and the numbers every measurement uses.
 *
 * @module
 */

/** Microseconds a round trip took. */
export interface Latency {
  p50: number;
  p99: number;
}

/** Mebibytes one idle actor adds. */
export interface Footprint {
  rss: number;
  /** Private pages, clean and dirty. */
  private: number;
}

/** Measures on workers of its own, and leaves none behind. */
export interface Contender {
  /** Milliseconds from asking for an actor to its first answer; median of `times`. */
  spawn(times: number): Promise<number>;
  /** Milliseconds until the last of `count` actors, asked for at once, has answered. */
  spawnMany(count: number): Promise<number>;
  /** Round trips between two workers over their direct port. */
  ask(count: number): Promise<Latency>;
  /** Messages a second from one worker to another, until the last is handled. */
  oneWay(count: number): Promise<number>;
  /** Deliveries a second of one worker's messages to `receivers`, until the last is handled. */
  broadcast(receivers: number, count: number): Promise<number>;
  /** Messages a second handed around a ring of `size` workers. */
  ring(size: number, laps: number): Promise<number>;
  /** Milliseconds from the message that kills an actor to the next answer; median of `times`. */
  restart(times: number): Promise<number>;
  /** Starts `count` actors, of which each has answered once, and keeps them; `after` runs then. */
  populate(count: number, after: () => void): Promise<void>;
}

/** The message of all benchmarks: 114 bytes of JSON. */
export const SMALL = {
  id: 1000001,
  from: "team/researcher",
  kind: "observation",
  text: "found 3 of 12 sources, reading.",
  score: 0.75,
};
/** See the constant of the same name. */
export type Small = typeof SMALL;

/** Round trips before the measured ones. */
export const WARM_UP = 2_000;

/** Quantiles of milliseconds, as microseconds. */
export function latency(milliseconds: readonly number[]): Latency {
  const sorted = milliseconds.toSorted((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]! * 1000;
  return { p50: at(0.5), p99: at(0.99) };
}

/** The middle value; of an even number of values the upper one. */
export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

/** Milliseconds some work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
