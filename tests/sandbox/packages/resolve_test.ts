import assert from "node:assert/strict";
import { requirementFor } from "../../../sandbox/packages/requirement.ts";
import { type Candidate, type Catalog, resolvePackages } from "../../../sandbox/packages/resolve.ts";
import { markerWords } from "../../../sandbox/packages/target.ts";
import { Fault } from "../../../protocols/messages/fault.ts";

const words = markerWords({ python: "3.14.2", platform: "pyemscripten_2026_0_wasm32" });

/** Packages as "name version" with what they require; in the order they are listed. */
function catalog(all: Record<string, string[]>): Catalog & { looked: string[] } {
  const looked: string[] = [];
  return {
    looked,
    candidates(name) {
      const found = Object.keys(all).map((key) => key.split(" ") as [string, string]).filter(([one]) =>
        one === name
      );
      if (found.length === 0) return Promise.reject(new Fault("not_found", `no ${name}`));
      return Promise.resolve(found.map(([name, version]): Candidate => {
        return { name, version, file: "", url: "", sha256: "" };
      }));
    },
    requirements({ name, version }, extras) {
      looked.push(`${name} ${version}`);
      const lines = all[`${name} ${version}`]!;
      return Promise.resolve().then(() =>
        lines.map((line) => requirementFor(line, words, extras)).filter((one) => one !== undefined)
      );
    },
  };
}

async function resolve(names: string[], all: Record<string, string[]>): Promise<string[]> {
  const chosen = await resolvePackages(names, catalog(all));
  return [...chosen.values()].map(({ candidate }) => `${candidate.name} ${candidate.version}`).sort();
}

Deno.test("the newest version and all it needs is chosen", async () => {
  const all = {
    "a 2": ["b>=1", "c; sys_platform == 'win32'"],
    "a 1": [],
    "b 3": ["d"],
    "b 1": [],
    "d 1": ["a"],
  };
  assert.deepEqual(await resolve(["a"], all), ["a 2", "b 3", "d 1"]);
  const chosen = await resolvePackages(["a"], catalog(all));
  assert.deepEqual(chosen.get("a")!.depends, ["b"]);
});

Deno.test("an older version is chosen where the newest does not fit with the others", async () => {
  const all = { "a 2": ["core==5"], "a 1": ["core==4"], "core 4": [], "b 1": ["core<5"], "core 3": [] };
  assert.deepEqual(await resolve(["a"], all), ["a 1", "core 4"]);
  const both = { "x 1": ["y", "z"], "y 3": [], "y 2": [], "z 1": ["y<3"] };
  assert.deepEqual(await resolve(["x"], both), ["x 1", "y 2", "z 1"]);
  const unreadable = { "a 2": ["b @ https://x.example/b.whl"], "a 1": [] };
  assert.deepEqual(await resolve(["a"], unreadable), ["a 1"]);
});

Deno.test("a pre-release is chosen where it is asked for, and where there is nothing else", async () => {
  const all = {
    "a 2a1": [],
    "a 1": [],
    "b 1": ["a>=2a0"],
    "only 1.0.dev2": [],
    "only 1.0.dev1": [],
    "c 1": ["only>0"],
  };
  assert.deepEqual(await resolve(["a"], all), ["a 1"]);
  assert.deepEqual(await resolve(["b"], all), ["a 2a1", "b 1"]);
  assert.deepEqual(await resolve(["c", "only"], all), ["c 1", "only 1.0.dev2"]);
});

Deno.test("extras bring what they need, also when the package was chosen before", async () => {
  const all = {
    "a 1": ["web[fast]"],
    "b 1": ["web"],
    "web 1": ['speed; extra == "fast"', "base"],
    "speed 1": [],
    "base 1": [],
  };
  assert.deepEqual(await resolve(["b", "a"], all), ["a 1", "b 1", "base 1", "speed 1", "web 1"]);
  assert.deepEqual(await resolve(["b"], all), ["b 1", "base 1", "web 1"]);
});

Deno.test("what cannot be had says what was wanted, by whom, and what there is", async () => {
  const fails = (names: string[], all: Record<string, string[]>, message: RegExp) =>
    assert.rejects(resolve(names, all), { code: "unresolved", message });
  await fails(
    ["a"],
    { "a 1": ["b>=2"], "b 1": [] },
    /install a: b is needed as >=2 for a 1, and there is only 1$/,
  );
  await fails(
    ["a"],
    { "a 1": ["b", "c"], "b 1": ["d<2"], "c 1": ["d>2"], "d 2": [], "d 1": [] },
    /d is needed as <2 for b 1 and >2 for c 1, and there is only 2, 1/,
  );
  await fails(["a"], { "a 1": ["b @ https://x.example/b.whl"] }, /a 1: Cannot install b from an address/);
  await fails(["a"], { "a 1": ["b"] }, /install a: a 1 needs b\. no b$/);
  await assert.rejects(resolve(["a"], {}), { code: "not_found", message: "no a" });
  assert.deepEqual(await resolve(["a"], { "a 2": ["b"], "a 1": [] }), ["a 1"]);
});

Deno.test("a puzzle without end is given up", async () => {
  const all: Record<string, string[]> = {};
  for (let i = 0; i < 30; i++) for (let v = 9; v > 0; v--) all[`p${i} ${v}`] = [`p${i + 1}>=1`];
  all["p30 1"] = ["never>=2"];
  all["never 1"] = [];
  const chain = catalog(all);
  await assert.rejects(resolvePackages(["p0"], chain), {
    code: "unresolved",
    message: /install p0: never is needed as >=2 for p30 1, and there is only 1$/,
  });
  assert.ok(chain.looked.length < 100, `${chain.looked.length}`);
  const long: Record<string, string[]> = {};
  for (let i = 0; i < 200; i++) long[`p${i} 1`] = [`p${i + 1}`];
  await assert.rejects(resolve(["p0"], long), {
    code: "unresolved",
    message: /needs more than 100 packages/,
  });
});
