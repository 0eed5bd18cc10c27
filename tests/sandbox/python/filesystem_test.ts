import assert from "node:assert/strict";
import { openPython, type Python } from "./open_python.ts";

const MIB = 1024 * 1024;
const QUOTA = 8 * MIB;

/** Runs a test with an interpreter whose files have {@linkcode QUOTA} bytes. */
async function withFiles(test: (python: Python, value: (code: string) => Promise<string>) => Promise<void>) {
  using python = await openPython({ fileBytes: QUOTA + await usedByPython() });
  await test(python, async (code) => {
    const { value, error } = await python.run(code);
    assert.equal(error, undefined, `${code}: ${error?.traceback}`);
    return String(value);
  });
}

/** Bytes of files a new interpreter has: its library. */
async function usedByPython(): Promise<number> {
  using python = await openPython({ fileBytes: 64 * MIB });
  const { value } = await python.run("import os\nos.path.getsize('/lib/python314.zip')");
  return Number(value);
}

/** Code whose `attempt` says which error its lines met, or "done". */
const ATTEMPT = `
import errno, os, mmap
def attempt(act):
    try:
        act()
    except OSError as error:
        return errno.errorcode[error.errno]
    return "done"
def put(path, size):
    with open(path, "wb") as file:
        file.write(bytes(size))
def grow(path, size):
    with open(path, "wb") as file:
        file.truncate(size)
`;

Deno.test("files have a quota that no way of writing exceeds, and what is deleted is free again", () =>
  withFiles(async (_python, value) => {
    await value(ATTEMPT);
    assert.equal(await value("attempt(lambda: put('a', 6 << 20))"), "'done'");
    assert.equal(await value("attempt(lambda: put('b', 6 << 20))"), "'ENOSPC'");
    assert.equal(await value("os.remove('b')\nattempt(lambda: put('c', 1 << 20))"), "'done'");
    const ways = [
      "grow('d', 10**13)",
      "grow('d', 4 << 20)",
      "os.truncate('a', 12 << 20)",
      "open('e', 'wb').seek(10**9) and None or os.pwrite(os.open('e', os.O_RDWR), b'x', 10**9)",
      "__import__('tempfile').SpooledTemporaryFile(1).write(bytes(9 << 20))",
      "open('a', 'ab').write(bytes(4 << 20))",
      "__import__('shutil').copyfile('a', 'g')",
    ];
    for (const way of ways) {
      assert.notEqual(await value(`attempt(lambda: ${way})`), "'done'", way);
      await value("for name in 'defg':\n    if os.path.exists(name): os.remove(name)");
    }
    // Room that comes back in every way.
    assert.equal(await value("os.remove('a')\nattempt(lambda: put('h', 6 << 20))"), "'done'");
    assert.equal(await value("os.truncate('h', 0)\nattempt(lambda: put('i', 6 << 20))"), "'done'");
    assert.equal(await value("attempt(lambda: put('i', 6 << 20))"), "'done'", "over itself");
    assert.equal(await value("os.rename('i', 'h')\nattempt(lambda: put('j', 1 << 20))"), "'done'");
    assert.equal(await value("os.listdir()"), "['c', 'h', 'j']");
  }));

Deno.test("a deleted file that is still open counts until it is closed", () =>
  withFiles(async (_python, value) => {
    await value(ATTEMPT);
    await value("held = open('a', 'w+b')\nheld.write(bytes(6 << 20))\nheld.flush()\nos.remove('a')");
    assert.equal(await value("attempt(lambda: put('b', 4 << 20))"), "'ENOSPC'");
    assert.equal(
      await value("held.close()\nos.path.exists('b') and os.remove('b')\nattempt(lambda: put('b', 4 << 20))"),
      "'done'",
    );
  }));

Deno.test("small writes, again and again, do not use up the quota", () =>
  withFiles(async (_python, value) => {
    await value(ATTEMPT);
    const code =
      "for n in range(300):\n    put('a', 100_000)\n    put(f'b{n % 3}', 1_000)\n    os.remove('a')\nattempt(lambda: put('c', 6 << 20))";
    assert.equal(await value(code), "'done'");
    assert.equal(
      await value(
        "with open('log', 'ab', buffering=0) as f:\n    for n in range(2_000): f.write(b'x' * 100)\nos.path.getsize('log')",
      ),
      "200000",
    );
  }));

