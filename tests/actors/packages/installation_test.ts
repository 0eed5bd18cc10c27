import assert from "node:assert/strict";
import { Installation } from "../../../actors/packages/installation.ts";
import type { PackageOptions } from "../../../actors/packages/package_options.ts";
import type { FetchContext } from "../../../actors/packages/store.ts";
import type { WheelParts } from "../../sandbox/packages/make_wheel.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { makeWheel, zip } from "../../sandbox/packages/make_wheel.ts";
import { type PackageIndex, pyodideFolder, startIndex } from "./package_index.ts";

const NATIVE = "cp314-cp314-pyemscripten_2026_0_wasm32";

/** One installer's surroundings. */
interface Scene {
  readonly index: PackageIndex;
  readonly folder: string;
  readonly options: PackageOptions;
  readonly context: FetchContext;
  /** Lines it logged. */
  readonly log: string[];
  open(more?: Partial<PackageOptions>): Installation;
  lock(): { packages: Record<string, { version: string; sha256: string; depends: string[] }> };
}

async function scene(
  act: (scene: Scene) => Promise<void>,
  distributed: (index: PackageIndex) => Promise<Parameters<typeof pyodideFolder>[2]> = () =>
    Promise.resolve([]),
): Promise<void> {
  await using index = startIndex();
  await inFolder(async (folder) => {
    const pyodide = await pyodideFolder(folder, index, await distributed(index));
    const { origin } = index;
    const options: PackageOptions = {
      allow: ["demo"],
      lock: `${folder}/python.lock.json`,
      cache: `${folder}/cache`,
      pyodide,
      index: `${origin}/simple/`,
      distribution: `${origin}/dist/`,
    };
    const log: string[] = [];
    let ids = 0;
    const context = {
      clock: { now: () => 0, sleep: () => Promise.resolve() },
      signal: new AbortController().signal,
      newId: () => `id${ids++}`,
      log: { warn: (line: string) => log.push(line) },
    } as unknown as FetchContext;
    await act({
      index,
      folder,
      options,
      context,
      log,
      open: (more = {}) => new Installation({ ...options, ...more }),
      lock: () => JSON.parse(Deno.readTextFileSync(options.lock)),
    });
  });
}

const files = (index: PackageIndex) => index.requests.filter((one) => one.endsWith(".whl"));

Deno.test("an allowed package is chosen, locked with all it needs, and fetched once", () =>
  scene(async ({ index, open, context, lock, options }) => {
    const demo = await index.add({
      name: "Demo",
      version: "2.0",
      requires: ["dep-kit>=1", 'nope; extra == "x"'],
    }, {
      "core-metadata": true,
    });
    await index.add({ name: "demo", version: "1.0" });
    await index.add({ name: "demo", version: "3.0", tags: "cp314-cp314-win_amd64" });
    const dep = await index.add({
      name: "dep-kit",
      tags: NATIVE,
      files: { "dep/__init__.py": "", "dep/fast.cpython-314-wasm32-emscripten.so": "code" },
    });
    const wheels = await open().wheels(["DEMO"], context);
    assert.deepEqual(wheels.map(({ name, version }) => `${name} ${version}`), ["dep-kit 1.0", "demo 2.0"]);
    assert.deepEqual(wheels[0], {
      name: "dep-kit",
      version: "1.0",
      file: dep.file,
      sha256: dep.sha256,
      size: dep.bytes.length,
      imports: ["dep"],
      native: ["dep/fast.cpython-314-wasm32-emscripten.so"],
    });
    assert.deepEqual(lock().packages.demo, {
      version: "2.0",
      file: demo.file,
      url: `${index.origin}/files/${demo.file}`,
      sha256: demo.sha256,
      size: demo.bytes.length,
      depends: ["dep-kit"],
      imports: ["demo"],
      native: [],
    });
    assert.deepEqual(await open().bytes(demo.sha256, context), demo.bytes);
    // From here on the lock decides: a newer version is not looked for, and nothing is asked again.
    await index.add({ name: "demo", version: "2.5" });
    const asked = index.requests.length;
    const text = Deno.readTextFileSync(options.lock);
    assert.deepEqual(await open().wheels(["demo", "dep-kit"], context), wheels);
    assert.deepEqual(await open().provide(["demo.part", "dep"], context), { wheels, denied: [] });
    assert.equal(index.requests.length, asked);
    assert.equal(Deno.readTextFileSync(options.lock), text);
    assert.equal(files(index).length, 2);
  }));

