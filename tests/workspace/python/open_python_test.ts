import assert from "node:assert/strict";
import { openPython } from "../../../workspace/mod.ts";
import { pythonCache } from "../../support/python_cache.ts";

Deno.test("code runs by itself or in a session, and is heard while it runs", async () => {
  await using python = await openPython({ cache: await pythonCache() });
  const heard: string[] = [];
  const onOutput = (channel: string, text: string) => void heard.push(`${channel}: ${text}`);
  const { stdout, value, files, error } = await python.run("print('hi')\n6 * 7", { onOutput });
  assert.deepEqual([stdout, value, files, error, heard], ["hi\n", "42", [], undefined, ["stdout: hi\n"]]);
  await python.run("x = 20", { session: "mine" });
  assert.equal((await python.run("x + 1", { session: "mine" })).value, "21");
  assert.match(
    (await python.run("x", { session: "mine", reset: true })).error?.message ?? "",
    /^NameError: /,
  );
  assert.match((await python.run("x")).error?.message ?? "", /^NameError: /);
  await assert.rejects(python.run("1", { timeoutMs: 1 }), { code: "bad_request" });
});

Deno.test("a run that is cancelled leaves its session as it was, whether the code waits or computes", async () => {
  await using python = await openPython({ cache: await pythonCache() });
  const session = "mine";
  await python.run("x = 20", { session });
  for (const code of ["import time; print('go'); time.sleep(60)", "print('go')\nwhile True: x += 0"]) {
    const stop = new AbortController();
    const onOutput = () => stop.abort();
    await assert.rejects(python.run(code, { session, signal: stop.signal, onOutput }), { code: "cancelled" });
    assert.equal((await python.run("x", { session })).value, "20", code);
  }
  const deaf = "while True:\n  try:\n    print('go')\n    while True: pass\n  except KeyboardInterrupt: pass";
  const stop = new AbortController();
  const onOutput = () => stop.abort();
  await assert.rejects(python.run(deaf, { session, signal: stop.signal, onOutput }), { code: "cancelled" });
  assert.match((await python.run("x", { session })).error?.message ?? "", /^NameError: /);
});

Deno.test("files of a workspace are read and written back as far as that is allowed", async () => {
  const workspace = Deno.makeTempDirSync();
  const cache = await pythonCache();
  const code = "text = open('in.txt').read()\n_ = open('out.txt', 'w').write(text * 2)\ntext";
  try {
    Deno.writeTextFileSync(`${workspace}/in.txt`, "ab");
    await using python = await openPython({ cache, workspace });
    const { value, files } = await python.run(code);
    assert.deepEqual([value, files[0]?.path, files[0]?.change], ["'ab'", "out.txt", "created"]);
    assert.equal(Deno.readTextFileSync(`${workspace}/out.txt`), "abab");
    Deno.removeSync(`${workspace}/out.txt`);
    await using reader = await openPython({ cache, workspace, write: false });
    assert.equal((await reader.run(code)).files[0]?.change, "refused");
    assert.throws(() => Deno.statSync(`${workspace}/out.txt`), Deno.errors.NotFound);
    await using blind = await openPython({ cache, workspace, read: false, write: false });
    assert.match((await blind.run(code)).error?.message ?? "", /^FileNotFoundError: /);
  } finally {
    Deno.removeSync(workspace, { recursive: true });
  }
});
