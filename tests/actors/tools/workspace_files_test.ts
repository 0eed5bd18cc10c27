import assert from "node:assert/strict";
import { workspaceFiles, workspaceFilesGrant } from "../../../actors/tools/workspace_files.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import { WorkspaceFiles } from "../../../protocols/messages/workspace_files.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { onStage } from "../../supervisor/stage.ts";

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();
const text = (base64: string) => new TextDecoder().decode(Uint8Array.fromBase64(base64));

/** A workspace, and the actor for it with those rights. */
function withFiles(
  test: (files: ActorRef<typeof WorkspaceFiles>, workspace: string) => Promise<void>,
  rights: { mayRead?: boolean; mayWrite?: boolean } = {},
): Promise<void> {
  return inFolder((folder) =>
    onStage(async ({ system }) => {
      const workspace = `${folder}/work`;
      Deno.mkdirSync(workspace);
      Deno.writeTextFileSync(`${folder}/outside.txt`, "outside");
      const options = { workspace, mayRead: true, mayWrite: true, ...rights };
      const tree = await system.start("root", {
        children: [child("files", workspaceFiles, options, { grant: workspaceFilesGrant(options) })],
      });
      await test(tree.ref(WorkspaceFiles, "files"), workspace);
      assert.equal(Deno.readTextFileSync(`${folder}/outside.txt`), "outside");
    })
  );
}

Deno.test("files are collected unless they are known, without links and folders that are left alone", () =>
  withFiles(async (files, workspace) => {
    for (const folder of ["a/b", ".git", ".troupe", "node_modules/x", "a/__pycache__"]) {
      Deno.mkdirSync(`${workspace}/${folder}`, { recursive: true });
      Deno.writeTextFileSync(`${workspace}/${folder}/file`, folder);
    }
    Deno.writeFileSync(`${workspace}/__proto__`, new Uint8Array([0, 255]));
    Deno.symlinkSync("../outside.txt", `${workspace}/link`);
    Deno.symlinkSync("..", `${workspace}/folder-link`);
    const all = await files.call("collect", { known: {} });
    assert.equal(all.omitted, 0);
    assert.deepEqual(all.files, [{ path: "__proto__", base64: "AP8=" }, {
      path: "a/b/file",
      base64: base64("a/b"),
    }]);
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode("a/b"));
    const known = { "a/b/file": new Uint8Array(digest).toHex() };
    assert.deepEqual((await files.call("collect", { known })).files.map(({ path }) => path), ["__proto__"]);
    Deno.writeTextFileSync(`${workspace}/a/b/file`, "changed");
    assert.equal((await files.call("collect", { known })).files.length, 2);
  }));

Deno.test("what is too much is left out and counted", () =>
  withFiles(async (files, workspace) => {
    Deno.writeFileSync(`${workspace}/1`, new Uint8Array(10 * 1024 * 1024));
    Deno.writeFileSync(`${workspace}/2`, new Uint8Array(10 * 1024 * 1024));
    for (let n = 0; n < 510; n++) Deno.writeTextFileSync(`${workspace}/n${n}`, "");
    const { files: given, omitted } = await files.call("collect", { known: {} });
    assert.deepEqual([given.length, omitted], [500, 12]);
  }));

Deno.test("files are written and deleted, and it is told how", () =>
  withFiles(async (files, workspace) => {
    Deno.writeTextFileSync(`${workspace}/old.txt`, "one\ntwo\n");
    Deno.writeTextFileSync(`${workspace}/gone.txt`, "bye\n");
    Deno.chmodSync(`${workspace}/old.txt`, 0o600);
    const reports = await files.call("store", {
      files: [
        { path: "new/deep.txt", base64: base64("hello\n") },
        { path: "old.txt", base64: base64("one\n2\n") },
        { path: "binary", base64: "AP8=" },
      ],
      deleted: ["gone.txt", "never was"],
    });
    const [created, modified, binary, deleted, absent] = reports;
    assert.deepEqual({ ...created, diff: undefined }, {
      path: "new/deep.txt",
      change: "created",
      bytes: 6,
      diff: undefined,
    });
    assert.match(created!.diff!, /^\+hello$/m);
    assert.deepEqual([modified!.change, modified!.bytes], ["modified", 6]);
    assert.match(modified!.diff!, /^-two\n\+2$/m);
    assert.deepEqual(binary, { path: "binary", change: "created", bytes: 2 });
    assert.deepEqual([deleted!.change, deleted!.bytes], ["deleted", 0]);
    assert.match(deleted!.diff!, /^-bye$/m);
    assert.equal(absent!.change, "deleted");
    assert.equal(Deno.readTextFileSync(`${workspace}/new/deep.txt`), "hello\n");
    assert.equal(Deno.readTextFileSync(`${workspace}/old.txt`), "one\n2\n");
    assert.equal(Deno.statSync(`${workspace}/old.txt`).mode! & 0o777, 0o600);
    assert.deepEqual([...Deno.readDirSync(workspace)].map(({ name }) => name).sort(), [
      "binary",
      "new",
      "old.txt",
    ]);
  }));

