import assert from "node:assert/strict";
import { applyPatch, applyPatchGrant } from "../../../actors/tools/apply_patch.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { onStage } from "../../supervisor/stage.ts";
import { content, invoke } from "./invoke.ts";

const PATCH = "--- a/a.txt\n+++ b/a.txt\n@@ -1,2 +1,3 @@\n a\n-b\n+B\n+c\n" +
  "--- /dev/null\n+++ b/new/b.txt\n@@ -0,0 +1 @@\n+new\n" +
  "diff --git a/old.txt b/moved.txt\nold mode 100644\nnew mode 100755\nrename from old.txt\nrename to moved.txt\n";

function inWorkspace(body: (workspace: string) => Promise<void>): Promise<void> {
  return inFolder(async (workspace) => {
    Deno.writeTextFileSync(`${workspace}/a.txt`, "a\nb\n");
    Deno.writeTextFileSync(`${workspace}/old.txt`, "old\n");
    await body(workspace);
  });
}

async function refusal(workspace: string, diff: string): Promise<Extract<ToolOutcome, { ok: false }>> {
  const outcome = await invoke(applyPatch, { workspace }, { diff });
  assert.ok(!outcome.ok);
  return outcome;
}

const read = (workspace: string, path: string) => Deno.readTextFileSync(`${workspace}/${path}`);

Deno.test("apply_patch changes files, says what it did, and names the patch that undoes it", () =>
  inWorkspace(async (workspace) => {
    const lines = (await content(applyPatch, { workspace }, { diff: PATCH })).split("\n");
    assert.deepEqual(lines.slice(0, -1), [
      "Applied.",
      "modify a.txt (+2 -1)",
      "create new/b.txt (+1 -0)",
      "rename old.txt -> moved.txt (+0 -0, now executable)",
    ]);
    assert.equal(read(workspace, "a.txt"), "a\nB\nc\n");
    assert.equal(read(workspace, "new/b.txt"), "new\n");
    assert.equal(read(workspace, "moved.txt"), "old\n");
    const [, undo] = /^The patch that undoes it: (\.troupe\/undo\/[\da-f]{16}-[\da-f]{8}\.patch)$/.exec(
      lines.at(-1)!,
    )!;
    const undone = await content(applyPatch, { workspace }, { diff: read(workspace, undo!) });
    assert.match(
      undone,
      /^Applied\.\nrename moved\.txt -> old\.txt .*\ndelete new\/b\.txt \(\+0 -1\)\nmodify a\.txt/,
    );
    assert.equal(read(workspace, "a.txt"), "a\nb\n");
    assert.equal(Deno.statSync(`${workspace}/old.txt`).mode! & 0o111, 0);
  }));

Deno.test("the same patch again finds its work done, until something changed", () =>
  inWorkspace(async (workspace) => {
    // Nothing in the file would keep this one from being applied twice.
    const diff = "--- a/a.txt\n+++ b/a.txt\n@@ -2 +2,2 @@\n b\n+b\n";
    const first = await content(applyPatch, { workspace }, { diff });
    const again = await content(applyPatch, { workspace }, { diff });
    assert.match(
      again,
      /^Already applied: its files are just as this patch made them, nothing was changed now\.\n/,
    );
    assert.equal(again.split("\n").at(-1), first.split("\n").at(-1));
    assert.equal(read(workspace, "a.txt"), "a\nb\nb\n");
    Deno.writeTextFileSync(`${workspace}/a.txt`, "a\nb\n\n");
    assert.match(await content(applyPatch, { workspace }, { diff }), /^Applied/);
    assert.equal(read(workspace, "a.txt"), "a\nb\nb\n\n");
  }));

