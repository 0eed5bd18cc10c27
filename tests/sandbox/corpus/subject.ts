/**
 * What the corpus is run against: anything that runs Python and answers as the tool `execute_python` does.
 *
 * @module
 */
import { executePython, executePythonGrant } from "../../../actors/tools/execute_python.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { ToolProtocol } from "../../../protocols/messages/tool.ts";
import { pythonSandbox } from "../../../sandbox/python/sandbox.ts";
import { snapshotMaker } from "../../../sandbox/python/snapshot_maker.ts";
import { System } from "../../../supervisor/system.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { pythonCache } from "../../support/python_cache.ts";

/** What a call says; of the parsed JSON nothing is taken on trust, see `judge.ts`. */
export interface Answer {
  stdout: string;
  stderr: string;
  value: string | null;
  files?: unknown[];
  files_omitted?: number;
  error?: { kind: string; message: string; traceback: string };
}

/** How to run. */
export interface Call {
  /** Whose names to use; without one a fresh interpreter. */
  session?: string;
  timeoutMs: number;
}

/** Something under test. */
export interface Subject {
  /** Rejects when no answer comes at all: that is always a failure of the subject. */
  run(code: string, call: Call): Promise<Answer>;
  close(): Promise<void>;
}

/** Longer than any call of the corpus may take; who reaches it has hung. */
const PATIENCE_MS = 20_000;

/** Programs at a time, and interpreters ready for them: one for each CPU of a small machine. */
export const LANES = 2;

/** The tool, in a tree as an agent's would be, with less memory than usual so that filling it is soon done. */
export async function openTool(): Promise<Subject> {
  const options = { cache: await pythonCache(), limits: { memoryMb: 256, sandboxes: 8, warm: LANES } };
  const system = new System({ actors: [pythonSandbox, snapshotMaker] });
  const settings = { grant: executePythonGrant(options.cache) };
  const tree = await system.start("corpus", {
    children: [child("python", executePython, options, settings)],
  });
  const tool: ActorRef<ToolProtocol> = tree.ref(executePython.protocol as unknown as ToolProtocol, "python");
  return {
    async run(code, { session, timeoutMs }) {
      const stream = tool.stream("invoke", { code, session, timeout_ms: timeoutMs }, {
        timeoutMs: PATIENCE_MS,
      });
      for await (const _ of stream); // what is printed is in the reply, too
      const outcome = await stream.reply;
      if (!outcome.ok) throw new Error(`the tool failed: ${outcome.message}`);
      return JSON.parse(outcome.content);
    },
    close: () => system.close(),
  };
}
