/**
 * What the corpus is run against: anything that runs Python and answers as the tool `execute_python` does.
 *
 * @module
 */
import { executePython } from "../../../actors/tools/execute_python.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { ToolProtocol } from "../../../protocols/messages/tool.ts";
import { System } from "../../../supervisor/system.ts";
import { child } from "../../../supervisor/tree/spec.ts";

/** What a call says; of the parsed JSON nothing is taken on trust, see `judge.ts`. */
export interface Answer {
  stdout: string;
  stderr: string;
  value: string | null;
  files?: unknown[];
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

/** The tool, in a tree as an agent's would be. */
export async function openTool(): Promise<Subject> {
  const system = new System({});
  const tree = await system.start("corpus", {
    intensity: { restarts: 1_000, withinMs: 60_000 },
    children: [child("python", executePython, {}, { startMs: 60_000, warm: 1 })],
  });
  const tool: ActorRef<ToolProtocol> = tree.ref(executePython.protocol as unknown as ToolProtocol, "python");
  return {
    async run(code, { session, timeoutMs }) {
      const stream = tool.stream("invoke", { code, session, timeout_ms: timeoutMs }, {
        timeoutMs: PATIENCE_MS,
      });
      const outcome = await stream.reply;
      if (!outcome.ok) throw new Error(`the tool failed: ${outcome.message}`);
      return JSON.parse(outcome.content);
    },
    close: () => system.close(),
  };
}
