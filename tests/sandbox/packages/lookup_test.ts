import assert from "node:assert/strict";
import { sha256Of, WheelCache } from "../../../sandbox/packages/cache.ts";
import type { DistributedPackage } from "../../../sandbox/packages/distribution.ts";
import { parseIndexPage } from "../../../sandbox/packages/index_page.ts";
import { closureOf, formatLock, type LockedPackage, parseLock } from "../../../sandbox/packages/lock_file.ts";
import { allowedPackages, packagesFor, reasonOf } from "../../../sandbox/packages/lookup.ts";
import { inFolder } from "../files/in_folder.ts";

const target = { python: "3.14.2", platform: "pyemscripten_2026_0_wasm32" };
const sha256 = "0".repeat(64);

function locked(imports: string[], depends: string[] = []): LockedPackage {
  return {
    version: "1",
    file: "a.whl",
    url: "https://x.example/a.whl",
    sha256,
    size: 1,
    depends,
    imports,
    native: [],
  };
}

const lock = new Map([
  ["python-dateutil", locked(["dateutil"], ["six"])],
  ["six", locked(["six"])],
  ["left-over", locked(["left_over"])],
]);
const distributed = (imports: string[]): DistributedPackage => ({
  version: "1",
  file: "a.whl",
  sha256,
  depends: [],
  imports,
});
const distribution = {
  packages: new Map([["pillow", distributed(["PIL"])], ["pyyaml", distributed(["yaml"])], [
    "six",
    distributed(["six"]),
  ]]),
};
const known = { allow: ["python-dateutil", "pillow", "my-tool"], lock, distribution };

Deno.test("imports lead to allowed packages: by the lock, by the distribution's list, by the same name", () => {
  const found = packagesFor(["dateutil", "PIL.Image", "my_tool", "six", "PIL"], known);
  assert.deepEqual(found, { packages: ["my-tool", "pillow", "python-dateutil", "six"], denied: [] });
});

Deno.test("what is in the lock and not needed by what is allowed any more is not allowed", () => {
  assert.deepEqual([...allowedPackages(known)].sort(), ["my-tool", "pillow", "python-dateutil", "six"]);
  assert.deepEqual(packagesFor(["left_over"], known).denied, [{ import: "left_over", package: "left-over" }]);
  assert.deepEqual(packagesFor(["six"], { ...known, allow: ["pillow"] }).packages, []);
});

Deno.test("a refusal names the package and the lines of configuration that allow it", () => {
  const reason = (name: string) => {
    const [denied] = packagesFor([name], known).denied;
    return reasonOf(denied!, known);
  };
  assert.equal(
    reason("yaml"),
    "Cannot use the Python package pyyaml: it is not allowed. To allow it, put into the configuration:\n" +
      '[python.packages]\nallow = ["my-tool", "pillow", "python-dateutil", "pyyaml"]',
  );
  assert.match(reason("_private_"), /package private:/);
  assert.match(reason("constructor"), /package constructor:/);
  assert.match(reason("ünï"), /package ünï:/);
  assert.equal(
    reason("python_dateutil"),
    "Cannot import python_dateutil: the package python-dateutil has no module of that name; it is imported as dateutil",
  );
});

Deno.test("a lock file is read as it was written, and is the same for the same packages", () => {
  const text = formatLock(lock, target);
  assert.deepEqual(new Map(parseLock(text, target, "python.lock.json")), lock);
  assert.equal(formatLock(new Map([...lock].reverse()), target), text);
  assert.deepEqual(closureOf(["python-dateutil", "unknown"], lock), ["six", "python-dateutil", "unknown"]);
  const round = new Map([["a", locked([], ["b"])], ["b", locked([], ["a"])]]);
  assert.deepEqual(closureOf(["a"], round), ["b", "a"]);
});

