import assert from "node:assert/strict";
import type { ToolContext } from "../../../actors/tools/invocation.ts";
import { type Ran, runIn } from "../../../actors/tools/python_call.ts";
import { Sandboxes } from "../../../actors/tools/python_sandboxes.ts";
import { PythonSandbox } from "../../../protocols/messages/python.ts";
import { SnapshotMaker, snapshotMaker } from "../../../sandbox/python/snapshot_maker.ts";
import type { Children } from "../../../supervisor/actor/define.ts";
import type { System } from "../../../supervisor/system.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../../supervisor/tree/supervisor.ts";
import { onStage } from "../../supervisor/stage.ts";
import { falseSandbox } from "../../workers/false_sandbox.ts";

const RUN = {
  timeoutMs: 2_000,
  outputBytes: 65_536,
  resultBytes: 65_536,
  recursion: 1_000,
  files: [],
  filesOut: { files: 200, bytes: 1_000_000 },
  tools: [],
  packages: false,
};

/** Sandboxes of which each is a false one; `stopped` gets the names of those that were stopped. */
function falseSandboxes(system: System, stopped: string[]): Sandboxes {
  const trees = new Map<string, Supervisor>();
  const children = {
    async start(name: string, actor: unknown) {
      if (actor === snapshotMaker) {
        return { call: () => Promise.resolve({ path: "", sha256: "" }) } as unknown as typeof SnapshotMaker;
      }
      const settings = { restart: "never", shutdownMs: 500, hungAfterMs: 0 } as const;
      const tree = await system.start(name, { children: [child("false", falseSandbox, {}, settings)] });
      trees.set(name, tree);
      return tree.ref(PythonSandbox, "false");
    },
    async stop(name: string) {
      if (!trees.has(name)) return;
      stopped.push(name);
      await trees.get(name)!.stop();
    },
    keep: () => Promise.resolve(),
  };
  return new Sandboxes(children as unknown as Children, "", {
    memoryMb: 1,
    fileBytes: 1,
    sandboxes: 3,
    warm: 0,
  });
}

/** What a call of the tool would do; what it hands on of the sandbox's words is added to `told`. */
function call(sandboxes: Sandboxes, code: string, told: unknown[]): Promise<Ran> {
  const context = {
    signal: new AbortController().signal,
    output: (channel: string, text: string) => told.push([channel, text.length]),
    decided: (decision: unknown) => told.push(decision),
    use: (name: string) => (told.push(name), Promise.resolve({ ok: true, content: "" })),
  } as unknown as ToolContext;
  const limits = { ...RUN, timeoutMs: code === "silence" ? 200 : RUN.timeoutMs };
  return sandboxes.use("session", false, async (sandbox) => {
    const ran = await runIn(sandbox, { ...limits, code }, context, null);
    return { result: ran, healthy: !ran.reply.broken };
  });
}

const LIES: Record<string, { kind?: string; message: RegExp; told?: unknown[] }> = {
  "a reply that is none": { message: /something that is not/ },
  "no reply": { message: /not an object/ },
  "a reply without its parts": { message: /not a list/ },
  "a path outside": { message: /not a path/ },
  "too large a value": { message: /not a text/ },
  "too many files": { message: /not a list/ },
  "an unknown item": { message: /not an item/ },
  "a decision": { message: /not an item/ },
  "an item that is none": { message: /not an object/ },
  "a call with a number for an id": { message: /not a text/ },
  "more output than there may be": {
    message: /more than a program may print/,
    told: Array(2).fill(["stdout", 50_000]),
  },
  "an answer nobody asked for": { message: /nobody waits for/ },
  "an item of a stream nobody asked for": { message: /not open/ },
  "two answers": { message: /something that is not|nobody waits for/ },
  "words that are no frame": { message: /killed for what it said/ },
  "silence": { kind: "timeout", message: /ran longer than 200 ms/ },
};

Deno.test("a sandbox that lies is stopped, its caller is told, and the next call has another one", () =>
  onStage(async ({ system }) => {
    const stopped: string[] = [];
    const sandboxes = falseSandboxes(system, stopped);
    for (const [lie, { kind = "stopped", message, told: expected = [] }] of Object.entries(LIES)) {
      const before = stopped.length, told: unknown[] = [];
      const { reply, printed } = await call(sandboxes, lie, told);
      assert.deepEqual([reply.error?.kind, reply.broken, reply.value], [kind, true, null], lie);
      assert.match(reply.error!.message, message, lie);
      assert.deepEqual([reply.files, reply.paths, printed.stderr], [[], [], ""], lie);
      assert.deepEqual(told, expected, lie);
      assert.equal(stopped.length, before + 1, lie);
      const { reply: next } = await call(sandboxes, "honest", told);
      assert.deepEqual([next.value, next.error, next.broken], ["1", undefined, false], `after ${lie}`);
    }
  }));
