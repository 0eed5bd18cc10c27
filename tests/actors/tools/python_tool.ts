/**
 * The tool that runs Python, at work in a tree with what it may use.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  executePython,
  executePythonGrant,
  type ExecutePythonOptions,
} from "../../../actors/tools/execute_python.ts";
import {
  workspaceFiles,
  workspaceFilesGrant,
  type WorkspaceFilesOptions,
} from "../../../actors/tools/workspace_files.ts";
import { Packages } from "../../../protocols/messages/packages.ts";
import type { PythonError } from "../../../protocols/messages/python.ts";
import type { ActorRef, ActorStream, CallOptions } from "../../../protocols/messages/ref.ts";
import type { Artifact, ToolItem, ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import { type FileReport, WorkspaceFiles } from "../../../protocols/messages/workspace_files.ts";
import { pythonSandbox } from "../../../sandbox/python/sandbox.ts";
import { snapshotMaker } from "../../../sandbox/python/snapshot_maker.ts";
import { type ActorChild, child } from "../../../supervisor/tree/spec.ts";
import { pythonCache } from "../../support/python_cache.ts";
import { onStage, type Stage } from "../../supervisor/stage.ts";

/** What a call of the tool answers. */
export interface Answer {
  stdout: string;
  stderr: string;
  value: string | null;
  files: FileReport[];
  files_omitted?: number;
  error?: PythonError;
}

/** The arguments of a call beside the code. */
export interface Arguments {
  session?: string;
  timeout_ms?: number;
  reset?: boolean;
}

/** The tool at work. */
export interface PythonTool {
  readonly stage: Stage;
  readonly ref: ActorRef<ToolProtocol>;
  invoke(code: string, args?: Arguments, options?: CallOptions): ActorStream<ToolItem, ToolOutcome>;
  /** The answer of a call that must give one. */
  run(code: string, args?: Arguments): Promise<Answer>;
  /** The value of code that must not fail. */
  value(code: string, args?: Arguments): Promise<string | null>;
  /** The artifacts of a call. */
  artifacts(code: string, args?: Arguments): Promise<readonly Artifact[]>;
  /** Runs code and answers what it asks of other tools; null leaves it waiting. */
  serve(
    code: string,
    answer: (name: string, args: unknown) => ToolOutcome | null,
    args?: Arguments,
  ): Promise<{ answer: Answer; items: ToolItem[] }>;
}

/** What the tool of a test may use. */
export interface PythonSetting extends Partial<Pick<ExecutePythonOptions, "limits" | "tools">> {
  /** Default none. */
  readonly files?: WorkspaceFilesOptions;
  /** Answers the protocol {@linkcode Packages}. Its name is "packages". */
  readonly packages?: ActorChild;
}

/** Runs a test with the tool. */
export async function withPython(
  test: (tool: PythonTool) => Promise<void>,
  { files, packages, limits, tools }: PythonSetting = {},
): Promise<void> {
  const cache = await pythonCache();
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [
        ...files === undefined
          ? []
          : [child("files", workspaceFiles, files, { grant: workspaceFilesGrant(files) })],
        ...packages === undefined ? [] : [packages],
        child("python", executePython, (started) => ({
          cache,
          limits,
          tools,
          files: files === undefined ? null : started.ref(WorkspaceFiles, "files"),
          packages: packages === undefined ? null : started.ref(Packages, "packages"),
        }), { grant: executePythonGrant(cache) }),
      ],
    });
    await test(atWork(stage, tree.ref(executePython.protocol as unknown as ToolProtocol, "python")));
  }, { actors: [pythonSandbox, snapshotMaker] });
}

function atWork(stage: Stage, ref: ActorRef<ToolProtocol>): PythonTool {
  const invoke: PythonTool["invoke"] = (code, args, options) =>
    ref.stream("invoke", { code, ...args }, { timeoutMs: 60_000, ...options });
  return {
    stage,
    ref,
    invoke,
    run: async (code, args) => answerIn(await invoke(code, args).reply),
    async value(code, args) {
      const { error, value } = answerIn(await invoke(code, args).reply);
      assert.equal(error, undefined, `${code}: ${JSON.stringify(error)}`);
      return value;
    },
    async artifacts(code, args) {
      const outcome = await invoke(code, args).reply;
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.artifacts ?? [];
    },
    async serve(code, answer, args) {
      const stream = invoke(code, args), items: ToolItem[] = [];
      for await (const item of stream) {
        items.push(item);
        if (item.type !== "call") continue;
        const outcome = answer(item.name, JSON.parse(item.arguments));
        if (outcome !== null) ref.cast("answer", { id: item.id, outcome });
      }
      return { answer: answerIn(await stream.reply), items };
    },
  };
}

/** What the model is told, parsed. */
export function answerIn(outcome: ToolOutcome): Answer {
  assert.ok(outcome.ok, JSON.stringify(outcome));
  return JSON.parse(outcome.content);
}
