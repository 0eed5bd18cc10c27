/**
 * What is measured and what it is held to.
 *
 * @module
 */
import type { Contender, Footprint, Latency } from "./contender.ts";
import { footprint, pinnedAsk, restart } from "./probe.ts";
import { PYTHON } from "./python/benchmarks.ts";
import { raw } from "./raw/contender.ts";
import { SERVE } from "./serve/benchmarks.ts";
import { troupe } from "./troupe/contender.ts";

/** A line of the table. */
export interface Row {
  readonly label: string;
  readonly unit: "ms" | "µs" | "/s" | "MB" | "KB" | "CPU" | "streams";
  /** How ours and raw are compared: `speedup` is raw divided by ours, for times; `ours` stands for itself. */
  readonly compare: "ours/raw" | "speedup" | "ours-raw" | "ours";
  /** What the comparison must be; absent where only the figure is of interest. */
  readonly target?: { readonly atMost: number } | { readonly atLeast: number };
}

/** Measures both sides once; one number for each row. */
export interface Benchmark {
  readonly name: string;
  readonly rows: readonly Row[];
  readonly ours: (size: Size) => Promise<readonly number[]>;
  readonly raw: (size: Size) => Promise<readonly number[]>;
}

/** How much is done in a round: 1 is all of it. */
export interface Size {
  readonly share: number;
}

/** All of them, in the order of the table. */
export const BENCHMARKS: readonly Benchmark[] = [
  {
    name: "spawn",
    rows: [time("spawn to first answer, cold", "ms", { atMost: 1.15 })],
    ...both((side, some) => side.spawn(some(10))),
  },
  {
    name: "spawn-warm",
    rows: [{ ...time("spawn to first answer, pool / raw cold", "ms", { atLeast: 12 }), compare: "speedup" }],
    ours: async ({ share }) => [await troupe.spawnWarm(scaled(share, 10))],
    raw: async ({ share }) => [await raw.spawn(scaled(share, 10))],
  },
  {
    name: "spawn-100",
    rows: [time("spawn 100, all answered", "ms", { atMost: 1.1 })],
    ...both((side) => side.spawnMany(100)),
  },
  {
    name: "ask",
    rows: latencies("call round trip, one CPU", { atMost: 1 }, { atMost: 1.15 }),
    ours: async ({ share }) => ofLatency(await pinnedAsk("ours", scaled(share, 20_000))),
    raw: async ({ share }) => ofLatency(await pinnedAsk("raw", scaled(share, 20_000))),
  },
  {
    name: "ask-free",
    rows: latencies("call round trip, any CPU"),
    ours: async ({ share }) => ofLatency(await troupe.ask(scaled(share, 10_000))),
    raw: async ({ share }) => ofLatency(await raw.ask(scaled(share, 10_000))),
  },
  {
    name: "one-way",
    rows: [time("one-way messages", "/s", { atLeast: 3.5 })],
    ...both((side, some) => side.oneWay(some(200_000))),
  },
  {
    name: "broadcast",
    rows: [time("broadcast 1 to 32, deliveries", "/s", { atLeast: 15 })],
    ...both((side, some) => side.broadcast(32, some(4_000))),
  },
  {
    name: "bus",
    rows: [time("broadcast through the bus / raw to each", "/s")],
    ours: async ({ share }) => [await troupe.busBroadcast(32, scaled(share, 4_000))],
    raw: async ({ share }) => [await raw.broadcast(32, scaled(share, 4_000))],
  },
  {
    name: "ring",
    rows: [time("ring of 32, hops", "/s", { atLeast: 0.95 })],
    ...both((side, some) => side.ring(32, some(500))),
  },
  {
    name: "restart",
    rows: [time("crash to next answer, cold", "ms", { atMost: 1.15 })],
    ours: async ({ share }) => [await restart("ours", scaled(share, 10))],
    raw: async ({ share }) => [await restart("raw", scaled(share, 10))],
  },
  {
    name: "restart-warm",
    rows: [{ ...time("crash to next answer, pool / raw cold", "ms", { atLeast: 6 }), compare: "speedup" }],
    ours: async ({ share }) => [await troupe.restartWarm(scaled(share, 10))],
    raw: async ({ share }) => [await restart("raw", scaled(share, 10))],
  },
  {
    name: "memory",
    rows: [
      time("resident memory an idle actor, of 100", "MB", { atMost: 1.1 }),
      time("private memory an idle actor, of 100", "MB", { atMost: 1.1 }),
    ],
    ours: async () => ofFootprint(await footprint("ours", 100)),
    raw: async () => ofFootprint(await footprint("raw", 100)),
  },
  ...PYTHON,
  ...SERVE,
];

function both(
  measure: (side: Contender, some: (full: number) => number) => Promise<number>,
): Pick<Benchmark, "ours" | "raw"> {
  const one = (side: Contender) => async ({ share }: Size) => [
    await measure(side, (full) => scaled(share, full)),
  ];
  return { ours: one(troupe), raw: one(raw) };
}

function scaled(share: number, full: number): number {
  return Math.max(3, Math.round(full * share));
}

function time(label: string, unit: Row["unit"], target?: Row["target"]): Row {
  return { label, unit, compare: "ours/raw", target };
}

function latencies(label: string, p50?: Row["target"], p99?: Row["target"]): Row[] {
  return [time(`${label}, p50`, "µs", p50), time(`${label}, p99`, "µs", p99)];
}

function ofLatency({ p50, p99 }: Latency): number[] {
  return [p50, p99];
}

function ofFootprint({ rss, private: own }: Footprint): number[] {
  return [rss, own];
}
