/**
 * `troupe run`: a new task.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import { limitsOf } from "./options.ts";
import { noteLine } from "./pieces.ts";
import { readStdin } from "./read_stdin.ts";
import type { Stage } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";
import { watchRun } from "./watch.ts";

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
  const task = argument === "-" ? await readStdin(outside, "task") : argument;
  if (task !== undefined && task.trim() !== "") return task;
  throw new Fault(
    "usage",
    `Cannot run: no task was given; for example: ${outside.command} run "Sort [38, 27, 43] in Python"`,
  );
}