Deno.test("names and the number of files are bounded", () =>
  withFiles(async (_python, value) => {
    await value(ATTEMPT);
    assert.equal(await value("attempt(lambda: put('n' * 255, 1))"), "'done'");
    assert.equal(await value("attempt(lambda: put('n' * 256, 1))"), "'ENAMETOOLONG'");
    assert.equal(await value("attempt(lambda: os.mkdir('n' * 100_000))"), "'ENAMETOOLONG'");
    const many = "def many():\n    for n in range(30_000): os.mkdir(f'/tmp/{n}')\nattempt(many)";
    assert.equal(await value(many), "'ENOSPC'");
    assert.equal(await value("len(os.listdir('/tmp')) <= 20_000"), "True");
    assert.notEqual(await value("attempt(lambda: os.symlink('t' * 10_000_000, 'link'))"), "'done'");
  }));

Deno.test("what was written comes out once, however it was written", async () => {
  using python = await openPython();
  const files = ["old", "same", "mapped", "gone", "read", "moved"]
    .map((path) => ({ path, bytes: new TextEncoder().encode("12345") }));
  const written = async (code: string, how = {}) => {
    const { files, paths, omitted, error } = await python.run(code, how);
    assert.equal(error, undefined, error?.traceback ?? "");
    return {
      files: files.map(({ path, bytes }) => `${path}=${new TextDecoder().decode(bytes)}`).sort(),
      paths: [...paths].sort(),
      omitted,
    };
  };
  const code = `
import mmap, os
open('new', 'w').write('n')
open('empty', 'w').close()
os.makedirs('sub/deep')
open('sub/deep/file', 'w').write('d')
open('old', 'a').write('6')
open('same', 'r+').write('54321')
with open('mapped', 'r+b') as file, mmap.mmap(file.fileno(), 0) as view:
    view[0:1] = b'M'
    view.flush()
os.remove('gone')
open('read').read()
os.rename('moved', 'sub/moved')
os.symlink('/etc/passwd', 'link')
os.symlink('old', 'link2')
open('/tmp/outside', 'w').write('o')
`;
  const first = await written(code, { files });
  const expected = [
    "empty=",
    "mapped=M2345",
    "new=n",
    "old=123456",
    "same=54321",
    "sub/deep/file=d",
    "sub/moved=12345",
  ];
  assert.deepEqual(first.files, expected);
  assert.deepEqual(first.paths, [
    "empty",
    "mapped",
    "new",
    "old",
    "read",
    "same",
    "sub/deep/file",
    "sub/moved",
  ]);
  assert.deepEqual((await written("1")).files, []);
  assert.deepEqual(
    (await written("open('new', 'w').write('n')")).files,
    ["new=n"],
    "the same content is written all the same",
  );
  assert.deepEqual((await written("os.truncate('new', 0)")).files, ["new="]);
  assert.deepEqual((await written("os.replace('old', 'new')")).files, ["new=123456"]);

  const many = "for n in range(5): open(f'many{n}', 'w').write('x' * 10)";
  const bounded = await written(many, { filesOut: { files: 2, bytes: 1_000 } });
  assert.deepEqual([bounded.files.length, bounded.omitted], [2, 3]);
  const rest = await written("1", { filesOut: { files: 10, bytes: 25 } });
  assert.deepEqual([rest.files.length, rest.omitted], [2, 1], "what had no room comes with the next run");
  assert.deepEqual((await written("1")).files.length, 1);
});

Deno.test("code that spoils its folder spoils its own run only", async () => {
  using python = await openPython();
  const ways = [
    "import os\nos.chmod('/workspace', 0)",
    "import os\nos.rename('/workspace', '/elsewhere')",
    "import os\nos.chdir('/')\nos.rmdir('/workspace')\nopen('/workspace', 'w').write('x')",
    "import os\nos.chdir('/')\nos.rmdir('/workspace')\nos.symlink('/', '/workspace')",
  ];
  for (const way of ways) {
    const { broken, files } = await python.run(way);
    assert.deepEqual(files, [], way);
    if (broken) await python.renew();
    const input = [{ path: "a/b", bytes: new Uint8Array([1]) }];
    const next = await python.run("open('/workspace/a/b', 'rb').read()", { files: input });
    if (next.broken) await python.renew();
    else assert.ok(next.value === "b'\\x01'" || next.error !== undefined, `${way}: ${JSON.stringify(next)}`);
    await python.renew();
  }
});