Deno.test("a dry run only says what would be, with the places of hunks", () =>
  inWorkspace(async (workspace) => {
    const diff = "--- a/a.txt\n+++ b/a.txt\n@@ -7 +7 @@\n-b\n+x\n";
    assert.equal(
      await content(applyPatch, { workspace }, { diff, dry_run: true }),
      "This patch can be applied. Nothing was changed.\nmodify a.txt (+1 -1)\n" +
        "  hunk 1 went to line 2, -5 from where it said",
    );
    assert.deepEqual(Array.from(Deno.readDirSync(workspace), ({ name }) => name).sort(), [
      "a.txt",
      "old.txt",
    ]);
  }));

Deno.test("when one file of a patch does not fit, none is changed, and the model is told why", () =>
  inWorkspace(async (workspace) => {
    const { kind, message } = await refusal(
      workspace,
      `${PATCH}--- a/no.txt\n+++ b/no.txt\n@@ -1 +1 @@\n-x\n+y\n`,
    );
    assert.deepEqual({ kind, message }, {
      kind: "not_found",
      message: "Cannot modify no.txt: it does not exist\nNo file was changed.",
    });
    const wrong = await refusal(workspace, PATCH.replace("-b", "-B"));
    assert.equal(wrong.kind, "permanent");
    assert.match(
      wrong.message,
      /^Cannot apply hunk 1 of a\.txt: .*\n.*\n +1\| a\n +2\| b\nLine 2 differs/,
    );
    assert.deepEqual(Array.from(Deno.readDirSync(workspace), ({ name }) => name).sort(), [
      "a.txt",
      "old.txt",
    ]);
    assert.equal(read(workspace, "a.txt"), "a\nb\n");
  }));

Deno.test("what a patch may not touch is denied", () =>
  inWorkspace(async (workspace) => {
    Deno.symlinkSync("/tmp", `${workspace}/up`);
    const create = (path: string) => `--- /dev/null\n+++ ${path}\n@@ -0,0 +1 @@\n+x\n`;
    for (const path of ["b/../x", "/etc/x", "b/.git/config", "b/.troupe/config.toml", "b/up/x", "b/up"]) {
      assert.equal((await refusal(workspace, create(path))).kind, "denied", path);
    }
  }));

Deno.test("apply_patch does its work in a worker that was granted the workspace, and dies with nothing", () =>
  onStage((stage) =>
    inWorkspace(async (workspace) => {
      const start = async (name: string, grant?: ReturnType<typeof applyPatchGrant>) => {
        const settings = grant === undefined ? {} : { grant };
        const tree = await stage.system.start(name, {
          children: [child("tool", applyPatch, { workspace }, settings)],
        });
        const ref: ActorRef<ToolProtocol> = tree.ref(applyPatch.protocol as unknown as ToolProtocol, "tool");
        return (diff: string) => ref.stream("invoke", { diff }).reply;
      };
      const nobody = await start("nobody");
      const denied = await nobody(PATCH);
      assert.equal(denied.ok ? "applied" : denied.kind, "denied");
      const reader = await start("reader", { read: [workspace] });
      const forbidden = await reader(PATCH);
      assert.equal(forbidden.ok ? "applied" : forbidden.kind, "denied");
      assert.equal(read(workspace, "a.txt"), "a\nb\n");
      const call = await start("granted", applyPatchGrant(workspace));
      const outcome = await call(PATCH);
      assert.match(outcome.ok ? outcome.content : outcome.message, /^Applied\.\nmodify a\.txt/);
      assert.equal(read(workspace, "a.txt"), "a\nB\nc\n");
      // Two at once wait for each other.
      const other = await start("other", applyPatchGrant(workspace));
      const add = (name: string) => `--- /dev/null\n+++ b/${name}\n@@ -0,0 +1 @@\n+x\n`;
      const both = await Promise.all(
        ["x", "y", "z"].flatMap((name) => [call(add(`${name}1`)), other(add(`${name}2`))]),
      );
      assert.deepEqual(both.map(({ ok }) => ok), Array(6).fill(true));
      assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
    })
  ));