Deno.test("a lock file that is damaged or for another Python is refused and named", () => {
  const refuses = (text: string, message: RegExp) =>
    assert.throws(() => parseLock(text, target, "python.lock.json"), { code: "bad_lock", message });
  const change = (from: string | RegExp, to: string) => formatLock(lock, target).replace(from, to);
  refuses("{", /Cannot use python\.lock\.json: it is not JSON/);
  refuses("[]", /expected object/);
  refuses(change('"3.14"', '"3.13"'), /for Python 3\.13 .* and this is Python 3\.14/);
  refuses(change("2026_0", "2027_0"), /pyemscripten_2027_0_wasm32/);
  refuses(change('"six": {', '"../six": {'), /packages\.\.\.\/six/);
  refuses(change(sha256, "A".repeat(64)), /sha256/);
  refuses(change("https://", "file://"), /url/);
  refuses(change('"a.whl"', '"../a.whl"'), /file/);
  refuses(change('"version": 1', '"version": 2'), /version/);
});

Deno.test("the cache gives back what was kept and nothing that is damaged", () =>
  inFolder(async (folder) => {
    const cache = new WheelCache(`${folder}/made/later`);
    const bytes = new TextEncoder().encode("some wheel");
    const hash = await sha256Of(bytes);
    assert.equal(await cache.read(hash), undefined);
    cache.keep(hash, bytes, "token");
    assert.deepEqual(await cache.read(hash), bytes);
    const path = `${folder}/made/later/${hash}`;
    assert.deepEqual([...Deno.readDirSync(`${folder}/made/later`)].map(({ name }) => name), [hash]);
    Deno.writeTextFileSync(path, "some wheeL");
    assert.equal(await cache.read(hash), undefined);
    assert.throws(() => Deno.statSync(path), Deno.errors.NotFound);
    cache.keep(hash, bytes, "token");
    assert.deepEqual(await cache.read(hash), bytes);
    await assert.rejects(cache.read("../escape"), TypeError);
  }));

Deno.test("an index page gives the wheels that fit, the newest first and the best of each version", () => {
  const file = (filename: string, more = {}) => ({
    filename,
    url: `../files/${filename}#sha256=x`,
    hashes: { sha256 },
    ...more,
  });
  const native = "cp314-cp314-pyemscripten_2026_0_wasm32";
  const page = (files: unknown[]) => JSON.stringify({ meta: { "api-version": "1.4" }, name: "a", files });
  const parse = (files: unknown[]) => parseIndexPage(page(files), "a", "https://x.example/simple/a/", target);
  const { candidates, files } = parse([
    file("a-1.9-py3-none-any.whl"),
    file("a-1.10-py3-none-any.whl", { size: 7, "core-metadata": { sha256 } }),
    file(`a-1.10-${native}.whl`, { "data-dist-info-metadata": true, "requires-python": ">=3.9" }),
    file("a-1.10-1-py3-none-any.whl"),
    file("a-2.0-py3-none-any.whl", { yanked: "broken" }),
    file("a-2.1-py3-none-any.whl", { "requires-python": ">=3.15" }),
    file("a-2.2-cp314-cp314-manylinux_2_28_x86_64.whl"),
    file("a-2.3-py3-none-any.whl", { hashes: { md5: "x" } }),
    file("a-2.4.tar.gz"),
    file("b-2.5-py3-none-any.whl"),
    file("a-0.1-py3-none-any.whl", { "requires-python": ">=2.7.*", yanked: false, "core-metadata": false }),
  ]);
  assert.equal(files, 11);
  assert.deepEqual(candidates.map((one) => one.file), [
    `a-1.10-${native}.whl`,
    "a-1.9-py3-none-any.whl",
    "a-0.1-py3-none-any.whl",
  ]);
  assert.equal(candidates[0]!.url, `https://x.example/simple/files/a-1.10-${native}.whl`);
  assert.deepEqual(candidates[0]!.metadata, {});
  assert.equal(candidates[1]!.metadata, undefined);
  assert.equal(
    parse([file("a-1-py3-none-any.whl"), file("a-1-2-py3-none-any.whl")]).candidates[0]!.file,
    "a-1-2-py3-none-any.whl",
  );
  const refuses = (text: string) =>
    assert.throws(() => parseIndexPage(text, "a", "https://x.example/", target), { code: "bad_index" });
  for (const text of ["<html>", "{}", page([{ filename: "a" }]), page([]).replace("1.4", "2.0")]) {
    refuses(text);
  }
});
