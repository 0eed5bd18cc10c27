/**
 * Serving beside what it serves: tasks over A2A beside the runs that answer them, its streams beside bare ones, calls
 * over MCP beside the reference of the protocol's library.
 *
 * @module
 */
import type { Benchmark, Row } from "../benchmarks.ts";
import { callsPerSecond } from "./mcp_calls.ts";
import { type Taken, taskLatencies } from "./overhead.ts";
import { openStreams } from "./streams.ts";

/** Tasks of a round, of each kind. */
const TASKS = 200;
/** Calls of a tool of a round. */
const CALLS = 4_000;
/** Streams open at the same time. */
const STREAMS = 1_000;

/** All of them, in the order of the table. */
export const SERVE: readonly Benchmark[] = [
  {
    name: "a2a-send",
    rows: [
      row("A2A message/send / the run alone, p50", "ms", "ours-raw"),
      row("A2A message/send / the run alone, p99", "ms", "ours-raw"),
    ],
    ours: async ({ share }) => (await taken("ours", TASKS * share)).a2a,
    raw: async ({ share }) => (await taken("raw", TASKS * share)).bare,
  },
  {
    name: "a2a-streams",
    rows: [
      row(`${STREAMS} streams, lost before their last event`, "streams", "ours", { atMost: 0 }),
      row("memory a stream adds to its server", "KB", "ours-raw"),
      row("the end, until the last stream has it", "ms", "ours-raw"),
    ],
    ours: () => streams("a2a"),
    raw: () => streams("bare"),
  },
  {
    name: "mcp-calls",
    rows: [row("MCP tools/call of 45 tools / Express reference", "/s", "ours/raw", { atLeast: 3 })],
    ours: async ({ share }) => [await callsPerSecond("ours", CALLS * share)],
    raw: async ({ share }) => [await callsPerSecond("express", CALLS * share)],
  },
];

let measured: { readonly by: "ours" | "raw"; readonly both: Promise<Taken> } | undefined;

/** Both kinds take turns task by task, so whichever side of a round comes first measures for both. */
async function taken(side: "ours" | "raw", count: number): Promise<Taken> {
  const before = measured;
  measured = before === undefined || before.by === side
    ? { by: side, both: taskLatencies(count) }
    : undefined;
  return await (measured ?? before!).both;
}

async function streams(way: "a2a" | "bare"): Promise<number[]> {
  const { lost, memory, ending } = await openStreams(way, STREAMS);
  return [lost, memory, ending];
}

function row(label: string, unit: Row["unit"], compare: Row["compare"], target?: Row["target"]): Row {
  return { label, unit, compare, target };
}
