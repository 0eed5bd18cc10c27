import assert from "node:assert/strict";
import { z } from "zod";
import { calculator } from "../../../actors/tools/calculator.ts";
import { echo } from "../../../actors/tools/echo.ts";
import { annotationsOf } from "../../../actors/tools/annotations.ts";
import { applyPatch } from "../../../actors/tools/apply_patch.ts";
import { checkPolicy } from "../../../actors/tools/check_policy.ts";
import { executePython } from "../../../actors/tools/execute_python.ts";
import { listFiles } from "../../../actors/tools/list_files.ts";
import { readFile } from "../../../actors/tools/read_file.ts";
import { runCommand } from "../../../actors/tools/run_command.ts";
import { timestamp } from "../../../actors/tools/timestamp.ts";
import { defineTool } from "../../../actors/tools/tool.ts";
import { resultSchema, toolSpec } from "../../../actors/tools/tool_spec.ts";
import { writeFile } from "../../../actors/tools/write_file.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import { ToolSpec } from "../../../protocols/messages/model.ts";
import type { Capability } from "../../../protocols/messages/capability.ts";
import type { FailureKind, SettleClass } from "../../../protocols/messages/tool.ts";
import { makeGuard } from "../../../supervisor/actor/guard.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { invoke } from "./invoke.ts";

const TOOLS = [
  echo,
  calculator,
  timestamp,
  readFile,
  writeFile,
  listFiles,
  applyPatch,
  checkPolicy,
  runCommand,
  executePython,
];

function failing(error: unknown) {
  return defineTool({
    module: import.meta.url,
    name: "failing",
    description: "Fails.",
    parameters: (z) => z.object({}),
    settle: "repeatable",
    invoke: () => {
      throw error;
    },
  });
}

Deno.test("what a tool throws is told to the model, with the kind that fits", async () => {
  const cases: [unknown, FailureKind][] = [
    [new Deno.errors.NotFound("m"), "not_found"],
    [new Deno.errors.NotCapable("m"), "denied"],
    [new Deno.errors.PermissionDenied("m"), "denied"],
    [new Fault("not_found", "m"), "not_found"],
    [new Fault("denied", "m"), "denied"],
    [new Fault("busy", "m", { retry: "later" }), "transient"],
    [new Fault("bad_path", "m"), "permanent"],
    [new TypeError("m"), "permanent"],
    ["m", "permanent"],
  ];
  for (const [error, kind] of cases) {
    assert.deepEqual(
      await invoke(failing(error), {}, {}),
      { ok: false, kind, message: "m" },
      String(error),
    );
  }
});

Deno.test("a tool that cannot go on takes its actor with it", async () => {
  const broken = invoke(failing(new Fault("broken", "m")), {}, {});
  // Not as a Fault, which the kernel takes for an answer.
  await assert.rejects(broken, (error: Error) => !(error instanceof Fault) && error.message === "m");
});

Deno.test("a tool's state is what it opened", async () => {
  const opened = defineTool({
    module: import.meta.url,
    name: "counting",
    description: "Counts.",
    parameters: (z) => z.object({ by: z.int().optional() }),
    settle: "ask",
    open: async ({ from }: { from: number }) => await Promise.resolve(from * 10),
    invoke: (state, { by = 1 }) => ({ ok: true, content: String(state + by) }),
  });
  assert.deepEqual(await invoke(opened, { from: 2 }, { by: 3 }), { ok: true, content: "23" });
  assert.deepEqual(await invoke(opened, { from: 2 }, {}), { ok: true, content: "21" });
  const { annotations: _annotations, ...known } = opened.tool;
  assert.deepEqual(known, { name: "counting", description: "Counts.", settle: "ask", needs: [] });
  assert.equal(opened.grant, "none");
  assert.equal(opened.isolation, "worker");
});

Deno.test("arguments are typed by the parameters, the state by what opens it", () => {
  defineTool({
    module: import.meta.url,
    name: "typed",
    description: "",
    parameters: (z) => z.object({ text: z.string() }),
    settle: "repeatable",
    // @ts-expect-error there is no such argument
    keeps: "session",
    // @ts-expect-error there is no `txet`
    invoke: (_state, { txet }) => txet,
  });
  // @ts-expect-error nothing opens it, so there is no state
  defineTool({
    module: import.meta.url,
    name: "stateless",
    description: "",
    parameters: (z) => z.object({}),
    settle: "repeatable",
    invoke: ({ from }: { from: number }) => String(from),
  });
});

