import assert from "node:assert/strict";
import { normalizeName } from "../../../sandbox/packages/names.ts";
import { requirementFor } from "../../../sandbox/packages/requirement.ts";
import { parseSpecifiers, satisfies, showSpecifiers } from "../../../sandbox/packages/specifier.ts";
import { markerWords } from "../../../sandbox/packages/target.ts";
import { compareVersions, parseVersion } from "../../../sandbox/packages/version.ts";

const words = markerWords({ python: "3.14.2", platform: "pyemscripten_2026_0_wasm32" });
const compare = (a: string, b: string) => compareVersions(parseVersion(a)!, parseVersion(b)!);

Deno.test("a package has one name however it is written", () => {
  for (const name of ["Ruamel.YAML", "ruamel_yaml", "RUAMEL-_.yaml"]) {
    assert.equal(normalizeName(name), "ruamel-yaml");
  }
  for (const name of ["", "-a", "a-", "a b", "../a", "a/b", "é", "__proto__", "a".repeat(129)]) {
    assert.throws(() => normalizeName(name), { code: "bad_name" });
  }
});

Deno.test("versions are in the order the standard gives", () => {
  const order = [
    "1.0.dev456",
    "1.0a1.dev1",
    "1.0a1",
    "1.0a2.dev456",
    "1.0a12",
    "1.0b1.dev456",
    "1.0b2",
    "1.0b2.post345",
  ]
    .concat([
      "1.0rc1.dev456",
      "1.0rc1",
      "1.0",
      "1.0+abc.5",
      "1.0+abc.7",
      "1.0+5",
      "1.0.post456.dev34",
      "1.0.post456",
    ])
    .concat(["1.0.15", "1.1.dev1", "1.10", "2026.1", "1!0.1"]);
  for (const [at, version] of order.entries()) {
    assert.equal(compare(version, version), 0);
    for (const later of order.slice(at + 1)) {
      assert.equal(compare(version, later), -1, `${version} < ${later}`);
      assert.equal(compare(later, version), 1, `${later} > ${version}`);
    }
  }
});

Deno.test("versions have many spellings", () => {
  const same = [["1", "1.0.0"], ["v1.0", " 1.0 "], ["1.0alpha1", "1.0-A.1"], ["1.0c1", "1.0rc1"], [
    "1.0preview",
    "1.0rc0",
  ]]
    .concat([["1.0-1", "1.0.post1"], ["1.0r4", "1.0post4"], ["1.0dev", "1.0.dev0"], [
      "1.0+A_b-3",
      "1.0+a.b.3",
    ]]);
  for (const [a, b] of same) assert.equal(compare(a!, b!), 0, `${a} = ${b}`);
  for (const none of ["", "one", "1..0", "1.0-", "1.0+", "1.0x", "1.0+é"]) {
    assert.equal(parseVersion(none), undefined);
  }
});

