import assert from "node:assert/strict";
import { listFiles } from "../../../actors/tools/list_files.ts";
import { readFile } from "../../../actors/tools/read_file.ts";
import { writeFile } from "../../../actors/tools/write_file.ts";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { content, invoke } from "./invoke.ts";

const KIB = 1024;

function inWorkspace(body: (workspace: string, outside: string) => Promise<void>): Promise<void> {
  return inFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/ws`);
    Deno.writeTextFileSync(`${folder}/secret`, "secret");
    await body(`${folder}/ws`, folder);
  });
}

function failed(outcome: ToolOutcome, kind: string, message: string): void {
  assert.deepEqual(outcome, { ok: false, kind, message });
}

Deno.test("read_file returns text as it is", () =>
  inWorkspace(async (workspace) => {
    for (const text of ["", "one line", "\uFEFFé\r\n😀\n", "a".repeat(256 * KIB)]) {
      Deno.writeTextFileSync(`${workspace}/a.txt`, text);
      assert.equal(await content(readFile, { workspace }, { path: "a.txt" }), text);
    }
  }));

Deno.test("read_file cuts long files, says what is missing, and the pieces make the whole", () =>
  inWorkspace(async (workspace) => {
    const text = "xé😀".repeat(100_000); // 7 bytes each: no piece ends between two of them
    Deno.writeTextFileSync(`${workspace}/long.txt`, text);
    let whole = "", offset: number | undefined;
    for (let pieces = 0; pieces < 5; pieces++) {
      const answer = await content(readFile, { workspace }, { path: "long.txt", offset });
      const note = /\n\[(\d+) of 700000 bytes left out; go on with offset (\d+)\]$/.exec(answer);
      const piece = note === null ? answer : answer.slice(0, note.index);
      assert.ok(new TextEncoder().encode(piece).length <= 256 * KIB);
      whole += piece;
      if (note === null) break;
      offset = Number(note[2]);
      assert.equal(Number(note[1]), 700_000 - offset);
    }
    assert.equal(whole, text);
  }));

Deno.test("read_file reads a part, whole characters only", () =>
  inWorkspace(async (workspace) => {
    Deno.writeTextFileSync(`${workspace}/a.txt`, "aé😀z");
    const read = (offset: number, limit?: number) =>
      content(readFile, { workspace }, { path: "a.txt", offset, limit });
    assert.equal(await read(1), "é😀z");
    assert.equal(await read(2), "😀z");
    assert.equal(await read(5), "z");
    assert.equal(await read(8), "");
    assert.equal(await read(0, 4), "aé\n[5 of 8 bytes left out; go on with offset 3]");
    assert.equal(await read(3, 4), "😀\n[1 of 8 bytes left out; go on with offset 7]");
  }));

Deno.test("read_file says why it cannot read", () =>
  inWorkspace(async (workspace, outside) => {
    Deno.mkdirSync(`${workspace}/folder`);
    Deno.writeFileSync(`${workspace}/nul`, new Uint8Array([65, 0, 66]));
    Deno.writeFileSync(`${workspace}/latin1`, new Uint8Array([65, 0xE9, 66]));
    Deno.writeFileSync(`${workspace}/half`, new Uint8Array([65, 0xF0, 0x9F]));
    Deno.symlinkSync(`${outside}/secret`, `${workspace}/link`);
    const read = (path: string, offset?: number) => invoke(readFile, { workspace }, { path, offset });
    failed(await read("none.txt"), "not_found", "Cannot read none.txt: it does not exist");
    failed(await read("folder"), "permanent", "Cannot read folder: it is a folder");
    failed(await read("nul"), "permanent", "Cannot read nul: it is not UTF-8 text but binary (3 bytes)");
    failed(
      await read("latin1"),
      "permanent",
      "Cannot read latin1: it is not UTF-8 text but binary (3 bytes)",
    );
    failed(await read("half"), "permanent", "Cannot read half: it is not UTF-8 text but binary (3 bytes)");
    failed(await read("nul", 9), "permanent", "Cannot read nul: offset 9 is beyond its end, it has 3 bytes");
    failed(await read("link"), "denied", "Cannot use link: it is outside the workspace");
    failed(await read("../secret"), "denied", "Cannot use ../secret: it is outside the workspace");
    failed(await read("nul/x"), "permanent", "Cannot use nul/x: a part of it is a file, not a folder");
  }));

Deno.test("read_file does not wait at a pipe", () =>
  inWorkspace(async (workspace) => {
    const { success } = new Deno.Command("mkfifo", { args: [`${workspace}/pipe`] }).outputSync();
    assert.ok(success);
    const outcome = await invoke(readFile, { workspace }, { path: "pipe" });
    failed(outcome, "permanent", "Cannot read pipe: it is neither a file nor a folder");
  }));

Deno.test("write_file creates files and folders, replaces content, keeps permission bits, says bytes", () =>
  inWorkspace(async (workspace) => {
    const write = (path: string, text: string) => content(writeFile, { workspace }, { path, content: text });
    assert.equal(await write("a/b/c.txt", "é"), "Wrote 2 bytes to a/b/c.txt");
    Deno.chmodSync(`${workspace}/a/b/c.txt`, 0o750);
    assert.equal(await write("a/b/c.txt", ""), "Wrote 0 bytes to a/b/c.txt");
    assert.equal(Deno.readTextFileSync(`${workspace}/a/b/c.txt`), "");
    assert.equal(Deno.statSync(`${workspace}/a/b/c.txt`).mode! & 0o777, 0o750);
    assert.deepEqual(names(`${workspace}/a/b`), ["c.txt"]);
  }));

Deno.test("write_file writes through a link inside the workspace and never through one that leads out", () =>
  inWorkspace(async (workspace, outside) => {
    Deno.writeTextFileSync(`${workspace}/a.txt`, "old");
    Deno.symlinkSync("a.txt", `${workspace}/inside`);
    Deno.symlinkSync("../secret", `${workspace}/file`);
    Deno.symlinkSync("..", `${workspace}/folder`);
    Deno.symlinkSync("../new.txt", `${workspace}/dangling`);
    const write = (path: string) => invoke(writeFile, { workspace }, { path, content: "new" });
    assert.ok((await write("inside")).ok);
    assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), "new");
    assert.ok(Deno.lstatSync(`${workspace}/inside`).isSymlink);
    for (
      const path of ["file", "folder/secret", "folder/new.txt", "folder/n/e/w", "dangling", "../x", "/tmp/x"]
    ) {
      const outcome = await write(path);
      assert.equal(outcome.ok ? "written" : outcome.kind, "denied", path);
    }
    assert.equal(Deno.readTextFileSync(`${outside}/secret`), "secret");
    assert.deepEqual(names(outside), ["secret", "ws/"]);
  }));

Deno.test("write_file does not replace what is no file", () =>
  inWorkspace(async (workspace) => {
    Deno.mkdirSync(`${workspace}/folder`);
    Deno.writeTextFileSync(`${workspace}/a.txt`, "a");
    const write = (path: string) => invoke(writeFile, { workspace }, { path, content: "new" });
    const there = (path: string) => `Cannot write ${path}: something that is not a file is there`;
    failed(await write("folder"), "permanent", there("folder"));
    failed(await write("."), "permanent", there("."));
    failed(await write("a.txt/b"), "permanent", "Cannot use a.txt/b: a part of it is a file, not a folder");
    assert.deepEqual(names(workspace), ["a.txt", "folder/"]);
  }));

Deno.test("a write that the disk cuts short leaves the old content and nothing else", () =>
  inWorkspace(async (workspace) => {
    Deno.writeTextFileSync(`${workspace}/a.txt`, "old");
    // A process that may write files of 64 blocks at most: writing more fails half-way, as on a full disk.
    const script = new URL("./write_too_much.ts", import.meta.url).pathname;
    const command = 'trap "" XFSZ; ulimit -f 64; exec "$0" run --no-prompt --no-check --quiet -A "$1" "$2"';
    const args = ["-c", command, Deno.execPath(), script, workspace];
    const { stdout, stderr } = await new Deno.Command("sh", { args }).output();
    assert.equal(new TextDecoder().decode(stderr), "");
    const outcome: ToolOutcome = JSON.parse(new TextDecoder().decode(stdout));
    failed(outcome, "permanent", "Cannot write a.txt: File too large");
    assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), "old");
    assert.deepEqual(names(workspace), ["a.txt"]);
  }));

Deno.test("where the system forbids writing, the outcome is a denial", async () => {
  const outcome = await invoke(writeFile, { workspace: "/sys/kernel" }, { path: "x.txt", content: "" });
  assert.equal(outcome.ok ? "written" : outcome.kind, "denied");
  assert.match(
    outcome.ok ? "" : outcome.message,
    /^Cannot write x.txt: (Permission denied|Read-only file system)$/,
  );
});

Deno.test("list_files lists in order, folders with a slash, links without following them", () =>
  inWorkspace(async (workspace) => {
    for (const folder of ["b", "b/deep", "empty", ".hidden"]) Deno.mkdirSync(`${workspace}/${folder}`);
    for (const file of ["b.txt", "a.txt", "b/2", "b/10", "b/deep/x", "b-"]) {
      Deno.writeTextFileSync(`${workspace}/${file}`, "");
    }
    Deno.symlinkSync("..", `${workspace}/up`);
    Deno.symlinkSync(".", `${workspace}/b/loop`);
    const list = async (path: string, recursive?: boolean) =>
      (await content(listFiles, { workspace }, { path, recursive })).split("\n");
    assert.deepEqual(await list("."), [".hidden/", "a.txt", "b-", "b.txt", "b/", "empty/", "up"]);
    assert.deepEqual(await list("b"), ["b/10", "b/2", "b/deep/", "b/loop"]);
    const all = await list(".", true);
    assert.deepEqual(all, [...all].sort());
    assert.deepEqual(all.filter((path) => path.startsWith("b/")), [
      "b/",
      "b/10",
      "b/2",
      "b/deep/",
      "b/deep/x",
      "b/loop",
    ]);
    assert.deepEqual(await list("empty"), ["[the folder is empty]"]);
    assert.deepEqual(await list("b/loop"), await list("b"));
  }));

Deno.test("list_files answers 1000 lines at most and counts the rest", () =>
  inWorkspace(async (workspace) => {
    for (let i = 0; i < 40; i++) {
      Deno.mkdirSync(`${workspace}/${i}`);
      for (let j = 0; j < 29; j++) Deno.writeTextFileSync(`${workspace}/${i}/${j}`, "");
    }
    const lines = (await content(listFiles, { workspace }, { path: ".", recursive: true })).split("\n");
    assert.equal(lines.length, 1_001);
    assert.equal(lines.at(-1), "[200 left out; list a folder below to see them]");
  }));

Deno.test("list_files shows a name with a line break as one line", () =>
  inWorkspace(async (workspace) => {
    Deno.writeTextFileSync(`${workspace}/a\nb`, "");
    assert.equal(await content(listFiles, { workspace }, { path: "." }), '"a\\nb"');
  }));

Deno.test("list_files says why it cannot list", () =>
  inWorkspace(async (workspace) => {
    Deno.writeTextFileSync(`${workspace}/a.txt`, "");
    const list = (path: string) => invoke(listFiles, { workspace }, { path });
    failed(await list("none"), "not_found", "Cannot list none: it does not exist");
    failed(await list("a.txt"), "permanent", "Cannot list a.txt: it is not a folder");
    failed(await list(".."), "denied", "Cannot use ..: it is outside the workspace");
    failed(await list(""), "permanent", 'Cannot use an empty path; the workspace itself is "."');
    const gone = await invoke(listFiles, { workspace: `${workspace}/gone` }, { path: "." });
    failed(gone, "permanent", `Cannot use the workspace ${workspace}/gone: it does not exist`);
  }));

function names(folder: string): string[] {
  return Array.from(Deno.readDirSync(folder), ({ name, isDirectory }) => isDirectory ? name + "/" : name)
    .sort();
}

Deno.test("write_file does not write what says what is run or allowed later, by a link neither", () =>
  inWorkspace(async (workspace) => {
    Deno.mkdirSync(`${workspace}/.git/hooks`, { recursive: true });
    Deno.symlinkSync(".git", `${workspace}/innocent`);
    for (const path of [".git/hooks/pre-commit", "innocent/config", "troupe.toml", ".env", ".troupe/x"]) {
      const outcome = await invoke(writeFile, { workspace }, { path, content: "x" });
      assert.equal(outcome.ok ? "written" : outcome.kind, "denied", path);
    }
    assert.deepEqual([...Deno.readDirSync(workspace)].map(({ name }) => name).sort(), [".git", "innocent"]);
    assert.deepEqual([...Deno.readDirSync(`${workspace}/.git`)].map(({ name }) => name), ["hooks"]);
  }));