Deno.test("a tool's specification is what the kernel checks calls with", () => {
  const { name, description, parameters } = toolSpec(readFile);
  assert.equal(name, "read_file");
  assert.equal(description, readFile.tool.description);
  assert.deepEqual(Object.keys(parameters), ["type", "properties", "required", "additionalProperties"]);
  assert.deepEqual(parameters.required, ["path"]);
  assert.equal(parameters.additionalProperties, false);
  const guard = makeGuard(z.toJSONSchema(readFile.protocol.messages(z).invoke.request, { io: "input" }));
  assert.equal(guard({ path: "a" }), undefined);
  assert.match(guard({ path: "a", mode: 1 })!, /mode/);
  assert.match(guard({ offset: 1 })!, /path/);
});

Deno.test("every tool's specification is well-formed, described and named apart", () => {
  const specs = TOOLS.map((tool) => toolSpec(tool));
  for (const spec of specs) {
    ToolSpec(z).parse(spec);
    assert.match(spec.name, /^[a-z_]{1,64}$/);
    assert.ok(spec.description.length > 20);
    assert.equal(spec.parameters.type, "object");
    assert.equal(spec.parameters.additionalProperties, false);
    makeGuard(spec.parameters);
  }
  assert.equal(new Set(specs.map(({ name }) => name)).size, TOOLS.length);
});

Deno.test("echo returns its input", async () => {
  assert.deepEqual(await invoke(echo, {}, { text: "a\nb" }), { ok: true, content: "a\nb" });
});

Deno.test("timestamp tells the time of its clock in UTC to the second", async () => {
  const clock = new HandClock(Date.UTC(2026, 2, 22, 10, 0, 0, 999));
  assert.deepEqual(await invoke(timestamp, {}, {}, clock), {
    ok: true,
    content: "2026-03-22T10:00:00Z",
  });
});

Deno.test("what a call does is told in hints: as the declaration has it, else the worst such a tool can do", () => {
  const words = (hints: ReturnType<typeof annotationsOf>) =>
    Object.entries(hints).filter(([, holds]) => holds).map(([hint]) => hint).join(" ");
  assert.deepEqual(Object.fromEntries(TOOLS.map(({ tool }) => [tool.name, words(tool.annotations)])), {
    echo: "readOnly idempotent",
    calculator: "readOnly idempotent",
    timestamp: "readOnly idempotent",
    read_file: "readOnly idempotent",
    write_file: "destructive idempotent",
    list_files: "readOnly idempotent",
    apply_patch: "destructive idempotent",
    check_policy: "readOnly idempotent",
    run_command: "destructive openWorld",
    execute_python: "destructive openWorld",
  });
  const declared = (settle: SettleClass, ...needs: Capability[]) => ({ settle, needs, uses: false });
  const network = declared("repeatable", "Network");
  assert.equal(words(annotationsOf(network)), "destructive idempotent openWorld");
  assert.equal(
    words(annotationsOf(declared("repeatable", "Custom(mail)"))),
    "destructive idempotent openWorld",
  );
  assert.equal(words(annotationsOf(declared("ask", "FileRead"))), "destructive");
  assert.equal(words(annotationsOf(declared("ask"), { destructive: false })), "");
  assert.equal(words(annotationsOf(network, { readOnly: true })), "readOnly idempotent openWorld");
});

Deno.test("a tool that answers with JSON says what that is, and only such a tool does", () => {
  const described = TOOLS.flatMap((tool) => {
    const schema = resultSchema(tool);
    return schema === undefined ? [] : [[tool.tool.name, schema.type, schema.required]];
  });
  assert.deepEqual(described, [
    ["check_policy", "object", ["verdict", "rule", "reason", "parts"]],
    ["run_command", "object", ["exit_code", "stdout", "stderr"]],
    ["execute_python", "object", ["stdout", "stderr", "value", "files"]],
  ]);
  const { properties } = resultSchema(executePython) as {
    properties: Record<string, { properties: object }>;
  };
  assert.deepEqual(properties.error!.properties, {
    kind: { type: "string", enum: ["exception", "timeout", "memory", "stopped", "denied"] },
    message: { type: "string" },
    traceback: { type: "string" },
  });
});
