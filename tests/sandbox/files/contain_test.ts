import assert from "node:assert/strict";
import fc from "fast-check";
import { Fault } from "../../../protocols/messages/fault.ts";
import { contain } from "../../../sandbox/files/contain.ts";
import { inFolder } from "./in_folder.ts";

Deno.test("what is inside the workspace is used, however it is written", () =>
  inFolder((folder) => {
    const workspace = `${folder}/ws`;
    Deno.mkdirSync(`${workspace}/sub`, { recursive: true });
    Deno.writeTextFileSync(`${workspace}/a.txt`, "a");
    const cases: [string, string][] = [
      ["a.txt", "a.txt"],
      ["./a.txt", "a.txt"],
      ["sub/../a.txt", "a.txt"],
      ["sub//./../a.txt/", "a.txt"],
      [`${workspace}/a.txt`, "a.txt"],
      ["../ws/a.txt", "a.txt"],
      ["new.txt", "new.txt"],
      ["new/deep/er.txt", "new/deep/er.txt"],
      ["sub/...", "sub/..."],
      ["~", "~"],
      ["a\\b", "a\\b"],
    ];
    for (const [path, expected] of cases) {
      assert.equal(contain(workspace, path), `${workspace}/${expected}`, path);
    }
    for (const path of [".", "./", "sub/..", workspace, "../ws"]) {
      assert.equal(contain(workspace, path), workspace, path);
    }
    assert.equal(contain(`${workspace}/`, "a.txt"), `${workspace}/a.txt`);
    assert.equal(contain("/", "etc/passwd"), "/etc/passwd");
  }));

Deno.test("what is outside the workspace is denied, whether it is there or not", () =>
  inFolder((folder) => {
    const workspace = `${folder}/ws`;
    Deno.mkdirSync(workspace);
    Deno.mkdirSync(`${folder}/ws2`);
    Deno.writeTextFileSync(`${folder}/secret`, "s");
    const paths = [
      "..",
      "../secret",
      "../ws2",
      "../ws2/x",
      "sub/../../secret",
      "/etc/passwd",
      "/",
      `${folder}/secret`,
      "../none",
    ];
    for (const path of paths) {
      refused(workspace, path, "denied", `Cannot use ${path}: it is outside the workspace`);
    }
  }));

Deno.test("links are followed before it is judged where a path leads", () =>
  inFolder((folder) => {
    const workspace = `${folder}/ws`, out = `${folder}/out`;
    Deno.mkdirSync(`${workspace}/sub`, { recursive: true });
    Deno.mkdirSync(out);
    Deno.writeTextFileSync(`${out}/secret`, "s");
    Deno.writeTextFileSync(`${workspace}/a.txt`, "a");
    const links = {
      file: "../out/secret",
      folder: "../out",
      up: "..",
      absolute: out,
      chain: "folder",
      dangling: "../out/new.txt",
      danglingInside: "new.txt",
      loop: "loop",
      inside: "a.txt",
      insideFolder: "sub",
      home: ".",
    };
    for (const [name, target] of Object.entries(links)) Deno.symlinkSync(target, `${workspace}/${name}`);

    const denied = [
      "file",
      "folder",
      "folder/secret",
      "folder/new.txt",
      "folder/new/er.txt",
      "up",
      "up/out/secret",
    ];
    for (const path of [...denied, "absolute/secret", "chain/secret", "insideFolder/../folder/secret"]) {
      refused(workspace, path, "denied", `Cannot use ${path}: it is outside the workspace`);
    }
    for (const path of ["dangling", "dangling/x/y", "danglingInside"]) {
      refused(workspace, path, "denied", `Cannot use ${path}: it goes through a link that leads nowhere`);
    }
    for (const path of ["loop", "loop/x"]) {
      refused(workspace, path, "bad_path", `Cannot use ${path}: its links lead round in a circle`);
    }
    assert.equal(contain(workspace, "inside"), `${workspace}/a.txt`);
    assert.equal(contain(workspace, "insideFolder/new.txt"), `${workspace}/sub/new.txt`);
    assert.equal(contain(workspace, "home/home/a.txt"), `${workspace}/a.txt`);
    // As a name and not as the system would: "folder/.." is the workspace, whatever "folder" is a link to.
    assert.equal(contain(workspace, "folder/../a.txt"), `${workspace}/a.txt`);
  }));

