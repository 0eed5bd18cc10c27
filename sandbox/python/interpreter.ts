/**
 * A Python interpreter (CPython compiled to WebAssembly by Pyodide) in a worker that may do nothing.
 *
 * The worker starts with one permission, to read the folder Pyodide lies in, and gives it back before any user
 * code runs. So what holds the code is Deno's permission check, not Python: no file of this machine, no network,
 * no environment, no process. What is not held: sessions share one interpreter, each with globals of its own, but one
 * sees what another changed in modules and in the files below `/`; and code that digs for it can reach the JavaScript
 * of its own worker. Python's memory is limited as long as it does not.
 *
 * @module
 */
import type { PyodideAPI } from "pyodide";
import { Fault } from "../../protocols/messages/fault.ts";
import { Alarm } from "./alarm.ts";
import { CappedOutput } from "./capped_output.ts";
import { renouncePermissions, requireLimitedPermissions } from "./renounce.ts";
import { type Outcome, RUNNER, RUNNER_FILE } from "./runner.ts";

/** How a run went wrong. */
export interface PythonError {
  /** `exception` an uncaught one, `timeout` it was stopped, `exit` it called `sys.exit`. */
  kind: "exception" | "timeout" | "exit";
  /** "ZeroDivisionError: division by zero". */
  message: string;
  /** As Python prints it, with the frames of user code only, the last 20 of them. */
  traceback: string;
}

/** What came of a run. Each text is cut at the interpreter's `outputBytes` and then says how much was dropped. */
export interface PythonResult {
  /** What was printed. */
  stdout: string;
  /** What was printed to `sys.stderr`. */
  stderr: string;
  /** `repr` of the last expression; null when there was none or it was None. */
  value: string | null;
  /** Absent when the code ran to its end. */
  error?: PythonError;
}

/** How to run. */
export interface PythonRun {
  /** Whose globals to use; made when first named. Default "main". */
  session?: string;
  /**
   * Milliseconds until the code is interrupted, default 30 000. Python notices between its own instructions and
   * while it waits; code that sits in one long C call, or catches the interrupt again and again, goes on
   * until its process is killed.
   */
  timeoutMs?: number;
}

/** An open interpreter. It ends with its worker. One run at a time. */
export interface Interpreter {
  /**
   * Runs code, which may use `await`. Code that ends the interpreter itself (`os.abort()`) makes this reject or,
   * where Pyodide gives no chance, ends the worker with an uncaught error.
   * @throws {Fault} code `broken`: nothing runs here any more, open another interpreter in another worker.
   */
  run(code: string, how?: PythonRun): Promise<PythonResult>;
}

/** Limits of an interpreter. */
export interface InterpreterOptions {
  /** Of stdout, stderr, value and the texts of an error, each. Default 65 536. */
  outputBytes?: number;
  /** Sessions kept; beyond it the least recently used is forgotten. Default 32. */
  sessions?: number;
  /** Memory of Python in MiB, 40 of them for itself; beyond it code gets a MemoryError. Default 512. */
  memoryMb?: number;
}

/** Where Pyodide lies: the one folder the worker must be allowed to read, and only while it opens. */
export function pyodideDirectory(): string {
  return decodeURIComponent(new URL(".", import.meta.resolve("pyodide")).pathname);
}

/**
 * Loads Python and gives up every permission of this worker. Takes seconds: do it before it is needed.
 * @throws {Fault} code `not_contained` when this thread has unlimited permissions (nothing was changed then), or
 * when some remain after giving them up.
 */
export async function openInterpreter(options: InterpreterOptions = {}): Promise<Interpreter> {
  const { outputBytes = 65_536, sessions = 32, memoryMb = 512 } = options;
  const python = await (loading ?? load());
  loading = undefined;
  limitMemory(memoryMb);
  const stdout = new CappedOutput(outputBytes), stderr = new CappedOutput(outputBytes);
  python.setStdout({ write: (bytes) => stdout.write(bytes) });
  python.setStderr({ write: (bytes) => stderr.write(bytes) });
  const alarm = new Alarm();
  // Declared as a typed array, used as anything with an element 0.
  python.setInterruptBuffer(alarm as unknown as Uint8Array);
  const scope: Map<string, unknown> = python.toPy({
    OUTPUT_BYTES: outputBytes,
    MAX_SESSIONS: sessions,
    RUNNER_FILE,
  });
  python.runPython(RUNNER, { globals: scope as never, filename: RUNNER_FILE });
  const runner: Runner = {
    execute: scope.get("execute") as Runner["execute"],
    expire: scope.get("expire") as Runner["expire"],
  };
  return {
    async run(code, { session = "main", timeoutMs = 30_000 } = {}) {
      const { value, error } = await supervised(runner, alarm, code, session, timeoutMs);
      const result: PythonResult = { stdout: stdout.take(), stderr: stderr.take(), value };
      if (error !== undefined) result.error = named(error, alarm.rung, timeoutMs);
      return result;
    },
  };
}

/**
 * Begins to load Python before anybody asks for it, so that a worker that waits in a pool is ready. Like
 * {@linkcode openInterpreter}, which then uses what was loaded, it gives up every permission of this worker.
 */
export function preloadPython(): void {
  loading = load();
  // Whoever opens the interpreter is told why it failed.
  loading.catch(() => {});
}

let loading: Promise<PyodideAPI> | undefined;

async function load(): Promise<PyodideAPI> {
  requireLimitedPermissions();
  const { loadPyodide } = await import("pyodide");
  const python = await loadPyodide({
    env: { HOME: "/home" },
    // Both would otherwise be what the worker has: its globals, and the path of this program.
    jsglobals: Object.create(null),
    _sysExecutable: "/bin/python",
    // The default asks the terminal.
    stdin: () => null,
  });
  renouncePermissions(pyodideDirectory());
  return python;
}

interface Runner {
  execute(code: string, session: string): Promise<string>;
  expire(): void;
}

/** The alarm reaches code that computes, the timer code that waits: only then can it fire. */
async function supervised(
  runner: Runner,
  alarm: Alarm,
  code: string,
  session: string,
  timeoutMs: number,
): Promise<Outcome> {
  const timer = setTimeout(() => {
    alarm.ring();
    runner.expire();
  }, timeoutMs);
  alarm.set(timeoutMs);
  try {
    return JSON.parse(await runner.execute(code, session));
  } catch (error) {
    throw new Fault("broken", `Cannot go on with this Python interpreter: ${firstLine(error)}`, {
      retry: "later",
      cause: error,
    });
  } finally {
    clearTimeout(timer);
    alarm.disarm();
  }
}

function named(error: NonNullable<Outcome["error"]>, rung: boolean, timeoutMs: number): PythonError {
  const { kind, traceback } = error;
  if (kind !== "interrupted") return { kind, message: error.message, traceback };
  if (!rung) return { kind: "exception", message: error.message, traceback };
  return { kind: "timeout", message: `The code was stopped: it ran longer than ${timeoutMs} ms`, traceback };
}

function firstLine(error: unknown): string {
  return String(error).split("\n", 1)[0]!;
}

/** Python turns a memory that cannot grow into a MemoryError; one that can grows until the machine has none. */
function limitMemory(mebibytes: number): void {
  const grow = WebAssembly.Memory.prototype.grow;
  WebAssembly.Memory.prototype.grow = function (pages) {
    if (this.buffer.byteLength + pages * 65_536 > mebibytes * 1_048_576) {
      throw new RangeError(`Cannot grow the memory of Python: memoryMb is ${mebibytes}`);
    }
    return grow.call(this, pages);
  };
}