Deno.test("conditions accept and refuse what the standard says", () => {
  const table: [condition: string, accepts: string[], refuses: string[]][] = [
    ["", ["1.0", "0"], ["1.0a1", "1.0.dev1", "nonsense"]],
    ["==1.1", ["1.1", "1.1.0", "1.1+local"], ["1.1.1", "1.1.post1", "1.1a1"]],
    ["==1.1+local", ["1.1+local"], ["1.1"]],
    ["==1.1.*", ["1.1", "1.1.7", "1.1.post1"], ["1.10", "1.2", "1.1a1"]],
    ["!=1.1.*", ["1.2", "1.0"], ["1.1.3"]],
    ["!=1.1", ["1.2"], ["1.1.0"]],
    [">=1.2,<2", ["1.2", "1.9.9"], ["2.0", "1.1", "2.0a1"]],
    ["<2", ["1.9"], ["2.0.dev1", "2.0rc1"]],
    ["<2rc1", ["2.0b1", "1.0"], ["2.0rc1", "2.0"]],
    [">1.7", ["1.7.1", "1.8"], ["1.7", "1.7.0.post1", "1.7+local"]],
    [">1.7.post2", ["1.7.post3"], ["1.7.post2"]],
    ["<=1.0", ["1.0", "1.0+local", "0.9"], ["1.0.post1"]],
    ["~=2.2", ["2.2", "2.9"], ["3.0", "2.1"]],
    ["~=1.4.5", ["1.4.5", "1.4.9"], ["1.5", "1.4.4"]],
    ["~=2.2.post3", ["2.2.post3", "2.3"], ["2.2", "3.0"]],
    [">=1.0a1", ["1.0a2", "1.0"], ["1.0.dev1"]],
    ["===1.0-odd", ["1.0-odd"], ["1.0"]],
    ["===1.0", ["1.0"], ["1.0.0"]],
  ];
  for (const [condition, accepts, refuses] of table) {
    const specifiers = parseSpecifiers(condition);
    // A text that is no version is never chosen, though === could name it.
    for (const version of accepts.filter((one) => parseVersion(one))) {
      assert.ok(satisfies(version, specifiers), `${version} ${condition}`);
    }
    for (const version of refuses) assert.ok(!satisfies(version, specifiers), `${version} not ${condition}`);
  }
  assert.equal(showSpecifiers(parseSpecifiers(" >= 1.0 , !=1.5.* ")), ">=1.0,!=1.5.*");
  for (const wrong of ["1.0", "=1.0", ">=", ">=1.*", "~=1", ">=one", "==1.0 2.0"]) {
    assert.throws(() => parseSpecifiers(wrong), { code: "bad_requirement" });
  }
});

Deno.test("requirements are read in all their forms", () => {
  const read = (text: string, extras: string[] = []) => {
    const found = requirementFor(text, words, extras);
    return found && [found.name, found.extras.join("+"), showSpecifiers(found.specifiers)];
  };
  assert.deepEqual(read("NumPy"), ["numpy", "", ""]);
  assert.deepEqual(read("typing-extensions>=4.6,!=4.7.0"), ["typing-extensions", "", ">=4.6,!=4.7.0"]);
  assert.deepEqual(read("pydantic-core (==2.50.4)"), ["pydantic-core", "", "==2.50.4"]);
  assert.deepEqual(read("a[Some_Extra, more] ~= 1.2 ; python_version>='3.8'"), [
    "a",
    "some-extra+more",
    "~=1.2",
  ]);
  assert.deepEqual(read("a ; extra == 'test'"), undefined);
  assert.deepEqual(read("a ; extra == 'Te_st'", ["te-st"]), ["a", "", ""]);
  assert.deepEqual(read("a @ https://somewhere.example/a.whl ; extra == 'x'"), undefined);
  for (
    const wrong of ["", "a b", "a >= 1 garbage", "a; nonsense", "a; python_version", "a; (os_name == 'posix'"]
  ) {
    assert.throws(() => read(wrong), { code: "bad_requirement" }, wrong);
  }
  for (const wrong of ["a; what == '1'", "a @ https://somewhere.example/a.whl", "a; os_name ~= 'posix'"]) {
    assert.throws(() => read(wrong), { code: "bad_requirement" }, wrong);
  }
});

Deno.test("markers hold for Python in WebAssembly", () => {
  const table: [marker: string, holds: boolean][] = [
    ['python_version >= "3.9"', true],
    ['python_version < "3.11"', false],
    ["'3.10' <= python_version", true],
    ['python_full_version < "3.14.1"', false],
    ['python_version == "3.*"', true],
    ['sys_platform == "win32"', false],
    ['sys_platform != "win32" and platform_python_implementation != "PyPy"', true],
    ['sys_platform == "win32" or os_name == "posix"', true],
    ['sys_platform == "win32" and os_name == "nt" or python_version > "3"', true],
    ['sys_platform == "win32" and (os_name == "nt" or python_version > "3")', false],
    ['sys_platform in "linux emscripten"', true],
    ['sys_platform not in "linux, darwin"', true],
    ['python_version not in "2.7, 3.4"', true],
    ['platform_machine == "wasm32" and implementation_name == "cpython"', true],
    ['platform_release >= "20"', false],
    ['extra != "test"', true],
  ];
  for (const [marker, holds] of table) {
    assert.equal(requirementFor(`a; ${marker}`, words, []) !== undefined, holds, marker);
  }
});
