/**
 * Files and transcripts as resources, and the prompt.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { ERAS, withServer } from "./served.ts";

/** A workspace with things to be seen and things not to. */
async function withWorkspace(body: (folder: string) => Promise<void>): Promise<void> {
  const outer = await Deno.makeTempDir();
  const folder = join(outer, "work");
  try {
    for (const path of [".git", ".troupe", "src", "node_modules/x"]) {
      await Deno.mkdir(join(folder, path), { recursive: true });
    }
    const files = ["notes.md", "src/a b.ts", ".env", "src/.env.local", ".git/config", ".troupe/undo"];
    for (const path of [...files, "troupe.toml", "node_modules/x/index.js"]) {
      await Deno.writeTextFile(join(folder, path), `content of ${path}`);
    }
    await Deno.writeFile(join(folder, "dot.png"), new Uint8Array([137, 80, 78, 71, 0]));
    await Deno.writeTextFile(join(outer, "secret.txt"), "secret");
    await Deno.symlink(join(outer, "secret.txt"), join(folder, "link.txt"));
    await Deno.symlink(join(folder, ".env"), join(folder, "innocent.txt"));
    await Deno.symlink(outer, join(folder, "up"));
    await body(folder);
  } finally {
    await Deno.remove(outer, { recursive: true });
  }
}

for (const era of ERAS) {
  Deno.test(`${era}: files of the workspace are listed and read`, () =>
    withWorkspace((workspace) =>
      withServer({ workspace }, async ({ client }) => {
        const asked = await client(era);
        const { resources } = await asked.listResources();
        assert.deepEqual(resources.map(({ name, mimeType }) => [name, mimeType]), [
          ["dot.png", "image/png"],
          ["notes.md", "text/markdown"],
          ["src/a b.ts", "text/typescript"],
        ]);
        const read = async (uri: string) => (await asked.readResource({ uri })).contents[0];
        const uri = "troupe://workspace/src/a%20b.ts";
        assert.equal(resources[2]!.uri, uri);
        assert.deepEqual(await read(uri), {
          uri,
          mimeType: "text/typescript",
          text: "content of src/a b.ts",
        });
        assert.equal((await read("troupe://workspace/dot.png") as { blob: string }).blob, "iVBORwA=");
        assert.ok(await read("troupe://workspace/node_modules/x/index.js"));
        const { resourceTemplates } = await asked.listResourceTemplates();
        assert.deepEqual(resourceTemplates.map(({ uriTemplate }) => uriTemplate), [
          "troupe://workspace/{+path}",
          "troupe://runs/{id}",
        ]);
      })
    ));
}

const HIDDEN = [
  "",
  ".",
  "src",
  ".env",
  ".ENV",
  "src/.env.local",
  "./.env",
  "src/../.env",
  "src/%2e%2e/.env",
  ".git/config",
  "src/../.git/config",
  ".troupe/undo",
  "troupe.toml",
  "nowhere.txt",
  "link.txt",
  "innocent.txt",
  "up/secret.txt",
  "../secret.txt",
  "%2e%2e/secret.txt",
  "..%2fsecret.txt",
  "/etc/passwd",
  "%2Fetc%2Fpasswd",
  "notes.md%00.png",
  "notes.md/x",
  "%ff",
];

Deno.test("what is closed, outside or not there cannot be read, and all of it looks the same", () =>
  withWorkspace((workspace) =>
    withServer({ workspace }, async ({ client }) => {
      const asked = await client("modern");
      for (const path of HIDDEN) {
        const uri = `troupe://workspace/${path}`;
        await assert.rejects(asked.readResource({ uri }), { code: -32602, message: /not found/i }, path);
      }
    })
  ));

Deno.test("a list of files ends somewhere", () =>
  withWorkspace(async (workspace) => {
    for (let n = 0; n < 600; n++) await Deno.writeTextFile(join(workspace, `file-${n}`), "");
    await withServer({ workspace }, async ({ client }) => {
      assert.equal((await (await client("modern")).listResources()).resources.length, 500);
    });
  }));

Deno.test("transcripts are their owner's: listed, read, and as if not there for others", () =>
  withServer({}, async ({ client, tasks }) => {
    const { id } = await tasks.start("ann", "count the stars");
    tasks.complete(id, "many");
    const [ann, bob] = [await client("modern", {}, "ann"), await client("modern", {}, "bob")];
    const uri = `troupe://runs/${id}`;
    assert.deepEqual((await ann.listResources()).resources, [
      { uri, name: id, title: "completed: count the stars", mimeType: "application/json" },
    ]);
    assert.deepEqual((await bob.listResources()).resources, []);
    const [content] = (await ann.readResource({ uri })).contents;
    const { task, status, outcome } = JSON.parse((content as { text: string }).text);
    assert.deepEqual([task, status, outcome.answer], ["count the stars", "completed", "many"]);
    await assert.rejects(bob.readResource({ uri }), { code: -32602 });
    await assert.rejects(bob.readResource({ uri: "troupe://runs/none" }), { code: -32602 });
  }));

Deno.test("the agent is offered as a prompt", () =>
  withServer({}, async ({ client }) => {
    const asked = await client("legacy");
    assert.deepEqual((await asked.listPrompts()).prompts.map(({ name }) => name), ["delegate"]);
    const { messages } = await asked.getPrompt({ name: "delegate", arguments: { task: "sort it" } });
    assert.match(JSON.stringify(messages), /run_task.*sort it/);
    await assert.rejects(asked.getPrompt({ name: "delegate" }), { code: -32602 });
  }));