Deno.test("paths that lead elsewhere are refused, and the others are written all the same", () =>
  withFiles(async (files, workspace) => {
    Deno.symlinkSync("..", `${workspace}/out`);
    Deno.symlinkSync("../outside.txt", `${workspace}/link.txt`);
    Deno.symlinkSync("nowhere", `${workspace}/dangling`);
    Deno.mkdirSync(`${workspace}/folder`);
    Deno.mkdirSync(`${workspace}/.git`);
    Deno.writeTextFileSync(`${workspace}/.git/config`, "config");
    const bad = [
      "../outside.txt",
      "/etc/passwd",
      `${workspace}/absolute`,
      "a/../../outside.txt",
      "out/outside.txt",
      "link.txt",
      "dangling",
      "folder",
      "folder/",
      "",
      ".",
      "a\0b",
      ".git/config",
      "sub/.git/hooks/pre-commit",
      ".troupe/x",
      "node_modules/x/index.js",
      "x".repeat(300),
    ];
    const reports = await files.call("store", {
      files: [...bad, "good"].map((path) => ({ path, base64: base64("x") })),
      deleted: ["../outside.txt", "link.txt", ".git/config", "folder"],
    });
    const written = reports.filter(({ change }) => change !== "refused");
    assert.deepEqual(written.map(({ path }) => path), ["good"]);
    for (const { path, reason, bytes } of reports) {
      if (path !== "good") assert.ok(reason !== undefined && bytes === 0, path);
      assert.ok(!reason?.includes(workspace) || path.includes(workspace), `${path}: ${reason}`);
    }
    assert.equal(Deno.readTextFileSync(`${workspace}/.git/config`), "config");
    assert.equal(text(base64("x")), Deno.readTextFileSync(`${workspace}/good`));
    const junk = await files.call("store", { files: [{ path: "junk", base64: "%%%" }], deleted: [] });
    assert.equal(junk[0]!.change, "refused");
  }));

Deno.test("without the right to write nothing comes out, without the right to read nothing goes in", async () => {
  await withFiles(async (files, workspace) => {
    Deno.writeTextFileSync(`${workspace}/a`, "1");
    assert.equal((await files.call("collect", { known: {} })).files.length, 1);
    const reports = await files.call("store", {
      files: [{ path: "b", base64: base64("2") }],
      deleted: ["a"],
    });
    assert.deepEqual(reports.map(({ change }) => change), ["refused", "refused"]);
    assert.match(reports[0]!.reason!, /FileWrite is not granted/);
    assert.deepEqual([...Deno.readDirSync(workspace)].map(({ name }) => name), ["a"]);
  }, { mayWrite: false });
  await withFiles(async (files, workspace) => {
    Deno.writeTextFileSync(`${workspace}/secret`, "secret\n");
    assert.deepEqual(await files.call("collect", { known: {} }), { files: [], omitted: 0 });
    const reports = await files.call("store", {
      files: [{ path: "secret", base64: base64("mine\n") }],
      deleted: [],
    });
    assert.deepEqual(
      reports,
      [{ path: "secret", change: "modified", bytes: 5 }],
      "what was there is not shown",
    );
  }, { mayRead: false });
  assert.deepEqual(workspaceFilesGrant({ workspace: "/w", mayRead: false, mayWrite: false }), {});
  assert.deepEqual(workspaceFilesGrant({ workspace: "/w", mayRead: true, mayWrite: false }), {
    read: ["/w"],
  });
});
