/**
 * Interpreters in raw workers, for the tests of this folder.
 *
 * @module
 */
import {
  type InterpreterOptions,
  pyodideDirectory,
  type PythonResult,
  type PythonRun,
} from "../../../sandbox/python/interpreter.ts";

/** An interpreter in a worker of its own. */
export interface PythonWorker {
  /** What the worker may still do after opening. */
  granted: string[];
  run(code: string, how?: PythonRun): Promise<PythonResult>;
  [Symbol.dispose](): void;
}

/** What the worker answered instead of a result. */
export class Refused extends Error {
  readonly code: string;

  constructor({ code, message }: { code: string; message: string }) {
    super(message);
    this.code = code;
  }
}

/** Far more than opening takes on a slow machine; only a broken interpreter needs it. */
const PATIENCE_MS = 60_000;

/** Opens one. `permissions` default to what it needs. Rejects with {@linkcode Refused} as `openInterpreter` does. */
export async function openPython(
  open: InterpreterOptions = {},
  permissions: Deno.PermissionOptions = { read: [pyodideDirectory()] },
): Promise<PythonWorker> {
  const worker = new Worker(import.meta.resolve("./python_worker.ts"), {
    type: "module",
    deno: { permissions },
  });
  const ask = (message: unknown) => {
    const { promise, resolve, reject } = Promise.withResolvers<{ opened: string[]; result: PythonResult }>();
    const refuse = (code: string, message: string) => reject(new Refused({ code, message }));
    const timer = setTimeout(() => refuse("hung", `no answer within ${PATIENCE_MS} ms`), PATIENCE_MS);
    worker.onmessage = ({ data: { failed, ...answer } }) =>
      failed ? refuse(failed.code, failed.message) : resolve(answer);
    worker.onerror = (event) => {
      event.preventDefault();
      refuse("worker_ended", event.message);
    };
    worker.postMessage(message);
    return promise.finally(() => clearTimeout(timer));
  };
  try {
    const { opened } = await ask({ open });
    return {
      granted: opened,
      run: async (code, how) => (await ask({ code, how })).result,
      [Symbol.dispose]: () => worker.terminate(),
    };
  } catch (error) {
    worker.terminate();
    throw error;
  }
}
