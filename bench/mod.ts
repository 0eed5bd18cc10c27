/**
 * `deno task bench`: this runtime beside raw Deno workers, in one run.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { type Benchmark, BENCHMARKS } from "./benchmarks.ts";
import { pinning } from "./probe.ts";
import { table } from "./report.ts";
import { run } from "./rounds.ts";

const USAGE = `Usage: deno task bench [options]

  --only <name>   only this benchmark; may be repeated
                  ${BENCHMARKS.map(({ name }) => name).join(", ")}
  --rounds <n>    default 5
  --quick         2 rounds, each a fifth as long
  --pin           everything on one CPU (needs taskset)
  --json          findings as JSON instead of a table
`;

const NOTES = `
Ours and raw take turns in each of the rounds, with new workers every time; figures are medians of the
rounds, ratios medians of the rounds' ratios (ours / raw; in "pool" lines raw cold / ours).
Raw is a Deno worker, a direct MessagePort and a plain object of 114 bytes of JSON; beside Python it is plain
Pyodide in such a worker, and its calls are timed inside. In the lines of A2A raw is the same run without A2A, and
the same events out of bare Deno.serve; in that of MCP it is the reference of the protocol's library on Express, run by
the same Deno, with the same tools, which it declares for each request anew as its examples do.`;

async function main(args: string[]): Promise<number> {
  const { values } = parseArgs({
    args,
    options: {
      only: { type: "string", multiple: true },
      rounds: { type: "string" },
      quick: { type: "boolean", default: false },
      pin: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return (print(USAGE), 0);
  if (values.pin) return await again(args.filter((arg) => arg !== "--pin"));
  const rounds = Number(values.rounds ?? (values.quick ? 2 : 5));
  const benchmarks = chosen(values.only);
  const findings = await run(benchmarks, rounds, { share: values.quick ? 0.2 : 1 }, progress);
  progress("");
  print(
    values.json ? JSON.stringify(findings, null, 2) + "\n" : table(findings) + "\n" + await notes() + "\n",
  );
  return 0;
}

/** This program once more, bound to one CPU. */
async function again(args: string[]): Promise<number> {
  const before = await pinning();
  if (before.length === 0) throw new Error('Cannot bind to one CPU: there is no "taskset"');
  const deno = [Deno.execPath(), "run", "--no-prompt", "--allow-all", import.meta.url];
  const [program, ...rest] = [...before, ...deno, ...args];
  return (await new Deno.Command(program!, { args: rest, stdout: "inherit", stderr: "inherit" }).spawn()
    .status)
    .code;
}

function chosen(only: readonly string[] | undefined): Benchmark[] {
  const names = new Set(only ?? BENCHMARKS.map(({ name }) => name));
  const benchmarks = BENCHMARKS.filter(({ name }) => names.delete(name));
  if (names.size > 0) {
    throw new Error(`Cannot measure "${[...names].join('", "')}": not a benchmark\n\n${USAGE}`);
  }
  return benchmarks;
}

async function notes(): Promise<string> {
  const bound = (await pinning()).length > 0
    ? '"One CPU" lines run in processes bound to one CPU: a wake across CPUs costs more than all else.'
    : 'Without "taskset" the "one CPU" lines ran on any CPU: read them with care.';
  return `${NOTES}\n${bound}`;
}

function progress(text: string): void {
  const encoder = new TextEncoder();
  if (Deno.stderr.isTerminal()) Deno.stderr.writeSync(encoder.encode(`\r\x1b[K${text}`));
  else if (text !== "") Deno.stderr.writeSync(encoder.encode(`${text}\n`));
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}

Deno.exitCode = await main(Deno.args);
