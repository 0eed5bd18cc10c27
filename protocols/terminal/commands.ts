/**
 * The commands of the shell, as data.
 *
 * @module
 */
import type { Command } from "commander";
import {
  addressOptions,
  assumeOption,
  auditOption,
  keptAt,
  limitOptions,
  limitsOf,
  listingOptions,
  modelOptions,
  outputOptions,
  programOptions,
  pythonOptions,
  storageOptions,
  wholeNumber,
} from "./options.ts";
import { mcp } from "./mcp.ts";
import { python } from "./python.ts";
import { runTask } from "./run.ts";
import { serve } from "./serve.ts";
import { DEFAULT_LISTED, listRuns, MAX_LISTED } from "./runs.ts";
import { showRun } from "./show.ts";
import type { CommandBody, Stage } from "./stage.ts";
import { watchRun } from "./watch.ts";

/** A command as people see it, and what it does. */
export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Name in brackets as commander writes it, and what it is. */
  readonly argument?: readonly [name: string, description: string];
  readonly options: readonly ((command: Command) => Command)[];
  /** Command lines without the name of the program. */
  readonly examples: readonly string[];
  readonly body: CommandBody;
}

const RUN_ID = ["<run>", "id of the run, as `runs` lists it"] as const;

/** In the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  {
    name: "run",
    summary: "Give an agent a task; the answer goes to stdout, all else to stderr",
    argument: ["[task]", "what to do; - reads it from stdin"],
    options: [modelOptions, programOptions, limitOptions, storageOptions, outputOptions],
    examples: [
      'run "Write merge sort in Python and sort [38, 27, 43, 3, 9, 82, 10]"',
      'run "Summarise notes.md" --model gpt-4o --max-usd 0.05 --timeout 120',
      "run --quiet - < task.txt > answer.txt",
      'run "How many primes are below 1000?" --json | jq -r .type',
    ],
    body: runTask,
  },
  {
    name: "resume",
    summary: "Go on with a run that was interrupted, failed or reached a limit",
    argument: RUN_ID,
    options: [assumeOption, modelOptions, limitOptions, storageOptions, outputOptions],
    examples: [
      "resume 01jd0v7m3q8x",
      "resume 01jd0v7m3q8x --max-turns 50",
      "resume 01jd0v7m3q8x --assume not-done",
    ],
    body: async (stage, run = "") => {
      const { options, runtime } = stage;
      return await watchRun(stage, await (await runtime()).resume(run, limitsOf(options), options.assume));
    },
  },
  {
    name: "runs",
    summary: "List runs, newest first",
    options: [
      (command) =>
        command.option(
          "--limit <n>",
          `how many (default: ${DEFAULT_LISTED}, at most ${MAX_LISTED})`,
          wholeNumber,
        ),
      storageOptions,
      listingOptions,
    ],
    examples: ["runs", "runs --limit 5 --json | jq -r .run"],
    body: listRuns,
  },
  {
    name: "show",
    summary: "Print the transcript of a run",
    argument: RUN_ID,
    options: [auditOption, storageOptions, listingOptions],
    examples: [
      "show 01jd0v7m3q8x",
      "show 01jd0v7m3q8x --json | jq .entries",
      "show 01jd0v7m3q8x --audit",
    ],
    body: showRun,
  },
  {
    name: "replay",
    summary: "Play a run again from its journal, without calling a model or a tool",
    argument: RUN_ID,
    options: [storageOptions, outputOptions],
    examples: ["replay 01jd0v7m3q8x", "replay 01jd0v7m3q8x --json"],
    body: async (stage, run = "") => await watchRun(stage, await (await stage.runtime()).replay(run)),
  },
  {
    name: "python",
    summary: "Run Python in a sandbox: a program, or what is typed at a prompt",
    argument: ["[file]", "the program; - reads it from stdin; none at a terminal is a prompt"],
    options: [pythonOptions],
    examples: [
      "python",
      "python sort.py --workspace ./data",
      "python - < program.py",
      "python untrusted.py --no-files --timeout 5 --json | jq .value",
    ],
    body: python,
  },
  {
    name: "serve",
    summary: "Answer over HTTP: tasks over A2A, tools over MCP",
    options: [addressOptions, modelOptions, programOptions, storageOptions, listingOptions],
    examples: [
      "serve",
      "serve --port 8080 --public-url https://troupe.example.com",
      "serve --port 0 --json | jq -r .mcp",
    ],
    body: serve,
  },
  {
    name: "mcp",
    summary: "Answer over stdin and stdout, for MCP hosts that start a program",
    options: [modelOptions, programOptions, storageOptions],
    examples: ["mcp", "mcp --workspace ./data"],
    body: mcp,
  },
  {
    name: "demo",
    summary: "Watch a scripted team of agents; needs no key and no network",
    options: [storageOptions, outputOptions],
    examples: ["demo"],
    body: demo,
  },
];

async function demo(stage: Stage): Promise<number> {
  const handle = await (await stage.runtime()).demo();
  const code = await watchRun(stage, handle, true);
  if (stage.options.json || stage.options.quiet) return code;
  const hint = `replay it with: ${stage.outside.command} replay ${handle.run}${keptAt(stage.options)}\n`;
  await stage.screen.write([{ to: "stderr", text: hint }]);
  return code;
}
