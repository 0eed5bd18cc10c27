/**
 * The actor of one Python sandbox: one process, one worker, one interpreter, one session.
 *
 * The worker has no permission from its first instruction, and before it takes a message nothing is left in it that
 * an interpreter does not need. The process is there because only its end stops a loop in C.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import {
  type PythonFile,
  type PythonItem,
  type PythonReply,
  PythonSandbox,
} from "../../protocols/messages/python.ts";
import {
  type ActorDefinition,
  defineActor,
  later,
  next,
  type StreamContext,
} from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import type { SandboxFile } from "./filesystem.ts";
import { type Interpreter, openInterpreter, type Run } from "./interpreter.ts";
import type { Provided } from "./provider.ts";

interface State {
  interpreter: Interpreter;
  busy: boolean;
  /** What comes of the latest run. */
  latest?: Promise<PythonReply>;
}

/** What this worker was provided with, and its first interpreter: both before there is a state. */
let provided: Provided | undefined;
let first: Interpreter | undefined;

/** Started with `provisions` as in provider.ts. */
export const pythonSandbox: ActorDefinition<typeof PythonSandbox, Record<string, never>> = defineActor({
  module: import.meta.url,
  protocol: PythonSandbox,
  isolation: "process",
  provider: new URL("./provider.ts", import.meta.url).href,
  prepare: async (value) => {
    provided = value as Provided;
    first = await newInterpreter();
  },
  init: (_options: Record<string, never>): State => ({ interpreter: first!, busy: false }),
  handle: {
    run: (state, { files, ...run }, context) => {
      if (state.busy) {
        throw new Fault("busy", "Cannot run code: other code runs in this sandbox", { retry: "later" });
      }
      state.busy = true;
      const ended = perform(state.interpreter, { ...run, files: files.map(decoded) } as Run, context);
      state.latest = ended.finally(() => state.busy = false);
      return later(state, state.latest);
    },
    answer: (state, { id, outcome }) => {
      state.interpreter.answer(id, { outcome });
      return next(state);
    },
    supply: (state, { id, wheels, native, refused }) => {
      state.interpreter.allowNative(native.map((base64) => Uint8Array.fromBase64(base64)));
      state.interpreter.answer(id, { wheels, refused });
      return next(state);
    },
    latest: (state) => {
      // Whoever gives code up asks this next, so an interrupt that came too late is not taken for one of other code.
      if (!state.busy) state.interpreter.calm();
      if (state.latest === undefined) {
        throw new Fault("no_run", "Cannot say what came of a run: there was none");
      }
      return later(state, state.latest);
    },
    async renew(state) {
      if (state.busy) {
        throw new Fault("busy", "Cannot renew a sandbox in which code runs", { retry: "later" });
      }
      return next({ interpreter: await newInterpreter(), busy: false }, null);
    },
  },
});

async function newInterpreter(): Promise<Interpreter> {
  const { module, fileBytes, stop } = provided!;
  return await openInterpreter(module, await image(), { fileBytes, stop });
}

function image(): Promise<Uint8Array<ArrayBuffer>> {
  const { images } = provided!;
  return new Promise((resolve) => {
    images.onmessage = ({ data }) => resolve(data);
    images.postMessage("more");
  });
}

async function perform(
  interpreter: Interpreter,
  run: Run,
  context: StreamContext<PythonItem>,
): Promise<PythonReply> {
  const interrupt = () => interpreter.interrupt();
  context.signal.addEventListener("abort", interrupt, { once: true });
  const { files, ...result } = await interpreter.run(run, {
    output: (channel, text) => context.push({ type: "output", channel, text }),
    call: (id, name, args) => context.push({ type: "call", id, name, arguments: args }),
    packages: (id, names) => context.push({ type: "packages", id, names: [...names] }),
  });
  return { ...result, paths: [...result.paths], files: files.map(encoded) };
}

function decoded({ path, base64 }: PythonFile): SandboxFile {
  return { path, bytes: Uint8Array.fromBase64(base64) };
}

function encoded({ path, bytes }: SandboxFile): PythonFile {
  return { path, base64: bytes.toBase64() };
}

if (import.meta.main) serve(pythonSandbox);
