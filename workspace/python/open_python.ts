/**
 * Python by itself, without an agent: the same sandboxes, behind one call.
 *
 * ```ts
 * import { openPython } from "@troupe/troupe/workspace";
 *
 * await using python = await openPython();
 * const { stdout, value, error } = await python.run("print('hi')\n6 * 7"); // "hi\n", "42", undefined
 * await python.run("x = 20", { session: "mine" });
 * await python.run("x + 1", { session: "mine" }); // value "21"
 * ```
 *
 * @module
 */
import { dirname, join, resolve } from "node:path";
import type { Capability } from "../../protocols/messages/capability.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { PythonError } from "../../protocols/messages/python.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Channel, ToolOutcome } from "../../protocols/messages/tool.ts";
import type { FileReport } from "../../protocols/messages/workspace_files.ts";
import { executePython, MAX_PYTHON_MS, PREPARING } from "../../actors/tools/execute_python.ts";
import { pythonSandbox } from "../../sandbox/python/sandbox.ts";
import { snapshotMaker } from "../../sandbox/python/snapshot_maker.ts";
import { System } from "../../supervisor/system.ts";
import { configHere } from "../config/here.ts";
import type { Config } from "../config/load.ts";
import { makeFolder } from "../runtime/folder.ts";
import { pythonKit, type PythonSetup } from "../runtime/python_tools.ts";

/** What Python is opened with. What is not said is as the configuration of this folder and environment says. */
export interface PythonOptions {
  /**
   * Folder whose files are in `/workspace` while code runs; it is made. What code changes there is written back.
   * Default: files of a session are in memory and nowhere else.
   */
  readonly workspace?: string;
  /** Whether code sees the files of the workspace. Default true. */
  readonly read?: boolean;
  /** Whether files are written back; without it a change is reported as refused. Default true. */
  readonly write?: boolean;
  /** Packages that may be fetched when they are imported. Default as configured, which is none. */
  readonly packages?: readonly string[];
  /** Folder for what takes seconds to make and is made once. Default as configured. */
  readonly cache?: string;
  /** Configuration file, instead of those that are looked for. */
  readonly config?: string;
}

/** What the command line says of Python. */
export interface PythonChoices {
  /** Folder. Default as configured. */
  readonly workspace?: string;
  /** False leaves the files of the workspace alone. */
  readonly files: boolean;
  /** Configuration file. */
  readonly config?: string;
}

/** How one piece of code is run. */
export interface PythonRunOptions {
  /** Whose names and files it uses; default a fresh interpreter for this run alone. */
  readonly session?: string;
  /** Begins the session anew. */
  readonly reset?: boolean;
  /** Milliseconds it may run, 100 to 300 000 and no more than configured. Default as configured: 30 000. */
  readonly timeoutMs?: number;
  /** Hears what is printed while the code runs, the first 65 536 characters of it. */
  readonly onOutput?: (channel: Channel, text: string) => void;
  /** Called when Python has to be prepared first, which takes seconds and is done once on a machine. */
  readonly onPreparing?: () => void;
  /** Stops the code; the run then rejects with code `cancelled`. */
  readonly signal?: AbortSignal;
}

/** What came of a run. An exception of the code is no exception here. */
export interface PythonResult {
  /** What was printed, cut at the limit of its bytes and then with a note of how many were dropped. */
  readonly stdout: string;
  /** The same of `sys.stderr`. */
  readonly stderr: string;
  /** `repr` of the last expression; null when there was none or it was None. */
  readonly value: string | null;
  /** What became of files of `/workspace`. */
  readonly files: readonly FileReport[];
  /** Files that were too many or too large to be written back. Absent when there are none. */
  readonly filesOmitted?: number;
  /** Absent when the code ran to its end. */
  readonly error?: PythonError;
}

