/**
 * `troupe run`: a new task.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import { limitsOf } from "./options.ts";
import { noteLine } from "./pieces.ts";
import type { Stage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { watchRun } from "./watch.ts";

/** Longest task read from stdin, in bytes. */
const MAX_TASK_BYTES = 8 * 1024 * 1024;

/** Starts a run and shows it. @throws {Fault} code `usage` without a task. */
export async function runTask(stage: Stage, argument: string | undefined): Promise<number> {
  const task = await taskOf(argument, stage.outside);
  if (stage.options.executor === "pyo3") {
    await stage.screen.write(noteLine("executor pyo3 is a native library; pyodide runs the Python instead"));
  }
  const runtime = await stage.runtime();
  return await watchRun(stage, await runtime.start(task, limitsOf(stage.options)));
}

/** What the argument stands for: "-" is the standard input, all else the task itself. */
async function taskOf(argument: string | undefined, outside: Surroundings): Promise<string> {
  const task = argument === "-" ? await readAll(outside.stdin()) : argument;
  if (task !== undefined && task.trim() !== "") return task;
  throw new Fault(
    "usage",
    `Cannot run: no task was given; for example: ${outside.command} run "Sort [38, 27, 43] in Python"`,
  );
}

async function readAll(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of chunks) {
    bytes += chunk.length;
    if (bytes > MAX_TASK_BYTES) {
      throw new Fault("usage", `Cannot read the task from stdin: it is longer than ${MAX_TASK_BYTES} bytes`);
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
