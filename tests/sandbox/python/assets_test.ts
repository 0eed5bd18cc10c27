import assert from "node:assert/strict";
import {
  findSnapshot,
  keepSnapshot,
  openSnapshot,
  type SnapshotFile,
} from "../../../sandbox/python/assets.ts";
import { pythonCache } from "../../support/python_cache.ts";
import { inFolder } from "../files/in_folder.ts";

const bytes = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;

Deno.test("a snapshot that was kept is found and can be read again and again", () =>
  inFolder(async (folder) => {
    const cache = `${folder}/not/there/yet`;
    assert.equal(await findSnapshot(cache), null);
    const kept = await keepSnapshot(cache, bytes("image"), "1");
    assert.deepEqual(await findSnapshot(cache), kept);
    assert.match(kept.sha256, /^[0-9a-f]{64}$/);
    const { read, close } = await opened(kept);
    for (let times = 0; times < 2; times++) assert.equal(new TextDecoder().decode(read()), "image");
    close();
    assert.equal([...Deno.readDirSync(cache)].length, 2, "nothing else was left there");
  }));

Deno.test("a snapshot that is not what was written is not found, and is replaced by the next", () =>
  inFolder(async (cache) => {
    const { path } = await keepSnapshot(cache, bytes("image"), "1");
    Deno.writeFileSync(path, bytes("imagE"));
    assert.equal(await findSnapshot(cache), null);
    const again = await keepSnapshot(cache, bytes("image"), "2");
    assert.deepEqual(await findSnapshot(cache), again);
    assert.equal(Deno.readTextFileSync(path), "image");
    Deno.removeSync(path);
    assert.equal(await findSnapshot(cache), null);
  }));

Deno.test("a snapshot that changed after it was found is not opened", () =>
  inFolder(async (cache) => {
    const kept = await keepSnapshot(cache, bytes("image"), "1");
    Deno.writeFileSync(kept.path, bytes("other"));
    await assert.rejects(openSnapshot(kept), { code: "bad_snapshot" });
    const foreign = { path: kept.path, sha256: "0".repeat(64) };
    await assert.rejects(openSnapshot(foreign), { code: "bad_snapshot" });
  }));

Deno.test("of two that make one at the same time each can open its own", () =>
  inFolder(async (cache) => {
    const [first, second] = await Promise.all([
      keepSnapshot(cache, bytes("one"), "1"),
      keepSnapshot(cache, bytes("two"), "2"),
    ]);
    assert.notEqual(first.sha256, second.sha256);
    for (const [kept, text] of [[first, "one"], [second, "two"]] as const) {
      const { read, close } = await opened(kept);
      assert.equal(new TextDecoder().decode(read()), text);
      close();
    }
    assert.ok([first.sha256, second.sha256].includes((await findSnapshot(cache))!.sha256));
  }));

Deno.test("the snapshot of this build is what the tests share", async () => {
  const cache = await pythonCache();
  assert.ok((await findSnapshot(cache))!.path.startsWith(`${cache}/`));
  assert.equal(await pythonCache(), cache);
});

/** Opens a snapshot whose file can be closed: a process keeps it as long as it lives. */
async function opened(kept: SnapshotFile) {
  const { openSync } = Deno;
  const files: Deno.FsFile[] = [];
  Deno.openSync = (path, options) => {
    const file = openSync(path, options);
    files.push(file);
    return file;
  };
  try {
    return { read: await openSnapshot(kept), close: () => files.forEach((file) => file.close()) };
  } finally {
    Deno.openSync = openSync;
  }
}

Deno.test("the newest snapshots stay, the others go", () =>
  inFolder(async (cache) => {
    const kept = [];
    for (const id of ["1", "2", "3", "4", "5"]) {
      kept.push(await keepSnapshot(cache, bytes(id), id));
      Deno.utimeSync(kept.at(-1)!.path, Number(id), Number(id));
    }
    const there = kept.map(({ path }) =>
      [...Deno.readDirSync(cache)].some(({ name }) => path.endsWith(name))
    );
    assert.deepEqual(there, [false, false, true, true, true]);
  }));
