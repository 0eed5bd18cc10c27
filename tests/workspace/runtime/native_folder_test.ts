import assert from "node:assert/strict";
import { unpackWithin } from "../../../workspace/runtime/native_folder.ts";

const name = `native-${Deno.uid()}`;

/** Does it in a folder of its own and puts the environment back. */
async function within(work: (parent: string) => void): Promise<void> {
  const before = Deno.env.get("TMPDIR");
  const parent = await Deno.makeTempDir({ prefix: "troupe-native-" });
  try {
    work(parent);
  } finally {
    if (before === undefined) Deno.env.delete("TMPDIR");
    else Deno.env.set("TMPDIR", before);
    await Deno.remove(parent, { recursive: true });
  }
}

const refuses = (parent: string, message: RegExp) =>
  assert.throws(() => unpackWithin(parent), { code: "config_folder", message });

Deno.test("the temporary folder becomes one that only its owner may write in, and stays it", async () => {
  await within((parent) => {
    for (const _ of ["first", "again"]) {
      unpackWithin(`${parent}/state`);
      assert.equal(Deno.env.get("TMPDIR"), `${parent}/state/${name}`);
      assert.equal(Deno.statSync(`${parent}/state/${name}`).mode! & 0o777, 0o700);
    }
  });
});

Deno.test("a folder that others may write in, or a link to one, is refused", async () => {
  await within((parent) => {
    const before = Deno.env.get("TMPDIR");
    Deno.mkdirSync(`${parent}/a/${name}`, { recursive: true });
    Deno.chmodSync(`${parent}/a/${name}`, 0o770);
    refuses(`${parent}/a`, /Cannot unpack .*: others may write there$/);
    Deno.mkdirSync(`${parent}/b`);
    Deno.symlinkSync(parent, `${parent}/b/${name}`);
    refuses(`${parent}/b`, /others may write there$/);
    Deno.writeTextFileSync(`${parent}/c`, "");
    refuses(`${parent}/c`, /Cannot unpack .*: Not a directory$/);
    assert.equal(Deno.env.get("TMPDIR"), before);
  });
});