/** Runs Python. */
export interface Python extends AsyncDisposable {
  /**
   * Runs code; runs of one session wait for one another.
   * @throws {Fault} codes `cancelled`, `bad_request` for options out of bounds, and those of a tool that cannot work.
   */
  run(code: string, options?: PythonRunOptions): Promise<PythonResult>;
  /** Ends every session and its process. */
  close(): Promise<void>;
}

/** Bytes kept of each output of a run where the configuration does not say: here no model has to read it. */
const OUTPUT_BYTES = 4 * 1024 * 1024;
/** Milliseconds around a run: what it starts from, files, packages. */
const AROUND_MS = 150_000;

/** Opens Python; the first run starts it. @throws {Fault} codes `config_...`. */
export async function openPython(options: PythonOptions = {}): Promise<Python> {
  const { workspace, read = true, write = true, packages, cache, config: file } = options;
  const config = configHere({}, file);
  const allow = packages ?? config.python.packages.allow;
  const settings = { ...config.python, packages: { ...config.python.packages, allow } };
  const granted: Capability[] = [
    ...read ? ["FileRead" as const] : [],
    ...write ? ["FileWrite" as const] : [],
  ];
  return await start(config, {
    workspace: workspace === undefined ? null : resolve(workspace),
    granted,
    settings,
    ...(cache === undefined ? {} : { cache: resolve(cache) }),
  });
}

/**
 * Opens Python as an agent would have it: with the configured workspace and rights. No interpreter is kept ready
 * beside the one that is used.
 * @throws {Fault} codes `config_...`.
 */
export async function openConfiguredPython(
  { workspace, files, config: file }: PythonChoices,
): Promise<Python> {
  const config = configHere({ workspace }, file);
  return await start(config, {
    workspace: files ? config.workspace : null,
    granted: config.tools.granted,
    settings: { warm: 0, ...config.python },
  });
}

async function start(
  { cache, db, python }: Config,
  chosen: Omit<PythonSetup, "cache" | "lock" | "tools"> & { readonly cache?: string },
): Promise<Python> {
  if (chosen.workspace !== null) makeFolder(chosen.workspace);
  const settings = { outputBytes: OUTPUT_BYTES, ...python, ...chosen.settings };
  const lock = join(dirname(db), "python.lock.json");
  const setup: PythonSetup = { cache, lock, tools: [], ...chosen, settings };
  const { actors, tool } = pythonKit(setup);
  const system = new System({ actors: [pythonSandbox, snapshotMaker] });
  try {
    const tree = await system.start("python", { children: [...actors, tool.child] });
    return new Sandboxed(system, tree.ref(executePython.protocol, executePython.tool.name));
  } catch (error) {
    await system.close();
    throw error;
  }
}

class Sandboxed implements Python {
  constructor(
    private readonly system: System,
    private readonly tool: ActorRef<typeof executePython.protocol>,
  ) {}

  async run(code: string, options: PythonRunOptions = {}): Promise<PythonResult> {
    const { session, reset, timeoutMs, onOutput, onPreparing, signal } = options;
    const asked = {
      code,
      ...(session === undefined ? {} : { session }),
      ...(reset === undefined ? {} : { reset }),
      ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
    };
    const stream = this.tool.stream("invoke", asked, { timeoutMs: MAX_PYTHON_MS + AROUND_MS, signal });
    let first = true;
    for await (const item of stream) {
      if (item.type !== "output") continue;
      if (first && item.text === PREPARING) onPreparing?.();
      else onOutput?.(item.channel, item.text);
      first = false;
    }
    return resultOf(await stream.reply);
  }

  async close(): Promise<void> {
    await this.system.close();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

function resultOf(outcome: ToolOutcome): PythonResult {
  if (outcome.ok) {
    const { files_omitted: filesOmitted, ...result } = JSON.parse(outcome.content);
    return { ...result, ...(filesOmitted === undefined ? {} : { filesOmitted }) };
  }
  const { kind, message } = outcome;
  throw new Fault(kind === "denied" ? "denied" : "python_failed", `Cannot run Python: ${message}`);
}
