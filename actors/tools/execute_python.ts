/**
 * The tool that runs Python.
 *
 * @module
 */
import {
  type Interpreter,
  type InterpreterOptions,
  openInterpreter,
  preloadPython,
  pyodideDirectory,
} from "../../sandbox/python/interpreter.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { defineTool } from "./tool.ts";

/** Milliseconds a run may take when the call does not say. */
const DEFAULT_TIMEOUT_MS = 30_000;
/** Milliseconds a call may ask for. Whoever watches over the actor must not count it as hung before. */
export const MAX_PYTHON_MS = 300_000;
/** Milliseconds kept back of the caller's deadline so that the report of a stopped run still arrives. */
const REPORT_MS = 500;

/** What {@linkcode executePython} needs until its interpreter is open: to read Pyodide. Then it gives that up. */
export const executePythonGrant = (): Permissions => ({ read: [pyodideDirectory()] });

/**
 * `{ code, session?, timeout_ms? }`; answers with the JSON text of a `PythonResult`: stdout, stderr, value, error. An
 * exception of the code is such an answer too, it is data for the model.
 *
 * One actor holds one interpreter and up to 32 sessions, each with globals of its own. Who must not see what another
 * changed in modules or temporary files needs an actor of its own. Running code again that was cut off is harmless
 * to the world, of which it reaches nothing; the globals of its session may then have been changed twice.
 */
export const executePython = defineTool({
  module: import.meta.url,
  name: "execute_python",
  description:
    "Runs Python 3.14 with its standard library, without files, network or packages of this machine. " +
    'Names defined stay for later calls of the same session. Returns JSON: { "stdout", "stderr", "value" (repr of ' +
    'the last expression or null), "error" (when it failed: kind, message, traceback) }.',
  parameters: (z) =>
    z.object({
      code: z.string().describe("Python source; may use await at the top level"),
      session: z.string().max(200).optional().describe('Whose names to use; default "main"'),
      timeout_ms: z.int().min(100).max(MAX_PYTHON_MS).optional()
        .describe(`Milliseconds it may run; default ${DEFAULT_TIMEOUT_MS}`),
    }),
  settle: "repeatable",
  isolation: "process",
  grant: executePythonGrant(),
  open: (options: InterpreterOptions): Promise<Interpreter> => openInterpreter(options),
  async invoke(python, { code, session, timeout_ms = DEFAULT_TIMEOUT_MS }, { clock, deadline = Infinity }) {
    const left = Math.max(1, deadline - clock.now() - REPORT_MS);
    return JSON.stringify(await python.run(code, { session, timeoutMs: Math.min(timeout_ms, left) }));
  },
});

if (import.meta.main) {
  preloadPython();
  serve(executePython);
}
