/**
 * Sealed interpreters in workers, without actors around them.
 *
 * @module
 */
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { compilePython, findSnapshot } from "../../../sandbox/python/assets.ts";
import type { PackageAnswer, Run, RunResult } from "../../../sandbox/python/interpreter.ts";
import { pythonCache } from "../../support/python_cache.ts";

/** What the worker is told. */
export type Ask =
  | { op: "open"; module: WebAssembly.Module; image: Uint8Array<ArrayBuffer>; fileBytes: number }
  | { op: "run"; run: Run }
  | { op: "answer"; id: string; answer: { outcome: ToolOutcome } | PackageAnswer }
  | { op: "interrupt" };

/** What a program says while it runs. */
export type Item =
  | { op: "output"; channel: "stdout" | "stderr"; text: string }
  | { op: "call"; id: string; name: string; args: string }
  | { op: "packages"; id: string; names: string[] };

/** What the worker says. */
export type Said =
  | Item
  | { op: "opened"; globals: string[] }
  | { op: "ended"; result: RunResult }
  | { op: "failed"; message: string };

/** A run with what it printed. */
export type Ran = RunResult & { readonly stdout: string; readonly stderr: string };

/** An interpreter in a worker of its own. */
export interface Python {
  /** Runs code; `hear` gets what it says meanwhile. Rejects with what the interpreter threw. */
  run(code: string, how?: Partial<Run>, hear?: (item: Item) => void): Promise<Ran>;
  /** Sends something to the run. */
  tell(ask: Ask): void;
  /** Puts a new interpreter into the same worker. Resolves to the names of its globals. */
  renew(): Promise<string[]>;
  [Symbol.dispose](): void;
}

/** Bounds of an interpreter. */
export interface PythonBounds {
  /** Default 256. */
  memoryMb?: number;
  /** Default 16 MiB. */
  fileBytes?: number;
  /** Of the worker. Default none. */
  permissions?: Deno.PermissionOptions;
}

const DEFAULT_RUN: Omit<Run, "code"> = {
  tools: [],
  packages: false,
  resultBytes: 65_536,
  recursion: 1_000,
  timeoutMs: 20_000,
  outputBytes: 65_536,
  files: [],
  filesOut: { files: 200, bytes: 16 * 1024 * 1024 },
};

/** Opens one. */
export async function openPython(
  { memoryMb = 256, fileBytes = 16 * 1024 * 1024, permissions = "none" }: PythonBounds = {},
): Promise<Python> {
  const { path } = (await findSnapshot(await pythonCache()))!;
  const image = Deno.readFileSync(path), module = await compilePython(memoryMb);
  const worker = new Worker(import.meta.resolve("./python_worker.ts"), {
    type: "module",
    deno: { permissions },
  });
  const { port1: port, port2 } = new MessageChannel();
  worker.postMessage(port2, [port2]);
  const ask = (message: Ask, hear: (item: Item) => void = () => {}) => {
    const { promise, resolve, reject } = Promise.withResolvers<Said & { op: "opened" | "ended" }>();
    worker.onerror = (
      event,
    ) => (event.preventDefault(), reject(new Error(`its worker ended: ${event.message}`)));
    port.onmessage = ({ data }: MessageEvent<Said>) => {
      if (data.op === "failed") reject(new Error(data.message));
      else if (data.op === "opened" || data.op === "ended") resolve(data);
      else hear(data);
    };
    port.postMessage(message);
    return promise;
  };
  const renew = async () => {
    const said = await ask({ op: "open", module, image, fileBytes });
    return said.op === "opened" ? said.globals : [];
  };
  const python: Python = {
    async run(code, how, hear) {
      const printed = { stdout: "", stderr: "" };
      const said = await ask({ op: "run", run: { ...DEFAULT_RUN, ...how, code } }, (item) => {
        if (item.op === "output") printed[item.channel] += item.text;
        hear?.(item);
      });
      if (said.op !== "ended") throw new Error("it opened instead of running");
      return { ...said.result, ...printed };
    },
    tell: (message) => port.postMessage(message),
    renew,
    [Symbol.dispose]() {
      port.close();
      worker.terminate();
    },
  };
  try {
    await renew();
    return python;
  } catch (error) {
    python[Symbol.dispose]();
    throw error;
  }
}
