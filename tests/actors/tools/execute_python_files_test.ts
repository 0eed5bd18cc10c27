import assert from "node:assert/strict";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { type PythonSetting, type PythonTool, withPython } from "./python_tool.ts";

/** The smallest picture there is. */
const PNG =
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGNgYGBgAAAABQABpfZFQAAAAABJRU5ErkJggg==";

/** Runs a test with the tool and a workspace it may read and write. */
function withWorkspace(
  test: (tool: PythonTool, workspace: string) => Promise<void>,
  rights: { mayRead?: boolean; mayWrite?: boolean } = {},
  setting: PythonSetting = {},
): Promise<void> {
  return inFolder((workspace) => {
    const files = { workspace, mayRead: true, mayWrite: true, ...rights };
    Deno.mkdirSync(`${workspace}/data`);
    Deno.writeTextFileSync(`${workspace}/data/in.csv`, "a,b\n1,2\n");
    Deno.writeTextFileSync(`${workspace}/notes.txt`, "first\n");
    return withPython((tool) => test(tool, workspace), { ...setting, files });
  });
}

/** All files, with their content. */
function contents(folder: string, below = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${below}`)) {
    if (isDirectory) Object.assign(found, contents(folder, `${below}${name}/`));
    else found[below + name] = Deno.readTextFileSync(`${folder}/${below}${name}`);
  }
  return found;
}

Deno.test("code works on the workspace's files, and what it changed is written back and told", () =>
  withWorkspace(async ({ run, value }, workspace) => {
    const session = { session: "s" };
    assert.equal(await value("open('data/in.csv').read()"), "'a,b\\n1,2\\n'");
    const { files, error } = await run(
      `
import os
open('notes.txt', 'a').write('second\\n')
os.makedirs('out/deep')
open('out/deep/new.txt', 'w').write('new\\n')
open('empty', 'w').close()
open('out/bytes', 'wb').write(bytes([0, 255]))`,
      session,
    );
    assert.equal(error, undefined);
    const told = Object.fromEntries(files.map(({ path, change, bytes }) => [path, `${change} ${bytes}`]));
    assert.deepEqual(told, {
      "notes.txt": "modified 13",
      "out/deep/new.txt": "created 4",
      "empty": "created 0",
      "out/bytes": "created 2",
    });
    assert.match(files.find(({ path }) => path === "notes.txt")!.diff!, /^ first\n\+second$/m);
    assert.equal(Deno.readTextFileSync(`${workspace}/notes.txt`), "first\nsecond\n");
    assert.deepEqual([...Deno.readFileSync(`${workspace}/out/bytes`)], [0, 255]);
    assert.deepEqual((await run("open('notes.txt').read()", session)).files, [], "reading changes nothing");

    // Others work there too: what they changed comes with the next call.
    Deno.writeTextFileSync(`${workspace}/notes.txt`, "theirs\n");
    assert.equal(await value("open('notes.txt').read()", session), "'theirs\\n'");
    const { files: moved } = await run(
      "os.rename('notes.txt', 'out/moved.txt')\nos.remove('data/in.csv')",
      session,
    );
    const changes = Object.fromEntries(moved.map(({ path, change }) => [path, change]));
    assert.deepEqual(changes, {
      "out/moved.txt": "created",
      "notes.txt": "deleted",
      "data/in.csv": "deleted",
    });
    const { "out/bytes": _, ...all } = contents(workspace);
    assert.deepEqual(all, { "empty": "", "out/deep/new.txt": "new\n", "out/moved.txt": "theirs\n" });
  }));

Deno.test("interpreters that are used one after the other each have the files, and take none away", () =>
  withWorkspace(
    async ({ value }, workspace) => {
      const before = contents(workspace);
      for (let times = 0; times < 4; times++) {
        assert.equal(await value("import os\nsorted(os.listdir())"), "['data', 'notes.txt']");
      }
      assert.deepEqual(contents(workspace), before);
    },
    {},
    { limits: { warm: 1 } },
  ));

Deno.test("two sessions have copies of their own, and modules there can be imported", () =>
  withWorkspace(async ({ run, value }) => {
    const [a, b] = [{ session: "a" }, { session: "b" }];
    await Promise.all([value("x = open('notes.txt').read()", a), value("x = open('notes.txt').read()", b)]);
    await run("open('tool.py', 'w').write('answer = 42')", a);
    assert.equal(await value("import tool\ntool.answer", b), "42");
    await run("open('notes.txt', 'w').write('of b')", b);
    assert.equal(await value("open('notes.txt').read()", a), "'of b'");
  }));

Deno.test("without the right to write nothing is written, and code is told so", () =>
  withWorkspace(async ({ run, value }, workspace) => {
    const before = contents(workspace);
    const { files, value: read } = await run(
      "open('x', 'w').write('x')\nimport os\nos.remove('notes.txt')\nopen('data/in.csv').read()",
    );
    assert.equal(read, "'a,b\\n1,2\\n'");
    assert.deepEqual(files.map(({ path, change }) => [path, change]).sort(), [["notes.txt", "refused"], [
      "x",
      "refused",
    ]]);
    assert.match(files[0]!.reason!, /may not be written/);
    assert.deepEqual(contents(workspace), before);
    assert.equal(await value("import os\nos.path.exists('notes.txt')"), "True");
  }, { mayWrite: false }));

Deno.test("paths that are left alone are refused and the rest is written; without the right to read there is nothing", async () => {
  await withWorkspace(async ({ run }, workspace) => {
    Deno.mkdirSync(`${workspace}/.git`);
    Deno.symlinkSync("..", `${workspace}/up`);
    const { files } = await run(`
import os
for folder in ('.git/hooks', 'up', 'fine'):
    os.makedirs(folder)
    open(folder + '/file', 'w').write('x')
os.symlink('/etc/passwd', 'passwd')`);
    const changes = Object.fromEntries(files.map(({ path, change }) => [path, change]));
    assert.deepEqual(changes, { ".git/hooks/file": "refused", "up/file": "refused", "fine/file": "created" });
    assert.deepEqual([...Deno.readDirSync(`${workspace}/.git`)], []);
  });
  await withWorkspace(async ({ value }) => {
    assert.equal(await value("import os\nos.listdir()"), "[]");
  }, { mayRead: false, mayWrite: false });
});

Deno.test("pictures are artifacts: those written, those a value shows, those of a plot", () =>
  withPython(async ({ artifacts, run }) => {
    const png = `import base64\npng = base64.b64decode("${PNG}")\n`;
    const pictures = async (code: string) =>
      (await artifacts(png + code)).map(({ name, mediaType, base64 }) => {
        assert.equal(base64, PNG);
        return `${name} ${mediaType}`;
      });
    assert.deepEqual(await pictures("open('a.png', 'wb').write(png)\nopen('b.txt', 'w').write('b')"), [
      "a.png image/png",
    ]);
    const shown = "class Shown:\n    def _repr_png_(self): return png\nShown()";
    assert.deepEqual(await pictures(shown), ["figures/figure-1.png image/png"]);
    const plot = `
import sys, types
class Figure:
    def savefig(self, path): open(path, 'wb').write(png)
plot = types.ModuleType("matplotlib.pyplot")
open_figures = [1, 2]
plot.get_fignums = lambda: list(open_figures)
plot.figure = lambda number: Figure()
plot.close = lambda which: open_figures.clear()
sys.modules["matplotlib"] = types.ModuleType("matplotlib")
sys.modules["matplotlib.pyplot"] = plot`;
    assert.deepEqual(await pictures(plot), [
      "figures/figure-1.png image/png",
      "figures/figure-2.png image/png",
    ]);
    assert.deepEqual(await artifacts("1"), []);
    const bad = await run("class Bad:\n    def _repr_png_(self): raise ValueError('no picture')\nBad()");
    assert.match(bad.error!.message, /no picture/);
    const large = await artifacts(
      "open('large.png', 'wb').write(bytes(5 << 20))\nopen('small.png', 'wb').write(b'x')",
    );
    assert.deepEqual(large.map(({ name }) => name), ["small.png"], "one that is too large is left out");
  }));
