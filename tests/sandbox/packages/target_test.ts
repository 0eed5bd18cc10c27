import assert from "node:assert/strict";
import { parseDistribution } from "../../../sandbox/packages/distribution.ts";
import { parseVersion } from "../../../sandbox/packages/version.ts";
import { fitOf, parseWheelName } from "../../../sandbox/packages/target.ts";

const lock = Deno.readTextFileSync(
  new URL(".", import.meta.resolve("pyodide")).pathname + "pyodide-lock.json",
);
const target = { python: "3.14.2", platform: "pyemscripten_2026_0_wasm32" };
const fit = (tags: string) => fitOf(parseWheelName(`a-1.0-${tags}.whl`)!, target);

Deno.test("wheel names are taken apart, other names are none", () => {
  assert.deepEqual(parseWheelName("Some_Thing-1.0rc1-2b-py2.py3-none-any.whl"), {
    name: "some-thing",
    version: "1.0rc1",
    build: "2b",
    pythons: ["py2", "py3"],
    abis: ["none"],
    platforms: ["any"],
  });
  for (
    const none of [
      "a-1.0.tar.gz",
      "a-1.0.whl",
      "a-x-py3-none-any.whl",
      "../a-1.0-py3-none-any.whl",
      "a/b.whl",
    ]
  ) {
    assert.equal(parseWheelName(none), undefined, none);
  }
});

Deno.test("wheels for this Python fit, the more exact the better", () => {
  const best = ["cp314-cp314", "cp310-abi3", "cp314-none", "py3-none"].map((tags) =>
    fit(`${tags}-pyemscripten_2026_0_wasm32`)
  );
  const all = [...best, fit("cp314-none-any"), fit("py3-none-any")];
  assert.deepEqual(all, [0, 1, 2, 3, 4, 5]);
  for (
    const tags of [
      "py2.py3-none-any",
      "py314-none-any",
      "py30-none-any",
      "cp314.cp313-cp314-any.pyemscripten_2026_0_wasm32",
    ]
  ) {
    assert.notEqual(fit(tags), undefined, tags);
  }
});

Deno.test("wheels for another Python, platform or interface do not fit", () => {
  const wrong = [
    "cp313-cp313-pyemscripten_2026_0_wasm32",
    "cp314-cp314-pyemscripten_2025_0_wasm32",
    "py2-none-any",
  ]
    .concat(["cp314-cp314-manylinux_2_28_x86_64", "cp315-abi3-pyemscripten_2026_0_wasm32", "py315-none-any"])
    .concat([
      "cp314-cp314t-pyemscripten_2026_0_wasm32",
      "pp314-none-any",
      "cp314-abi3-any",
      "cp313-none-any",
    ]);
  for (const tags of wrong) assert.equal(fit(tags), undefined, tags);
});

Deno.test("every wheel of the Pyodide release in use fits the Python it says it is", () => {
  const distribution = parseDistribution(lock);
  assert.deepEqual(distribution.target, target);
  const files = [...distribution.packages.values()].map(({ file }) => file).filter((file) =>
    file.endsWith(".whl")
  );
  const wrong = files.filter((file) => fitOf(parseWheelName(file)!, distribution.target) === undefined);
  assert.deepEqual(wrong, []);
  assert.ok(files.length > 250, `${files.length}`);
  const known = (name: string) => distribution.packages.get(name);
  assert.deepEqual(known("pillow")?.imports, ["PIL"]);
  assert.ok(known("pydantic")?.depends.includes("pydantic-core"));
  assert.ok(known("libopenblas")?.file.endsWith(".zip"));
  assert.equal(known("affine-tests"), undefined);
  for (const { version } of distribution.packages.values()) assert.ok(parseVersion(version), version);
  for (const { depends } of distribution.packages.values()) {
    for (const name of depends) assert.ok(known(name), name);
  }
});

Deno.test("a damaged list of the distribution is refused", () => {
  const data = JSON.parse(lock);
  data.packages.numpy.sha256 = "short";
  assert.throws(() => parseDistribution(JSON.stringify(data)), {
    code: "bad_distribution",
    message: /numpy\.sha256/,
  });
});
