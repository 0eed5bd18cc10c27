/**
 * Python in sandboxes beside plain Pyodide.
 *
 * @module
 */
import { busyCpus } from "../../tests/sandbox/corpus/busy.ts";
import type { Benchmark, Row } from "../benchmarks.ts";
import { median, timed } from "../contender.ts";
import { memoryBelow } from "./memory.ts";
import { plainStart, plainTenth } from "./plain.ts";
import { quiet, sandboxStarts, type Tool, withTool } from "./sandboxed.ts";

/** A small calculation, as a model would ask for. */
const TASK = "sum(n * n for n in range(1000))";
/** Sandboxes open at the same time. */
const OPEN = 16;
/** Milliseconds a runaway is given. */
const LIMIT_MS = 500;

/** What does not end by itself. */
const RUNAWAYS: Record<string, string> = {
  "a loop": "while True: pass",
  "a loop that swallows": "while True:\n  try:\n    while True: pass\n  except BaseException: pass",
  "a loop in C": "from collections import deque\nfrom itertools import repeat\ndeque(repeat(0), maxlen=0)",
  "a regular expression": "import re\nre.match(r'(a+)+$', 'a' * 40 + 'b')",
  "a sleep": "import time\ntime.sleep(1e6)",
  "a wait that swallows":
    "import asyncio\nwhile True:\n  try:\n    await asyncio.sleep(1e6)\n  except BaseException: pass",
  "a flood": "while True: print('x' * 100)",
};

/** All of them, in the order of the table. */
export const PYTHON: readonly Benchmark[] = [
  {
    name: "python-start",
    rows: [
      row("Python, fresh process to first result", "ms", "ours/raw", { atMost: 0.3 }),
      row("Python, fresh interpreter in a process", "ms", "ours/raw", { atMost: 0.15 }),
    ],
    async ours() {
      const { process, interpreter } = await sandboxStarts();
      return [process, interpreter];
    },
    async raw() {
      const load = await plainStart();
      return [load, load];
    },
  },
  {
    name: "python-pool",
    rows: [row("Python, from the pool to first result", "ms", "ours", { atMost: 15 })],
    ours: ({ share }) =>
      withTool(OPEN, async (tool) => {
        const taken: number[] = [];
        for (let i = 0; i < Math.max(3, 7 * share); i++) {
          taken.push(await timed(() => tool.run("6 * 7")));
          await quiet();
        }
        return [median(taken)];
      }),
    raw: nothing(1),
  },
  {
    name: "python-call",
    rows: [row("Python, 10th call of a session", "ms", "ours-raw", { atMost: 3 })],
    ours: () => withTool(OPEN, async (tool) => [await tenth(tool)]),
    raw: async () => [await plainTenth(TASK)],
  },
  {
    name: "python-memory",
    rows: [
      row(`${OPEN} open sandboxes, all memory`, "MB", "ours", { atMost: 2_400 }),
      row("  of it Deno's program, shared", "MB", "ours"),
      row("  of it large blocks: Python, heaps", "MB", "ours"),
      row("  of it small blocks", "MB", "ours"),
      row("  of it files and libraries", "MB", "ours"),
    ],
    ours: () =>
      withTool(OPEN, async (tool) => {
        for (let i = 0; i < OPEN; i++) await tool.run(TASK, { session: `session-${i}` });
        await quiet();
        const { total, program, large, small, files } = memoryBelow();
        return [total, program, large, small, files];
      }),
    raw: nothing(5),
  },
  {
    name: "python-runaway",
    rows: [
      ...Object.keys(RUNAWAYS).map((name) =>
        row(`Python, limit to answer: ${name}`, "ms", "ours", { atMost: 1_000 })
      ),
      row("CPUs busy afterwards", "CPU", "ours", { atMost: 0.2 }),
    ],
    ours: () =>
      withTool(OPEN, async (tool) => {
        const late: number[] = [];
        for (const code of Object.values(RUNAWAYS)) late.push(await lateness(tool, code));
        await quiet();
        return [...late, await busyCpus(1_000)];
      }),
    raw: nothing(Object.keys(RUNAWAYS).length + 1),
  },
];

/** Milliseconds of the tenth call and the ten after it; the median. */
async function tenth(tool: Tool): Promise<number> {
  const taken: number[] = [];
  for (let call = 1; call <= 20; call++) {
    taken.push(await timed(() => tool.run(TASK, { session: "tenth" })));
    if (call === 1) await quiet(); // the spare sandbox that took its place in the pool starts meanwhile
  }
  return median(taken.slice(9));
}

/** Milliseconds from its limit to its answer, in a session that is open. */
async function lateness(tool: Tool, code: string): Promise<number> {
  await tool.run("6 * 7", { session: "runaway" });
  return await timed(() => tool.run(code, { session: "runaway", timeoutMs: LIMIT_MS })) - LIMIT_MS;
}

function row(label: string, unit: Row["unit"], compare: Row["compare"], target?: Row["target"]): Row {
  return { label, unit, compare, target };
}

/** Where plain Pyodide has nothing to show: it has no pool and does not stop. */
function nothing(rows: number): () => Promise<number[]> {
  return () => Promise.resolve(new Array<number>(rows).fill(NaN));
}