Deno.test("a workspace that is itself a link works, and its paths keep the name it was granted by", () =>
  inFolder((folder) => {
    Deno.mkdirSync(`${folder}/real/sub`, { recursive: true });
    Deno.symlinkSync("real", `${folder}/ws`);
    Deno.symlinkSync("sub", `${folder}/real/link`);
    Deno.symlinkSync("../..", `${folder}/real/sub/out`);
    assert.equal(contain(`${folder}/ws`, "sub/new.txt"), `${folder}/ws/sub/new.txt`);
    assert.equal(contain(`${folder}/ws`, "link/new.txt"), `${folder}/ws/sub/new.txt`);
    refused(`${folder}/ws`, "link/out/x", "denied", "Cannot use link/out/x: it is outside the workspace");
  }));

Deno.test("paths that name nothing are refused", () =>
  inFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/a.txt`, "a");
    refused(folder, "", "bad_path", 'Cannot use an empty path; the workspace itself is "."');
    refused(folder, "a\0.txt", "bad_path", "Cannot use a path with a NUL character in it");
    refused(folder, "a.txt/b", "bad_path", "Cannot use a.txt/b: a part of it is a file, not a folder");
    refused(
      `${folder}/none`,
      "a",
      "bad_workspace",
      `Cannot use the workspace ${folder}/none: it does not exist`,
    );
    refused("relative", "a", "bad_workspace", "Cannot use the workspace relative: its path is not absolute");
  }));

Deno.test("no path whatever leads out of the workspace", () =>
  inFolder((folder) => {
    const workspace = `${folder}/ws`;
    Deno.mkdirSync(`${workspace}/a/b`, { recursive: true });
    Deno.mkdirSync(`${folder}/out`);
    Deno.symlinkSync("../../out", `${workspace}/a/link`);
    Deno.symlinkSync("../a", `${workspace}/a/back`);
    Deno.symlinkSync("..", `${workspace}/up`);
    const part = fc.constantFrom("a", "b", "link", "back", "up", "ws", "out", "new", ".", "..", "", folder);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 8 }), (parts) => {
        const contained = attempt(() => contain(workspace, parts.join("/")));
        if (contained === undefined) return;
        const there = attempt(() => Deno.realPathSync(contained));
        assert.equal(there ?? contained, contained);
        assert.match(`${contained}/`, new RegExp(`^${workspace}/`));
      }),
      { numRuns: 2_000 },
    );
  }));

Deno.test("Deno's own check goes by name and follows links out of a grant, which is why paths are contained", () =>
  inFolder(async (folder) => {
    Deno.mkdirSync(`${folder}/ws`);
    Deno.writeTextFileSync(`${folder}/secret`, "secret");
    Deno.symlinkSync("../secret", `${folder}/ws/link`);
    const paths = [`${folder}/ws/link`, `${folder}/ws/../secret`];
    const code = `postMessage(${JSON.stringify(paths)}.map((path) => {
      try { return Deno.readTextFileSync(path); } catch (error) { return error.name; }
    }))`;
    const permissions = { read: [`${folder}/ws`] };
    const worker = new Worker(`data:text/javascript,${encodeURIComponent(code)}`, {
      type: "module",
      deno: { permissions },
    });
    const { data } = await new Promise<MessageEvent>((resolve) => worker.onmessage = resolve);
    worker.terminate();
    assert.deepEqual(data, ["secret", "NotCapable"]);
  }));

function attempt(body: () => string): string | undefined {
  try {
    return body();
  } catch (error) {
    if (error instanceof Fault || error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function refused(workspace: string, path: string, code: string, message: string): void {
  assert.throws(() => contain(workspace, path), (error) => {
    assert.ok(error instanceof Fault, `${path}: ${error}`);
    assert.deepEqual({ code: error.code, message: error.message }, { code, message });
    return true;
  }, path);
}