Deno.test("what is not allowed is refused with the lines that would allow it, and nothing is asked", () =>
  scene(async ({ index, open, context, options }) => {
    const message =
      "Cannot use the Python package numpy: it is not allowed. To allow it, put into the configuration:\n" +
      '[python.packages]\nallow = ["demo", "numpy"]';
    await assert.rejects(open().wheels(["numpy"], context), { code: "not_allowed", message });
    await assert.rejects(open().wheels(["../x"], context), { code: "bad_name" });
    await assert.rejects(open({ allow: [] }).wheels(["numpy"], context), { message: /allow = \["numpy"\]$/ });
    assert.deepEqual(
      await open({ allow: [] }).provide(["os", "numpy"], context).then(({ denied }) => denied[1]),
      {
        import: "numpy",
        message: message.replace('"demo", ', ""),
      },
    );
    assert.deepEqual(index.requests, []);
    assert.throws(() => Deno.statSync(options.lock), Deno.errors.NotFound);
  }));

Deno.test("an import of another name than its package is found by looking into what is allowed", () =>
  scene(async ({ index, open, context, log }) => {
    await index.add({ name: "python-odd", files: { "strange.py": "" } });
    const installation = open({ allow: ["python-odd", "missing"] });
    const { wheels, denied } = await installation.provide(["strange", "unknown"], context);
    assert.deepEqual(wheels.map(({ name }) => name), ["python-odd"]);
    assert.deepEqual(denied.map((one) => one.import), ["unknown"]);
    assert.match(log.join(), /Cannot install missing: the package index has no package of that name/);
  }));

Deno.test("a file with another hash than the index or the lock says is refused, and nothing is locked", () =>
  scene(async ({ index, open, context, folder, options }) => {
    const demo = await index.add({ name: "demo" }, { hashes: { sha256: "a".repeat(64) } });
    const wrong = /has the SHA-256 hash [0-9a-f]{64}, but the package index says a{64}$/;
    await assert.rejects(open().wheels(["demo"], context), { code: "hash_mismatch", message: wrong });
    assert.throws(() => Deno.statSync(options.lock), Deno.errors.NotFound);

    const good = await index.add({ name: "good" });
    await open({ allow: ["good"] }).wheels(["good"], context);
    Deno.removeSync(`${folder}/cache/${good.sha256}`);
    index.answers.set(`/files/${good.file}`, () => new Response(demo.bytes));
    await assert.rejects(open({ allow: ["good"] }).wheels(["good"], context), {
      code: "hash_mismatch",
      message: /but the lock file python\.lock\.json says .* remove "good" from the lock file$/,
    });
  }));

Deno.test("hostile, wrong and oversized wheels are refused and not locked", () =>
  scene(async ({ index, open, context, options }) => {
    const bad: [parts: WheelParts, code: string, message: RegExp][] = [
      [{ name: "slip", files: { "../../evil.py": "x" } }, "bad_archive", /leads out of it/],
      [
        { name: "forged", changed: { "forged/__init__.py": "x" } },
        "bad_archive",
        /not the file its list describes/,
      ],
      [
        { name: "large", files: { "large.bin": crypto.getRandomValues(new Uint8Array(60_000)) } },
        "too_large",
        /more than 50000/,
      ],
      [
        { name: "wrong-tags", tags: "cp314-cp314-manylinux_2_28_x86_64" },
        "unresolved",
        /none of its 1 files in the index fits/,
      ],
    ];
    for (const [parts, code, message] of bad) {
      await index.add(parts);
      const installation = open({ allow: [parts.name], maxFileBytes: 50_000 });
      await assert.rejects(installation.wheels([parts.name], context), { code, message });
    }
    await index.add({
      name: "silent-large",
      files: { "a.bin": crypto.getRandomValues(new Uint8Array(60_000)) },
    }, { size: undefined });
    const silent = open({ allow: ["silent-large"], maxFileBytes: 50_000 });
    await assert.rejects(silent.wheels(["silent-large"], context), { code: "too_large" });
    assert.throws(() => Deno.statSync(options.lock), Deno.errors.NotFound);
  }));

