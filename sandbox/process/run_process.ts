/**
 * Runs one command to its end, and everything it started with it.
 *
 * Limits: time, bytes of output, processes. However it ends (by itself, at a limit, because the caller gave up, or
 * because this program died), no process of it stays. {@linkcode WATCH_SCRIPT} tells how, and what escapes.
 *
 * @module
 */
import { Family, MARK_VARIABLE, type WatchAlarm } from "./family.ts";
import {
  type OnOutput,
  type ProgramExit,
  type ProgramOutput,
  type ProgramSpec,
  type RunningProgram,
  startProgram,
} from "./program.ts";
import { THREADS_EACH } from "./watch_script.ts";

/** What to run: a program with its arguments, or a script for bash. */
export type Runnable = { readonly program: string; readonly args: readonly string[] } | {
  readonly script: string;
};

/** One command. */
export interface ProcessRun {
  /** `program` is an absolute path. */
  readonly run: Runnable;
  /** Absolute path of bash: scripts run in it, and so does the watch. */
  readonly bash: string;
  /** Absolute path. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Default {@linkcode PROCESS_LIMITS}. */
  readonly limits?: Partial<ProcessLimits>;
  /** Ends it when aborted. */
  readonly signal?: AbortSignal;
  /** Hears the output as it comes, as much of it as is kept. */
  readonly onOutput?: OnOutput;
  /** Starts the program; by default this thread does. */
  readonly start?: (spec: ProgramSpec, onOutput?: OnOutput) => RunningProgram | Promise<RunningProgram>;
}

/** How much one command may use. */
export interface ProcessLimits {
  /** Milliseconds. */
  readonly timeoutMs: number;
  /** Bytes kept of each of its two outputs. */
  readonly outputBytes: number;
  /** Processes at once, threads not counted. */
  readonly processes: number;
}

const MARKED = `{
  read -r _ _ _ threads _ < /proc/loadavg
  ulimit -c 0
  ulimit -u $((\${threads#*/} + $1))
  ulimit -x "$0"
} 2> /dev/null
shift
exec "$@"`;

/** What nobody said otherwise. */
export const PROCESS_LIMITS: ProcessLimits = { timeoutMs: 30_000, outputBytes: 32 * 1024, processes: 256 };

/** How a command ended and what it wrote. */
export interface ProcessResult extends ProgramExit, ProgramOutput {
  /** Why it was ended; null when it ended by itself. */
  readonly stopped: "timeout" | "cancelled" | WatchAlarm | null;
  /** Processes that not even KILL ended. */
  readonly left: number;
}

/**
 * Runs it. A command that fails, or is ended at a limit, is a result; nothing of it runs any more then.
 * @throws {Fault} code `not_found`, `denied` or `failed` when it cannot be started; `broken` when it cannot be watched.
 */
export async function runProcess(command: ProcessRun): Promise<ProcessResult> {
  const { cwd, signal, start = startProgram, onOutput } = command;
  const { timeoutMs, outputBytes, processes } = { ...PROCESS_LIMITS, ...command.limits };
  signal?.throwIfAborted();
  const family = new Family(command.bash, processes);
  const env = { ...command.env, [MARK_VARIABLE]: family.mark };
  let program: RunningProgram;
  try {
    program = await start({ ...programOf(command, family.mark), cwd, env, outputBytes }, onOutput);
  } catch (error) {
    await family.end("stop");
    throw error;
  }
  program.output.catch(() => {}); // awaited below, after what may fail first
  family.lead(program.pid);
  const [stopped, failure] = await firstOf(program, family, timeoutMs, signal);
  const { left, alarm } = await family.end(stopped === null ? "end" : "stop");
  if (failure !== undefined) throw failure;
  return { ...await program.exited, ...await program.output, stopped: stopped ?? alarm, left };
}

/** Bash gives itself mark and limit before it becomes the bash that runs the script: nothing of it ever runs without. */
function programOf(
  { run, bash, limits }: ProcessRun,
  mark: string,
): Pick<ProgramSpec, "program" | "args"> {
  if ("program" in run) return run;
  const room = String(THREADS_EACH * (limits?.processes ?? PROCESS_LIMITS.processes));
  return { program: bash, args: ["-c", MARKED, mark, room, bash, "-c", run.script] };
}

/** Why it is to be ended, null when it ended by itself; or how even waiting for it failed. */
async function firstOf(
  { exited }: RunningProgram,
  { alarm }: Family,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<[ProcessResult["stopped"], unknown?]> {
  const { promise, resolve } = Promise.withResolvers<[ProcessResult["stopped"], unknown?]>();
  const cancel = () => resolve(["cancelled"]);
  const timer = setTimeout(() => resolve(["timeout"]), timeoutMs);
  signal?.addEventListener("abort", cancel, { once: true });
  if (signal?.aborted) cancel();
  exited.then(() => resolve([null]), (error) => resolve(["cancelled", error]));
  void alarm.then((why) => resolve([why]));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", cancel);
  }
}
