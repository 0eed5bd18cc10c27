import assert from "node:assert/strict";
import type { ZodRawShape } from "zod";
import { calculator } from "../../../actors/tools/calculator.ts";
import { echo } from "../../../actors/tools/echo.ts";
import { listFiles, listFilesGrant } from "../../../actors/tools/list_files.ts";
import { readFile, readFileGrant } from "../../../actors/tools/read_file.ts";
import { timestamp } from "../../../actors/tools/timestamp.ts";
import type { ToolDefinition } from "../../../actors/tools/tool.ts";
import { writeFile, writeFileGrant } from "../../../actors/tools/write_file.ts";
import type { ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import type { ActorRef, CallOptions } from "../../../protocols/messages/ref.ts";
import type { Grant } from "../../../supervisor/actor/grant.ts";
import { child, type ChildSettings } from "../../../supervisor/tree/spec.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { onStage, type Stage } from "../../supervisor/stage.ts";

Deno.test("tools without permissions work in workers that have none", () =>
  onStage(async (stage) => {
    const call = await start(stage, echo, {});
    assert.deepEqual(await call({ text: "hello" }), { ok: true, content: "hello" });
    const calculate = await start(stage, calculator, {});
    assert.deepEqual(await calculate({ expression: "(2 + 3) * 4" }), { ok: true, content: "20" });
    const failed = await calculate({ expression: "1 / 0" });
    assert.equal(failed.ok ? "calculated" : failed.kind, "permanent");
    const time = await start(stage, timestamp, {});
    const told = await time({});
    assert.match(told.ok ? told.content : "", /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  }));

Deno.test("arguments that do not fit are refused before the tool sees them", () =>
  onStage(async (stage) => {
    const call = await start(stage, echo, {});
    const refused = (args: unknown, message: RegExp) =>
      assert.rejects(call(args), { code: "bad_request", message });
    await refused({}, /"text" is missing/);
    await refused({ text: 1 }, /text: expected string/);
    await refused({ text: "a", more: 1 }, /more: not allowed/);
    await refused("text", /expected object/);
    assert.deepEqual(await call({ text: "still there" }), { ok: true, content: "still there" });
    assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
  }));

Deno.test("file tools work with exactly the workspace granted", () =>
  onStage((stage) =>
    inFolder(async (workspace) => {
      const write = await start(stage, writeFile, { workspace }, writeFileGrant(workspace));
      assert.ok((await write({ path: "a/b.txt", content: "hello" })).ok);
      const read = await start(stage, readFile, { workspace }, readFileGrant(workspace));
      assert.deepEqual(await read({ path: "a/b.txt" }), { ok: true, content: "hello" });
      const list = await start(stage, listFiles, { workspace }, listFilesGrant(workspace));
      assert.deepEqual(await list({ path: ".", recursive: true }), { ok: true, content: "a/\na/b.txt" });
    })
  ));

Deno.test("a workspace that is a link works under the grant of its own name", () =>
  onStage((stage) =>
    inFolder(async (folder) => {
      Deno.mkdirSync(`${folder}/real`);
      Deno.symlinkSync("real", `${folder}/ws`);
      const workspace = `${folder}/ws`;
      const write = await start(stage, writeFile, { workspace }, writeFileGrant(workspace));
      assert.ok((await write({ path: "new/a.txt", content: "hello" })).ok);
      assert.equal(Deno.readTextFileSync(`${folder}/real/new/a.txt`), "hello");
    })
  ));

Deno.test("a tool outside its grant is denied, and its actor lives", () =>
  onStage((stage) =>
    inFolder(async (folder) => {
      for (const name of ["ws", "other"]) Deno.mkdirSync(`${folder}/${name}`);
      Deno.writeTextFileSync(`${folder}/ws/a.txt`, "old");
      const workspace = `${folder}/ws`;
      const denied = async (outcome: Promise<ToolOutcome>) => {
        const { ok, ...rest } = await outcome;
        assert.deepEqual({ ok, kind: (rest as { kind?: string }).kind }, { ok: false, kind: "denied" });
      };
      const reader = await start(stage, readFile, { workspace }, readFileGrant(`${folder}/other`));
      await denied(reader({ path: "a.txt" }));
      const nobody = await start(stage, listFiles, { workspace });
      await denied(nobody({ path: "." }));
      const writer = await start(stage, writeFile, { workspace }, readFileGrant(workspace));
      await denied(writer({ path: "a.txt", content: "new" }));
      const message = "Cannot use ../other/a.txt: it is outside the workspace";
      assert.deepEqual(await writer({ path: "../other/a.txt", content: "new" }), {
        ok: false,
        kind: "denied",
        message,
      });
      assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), "old");
      assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
    })
  ));

/** Starts a tree of that one tool and gives a way to invoke it. */
async function start<Options, Shape extends ZodRawShape>(
  { system }: Stage,
  definition: ToolDefinition<Options, Shape>,
  options: NoInfer<Options>,
  grant?: Grant,
  settings: Partial<ChildSettings> = {},
): Promise<(args: unknown, options?: CallOptions) => Promise<ToolOutcome>> {
  const granted = grant === undefined ? settings : { ...settings, grant };
  const tree = await system.start(definition.tool.name, {
    children: [child("tool", definition, options, granted)],
  });
  const ref: ActorRef<ToolProtocol> = tree.ref(definition.protocol as unknown as ToolProtocol, "tool");
  return (args, options) => ref.stream("invoke", args, options).reply;
}
