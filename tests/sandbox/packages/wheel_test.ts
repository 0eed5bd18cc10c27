import assert from "node:assert/strict";
import { inspectWheel, nativeCode, parseMetadata } from "../../../sandbox/packages/wheel.ts";
import { makeWheel, zip } from "./make_wheel.ts";

const wanted = { name: "demo-kit", version: "1.0" };
const bad = (message: RegExp) => ({ code: "bad_archive", message });

Deno.test("a wheel says what it can be imported as, what is native in it and what it requires", async () => {
  const { bytes } = await makeWheel({
    name: "Demo.Kit",
    requires: ["numpy>=1", 'pytest; extra == "test"'],
    files: {
      "demo/__init__.py": "",
      "demo/_fast.cpython-314-wasm32-emscripten.so": "native",
      "single.py": "",
      "_low.abi3.so": "native",
      "space/part/mod.py": "",
      "data/readme.txt": "no code",
      "not-a-name/x.py": "",
      "demo_kit-1.0.data/purelib/moved.py": "",
      "demo_kit-1.0.data/scripts/tool.py": "",
    },
  });
  const { metadata, imports, native } = await inspectWheel(bytes, wanted);
  assert.deepEqual(imports, ["_low", "demo", "moved", "single", "space"]);
  assert.deepEqual(native, ["_low.abi3.so", "demo/_fast.cpython-314-wasm32-emscripten.so"]);
  assert.deepEqual(metadata.requires, ["numpy>=1", 'pytest; extra == "test"']);
  const code = nativeCode(bytes);
  assert.deepEqual([...code.keys()].sort(), native);
  assert.equal(new TextDecoder().decode(code.get("_low.abi3.so")), "native");
});

Deno.test("a wheel of another package or version is refused", async () => {
  const { bytes } = await makeWheel({ name: "demo-kit", version: "1.1" });
  await assert.rejects(inspectWheel(bytes, wanted), bad(/it is demo-kit 1\.1, not demo-kit 1\.0/));
  const other = await makeWheel({ name: "other" });
  await assert.rejects(inspectWheel(other.bytes, wanted), bad(/no information about demo-kit/));
  const two = await makeWheel({ name: "demo-kit", files: { "x-1.dist-info/METADATA": "" } });
  await assert.rejects(inspectWheel(two.bytes, wanted), bad(/or more than one/));
  await assert.rejects(inspectWheel(zip({ "a.py": new Uint8Array(1) }), wanted), bad(/no information/));
});

Deno.test("files that are changed, added or not hashed are found by the wheel's own list", async () => {
  const changed = await makeWheel({ name: "demo-kit", changed: { "demo_kit/__init__.py": "evil = 1" } });
  await assert.rejects(
    inspectWheel(changed.bytes, wanted),
    bad(/__init__\.py is not the file its list describes/),
  );
  const added = await makeWheel({ name: "demo-kit", unlisted: { "demo_kit/more.py": "evil = 1" } });
  await assert.rejects(inspectWheel(added.bytes, wanted), bad(/no hash of demo_kit\/more\.py/));
  const weak = await makeWheel({
    name: "demo-kit",
    files: { "a.py": "" },
    changed: { "demo_kit-1.0.dist-info/RECORD": "a.py,md5=1B2M2Y8AsgTpgAmY7PhCfg,0\n" },
  });
  await assert.rejects(inspectWheel(weak.bytes, wanted), bad(/no hash of a\.py/));
  const without = zip({
    "demo_kit-1.0.dist-info/METADATA": new TextEncoder().encode("Name: demo-kit\nVersion: 1.0\n"),
  });
  await assert.rejects(inspectWheel(without, wanted), bad(/has no demo_kit-1\.0\.dist-info\/RECORD/));
});

Deno.test("a path with a comma in it is found in the list", async () => {
  const { bytes } = await makeWheel({ name: "demo-kit", files: { 'a "quoted", one.py': "x = 1" } });
  const members = new TextDecoder("latin1").decode(bytes);
  assert.ok(members.includes('a "quoted", one.py'));
  // The maker writes it plainly, as no CSV writer would.
  await assert.rejects(inspectWheel(bytes, wanted), bad(/no hash/));
  const hash = "sha256=" +
    new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode("x = 1")))
      .toBase64({ alphabet: "base64url", omitPadding: true });
  const good = await makeWheel({ name: "demo-kit", files: { 'a "quoted", one.py': "x = 1" } });
  const record = await listOf(good.bytes, `"a ""quoted"", one.py",${hash},5\n`);
  await inspectWheel(record, wanted);
});

/** The wheel with the first line of its list replaced. */
async function listOf(bytes: Uint8Array, line: string): Promise<Uint8Array> {
  const { unzipSync } = await import("fflate");
  const files = unzipSync(bytes);
  const path = "demo_kit-1.0.dist-info/RECORD";
  const lines = new TextDecoder().decode(files[path]).split("\n");
  files[path] = new TextEncoder().encode(line + lines.slice(1).join("\n"));
  return zip(files);
}

Deno.test("metadata is read from its head, long lines and Windows line ends included", () => {
  const text =
    "Name: a\r\nversion: 1\r\nSummary: two\r\n lines\r\nRequires-Dist: b\r\n >=1\r\n\r\nName: not this\r\n";
  assert.deepEqual(parseMetadata(text), { name: "a", version: "1", requires: ["b >=1"] });
  assert.throws(() => parseMetadata("Summary: nameless\n"), bad(/no name or version/));
});
