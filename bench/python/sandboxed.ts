/**
 * Python as agents get it: the tool, its sandboxes, and a sandbox alone.
 *
 * @module
 */
import { executePython, executePythonGrant } from "../../actors/tools/execute_python.ts";
import { PythonSandbox } from "../../protocols/messages/python.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { ToolProtocol } from "../../protocols/messages/tool.ts";
import { findSnapshot } from "../../sandbox/python/assets.ts";
import { pythonSandbox } from "../../sandbox/python/sandbox.ts";
import { snapshotMaker } from "../../sandbox/python/snapshot_maker.ts";
import { System } from "../../supervisor/system.ts";
import { child, type ChildSettings } from "../../supervisor/tree/spec.ts";
import { busyCpus } from "../../tests/sandbox/corpus/busy.ts";
import { pythonCache } from "../../tests/support/python_cache.ts";
import { timed } from "../contender.ts";

/** Long enough for every measurement. */
const PATIENT = { timeoutMs: 120_000 };
/** MiB of Python's memory, as the tool gives it by default. */
const MEMORY_MB = 512;

/** The tool, started. */
export interface Tool {
  /** Resolves to the kind of the error, "none" without. */
  run(code: string, how?: { session?: string; timeoutMs?: number }): Promise<string>;
}

/** Runs `work` with the tool once its pool is filled. */
export async function withTool<Result>(
  sandboxes: number,
  work: (tool: Tool) => Promise<Result>,
): Promise<Result> {
  const cache = await pythonCache();
  const system = new System({ actors: [pythonSandbox, snapshotMaker] });
  try {
    const options = { cache, limits: { sandboxes, memoryMb: MEMORY_MB } };
    const settings = { grant: executePythonGrant(cache) };
    const tree = await system.start("bench", {
      children: [child("python", executePython, options, settings)],
    });
    const ref: ActorRef<ToolProtocol> = tree.ref(executePython.protocol as unknown as ToolProtocol, "python");
    const tool: Tool = { run: (code, how) => run(ref, code, how) };
    await tool.run("6 * 7");
    await quiet();
    return await work(tool);
  } finally {
    await system.close();
  }
}

async function run(
  ref: ActorRef<ToolProtocol>,
  code: string,
  { session, timeoutMs = 60_000 }: { session?: string; timeoutMs?: number } = {},
): Promise<string> {
  const stream = ref.stream("invoke", { code, session, timeout_ms: timeoutMs }, PATIENT);
  for await (const _ of stream); // what is printed is of no interest
  const outcome = await stream.reply;
  if (!outcome.ok) throw new Error(`Cannot measure Python: ${outcome.message}`);
  return JSON.parse(outcome.content).error?.kind ?? "none";
}

/** Resolves when nothing below this process has anything to do: pools are filled. */
export async function quiet(): Promise<void> {
  for (let tries = 0; tries < 50 && await busyCpus(200) > 0.1; tries++);
}

/** Milliseconds to the first result of a sandbox in a new process, then of a new interpreter in the same. */
export async function sandboxStarts(): Promise<{ process: number; interpreter: number }> {
  const snapshot = await findSnapshot(await pythonCache());
  if (snapshot === null) throw new Error("Cannot measure Python: its snapshot is gone");
  const system = new System();
  try {
    const tree = await system.start("bench", { children: [] });
    const settings: Partial<ChildSettings> = {
      grant: "none",
      provisions: { snapshot, memoryMb: MEMORY_MB, fileBytes: 128 * 1_048_576 },
    };
    let sandbox: ActorRef<typeof PythonSandbox> | undefined;
    const process = await timed(async () => {
      sandbox = await tree.add<typeof PythonSandbox>(child("sandbox", pythonSandbox, {}, settings));
      await first(sandbox);
    });
    const interpreter = await timed(async () => {
      await sandbox!.call("renew", {}, PATIENT);
      await first(sandbox!);
    });
    return { process, interpreter };
  } finally {
    await system.close();
  }
}

async function first(sandbox: ActorRef<typeof PythonSandbox>): Promise<void> {
  const stream = sandbox.stream("run", {
    code: "6 * 7",
    timeoutMs: 60_000,
    outputBytes: 65_536,
    resultBytes: 65_536,
    recursion: 1_000,
    files: [],
    filesOut: { files: 0, bytes: 0 },
    tools: [],
    packages: false,
  }, PATIENT);
  for await (const _ of stream); // nothing is printed
  const { value } = await stream.reply;
  if (value !== "42") throw new Error(`Cannot measure Python: it answered ${value}`);
}