Deno.test("damaged cached files are fetched again; without the index what is cached still works", () =>
  scene(async ({ index, open, context, folder }) => {
    const demo = await index.add({ name: "demo" });
    const wheels = await open().wheels(["demo"], context);
    const path = `${folder}/cache/${demo.sha256}`;
    Deno.writeFileSync(path, demo.bytes.slice(1));
    assert.deepEqual(await open().bytes(demo.sha256, context), demo.bytes);
    assert.equal(files(index).length, 2);
    assert.deepEqual(Deno.readFileSync(path), demo.bytes);
    await index.down();
    assert.deepEqual(await open().provide(["demo"], context), { wheels, denied: [] });
    Deno.writeFileSync(path, demo.bytes.slice(1));
    const error = await open().bytes(demo.sha256, context).catch((thrown) => thrown);
    assert.equal(error.code, "unreachable");
    assert.equal(error.retry, "later");
    assert.match(error.message, /^Cannot fetch demo 1\.0: 127\.0\.0\.1:\d+ cannot be reached/);
    await assert.rejects(open({ allow: ["new"] }).wheels(["new"], context), { code: "unreachable" });
  }));

Deno.test("native packages and their libraries come from the distribution, the rest from the index", async () => {
  const fast = await makeWheel({
    name: "fast",
    version: "1.5",
    tags: NATIVE,
    requires: ["pure>=1,<3", "not-for-wasm"],
    files: { "fast/core.cpython-314-wasm32-emscripten.so": "code" },
  });
  const pure = await makeWheel({ name: "pure", version: "1.0" });
  const library = zip({ "lib/libfast.so": new TextEncoder().encode("library") });
  await scene(async ({ index, open, context, lock, folder }) => {
    await index.add({ name: "pure", version: "2.0" });
    await index.add({ name: "pure", version: "3.0" });
    await index.add({ name: "libfast", version: "9.0" });
    await index.add({ name: "fast", version: "1.6" });
    const wheels = await open({ allow: ["fast"] }).wheels(["fast"], context);
    assert.deepEqual(wheels.map(({ file }) => file), [
      "libfast-2.1.zip",
      "pure-2.0-py3-none-any.whl",
      fast.file,
    ]);
    assert.deepEqual(wheels[0]!.native, ["lib/libfast.so"]);
    assert.ok(!index.requests.some((one) => one.includes("libfast/") || one.includes("not-for-wasm")));
    assert.deepEqual(lock().packages.fast!.depends, ["libfast", "pure"]);
    const again = await open({ allow: ["fast", "more"] }).provide(["fast"], context);
    assert.deepEqual(again.wheels, wheels);
    // Without the distribution the index has to do.
    await index.add({ name: "demo", requires: ["fast>=1.6"] });
    await assert.rejects(open().wheels(["demo"], context), {
      message: /fast is needed as >=1\.6 .* there is only 1\.5$/,
    });
    const other = open({ distribution: null, allow: ["fast"], lock: `${folder}/other.lock.json` });
    assert.deepEqual((await other.wheels(["fast"], context)).map(({ version }) => version), ["1.6"]);
  }, () =>
    Promise.resolve([
      { name: "fast", file: fast.file, bytes: fast.bytes, depends: ["pure", "libfast"] },
      { name: "pure", file: pure.file, bytes: pure.bytes },
      { name: "libfast", file: "libfast-2.1.zip", bytes: library, imports: [] },
    ]));
});

Deno.test("two who ask at once get the same, and the index is asked once", () =>
  scene(async ({ index, open, context, lock }) => {
    await index.add({ name: "demo" });
    await index.add({ name: "two" });
    const installation = open({ allow: ["demo", "two"] });
    const [first, second] = await Promise.all([
      installation.wheels(["demo"], context),
      installation.wheels(["demo"], context),
      installation.wheels(["two"], context),
    ]);
    assert.deepEqual(first, second);
    assert.deepEqual(Object.keys(lock().packages), ["demo", "two"]);
    assert.equal(files(index).length, 2);
  }));

Deno.test("a damaged lock file is an error and is not overwritten; what a dead process left is", () =>
  scene(async ({ index, open, context, options, folder }) => {
    await index.add({ name: "demo" });
    Deno.writeTextFileSync(`${folder}/.python.lock.json.tmp`, "half a lock");
    await open().wheels(["demo"], context);
    assert.throws(() => Deno.statSync(`${folder}/.python.lock.json.tmp`), Deno.errors.NotFound);
    Deno.writeTextFileSync(options.lock, "{ broken");
    await assert.rejects(open().provide(["demo"], context), { code: "bad_lock" });
    assert.equal(Deno.readTextFileSync(options.lock), "{ broken");
  }));
