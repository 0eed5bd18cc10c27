import assert from "node:assert/strict";
import { globSync } from "node:fs";
import config from "../../deno.json" with { type: "json" };

const ROOT = new URL("../../", import.meta.url);

interface Graph {
  roots: string[];
  modules: { specifier: string; dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[] }[];
}

/** What is loaded when a module of this repository is imported: its own modules by path, packages by name. */
function loadedWith(module: string): string[] {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json", module], cwd: ROOT })
    .outputSync();
  const { roots, modules } = JSON.parse(new TextDecoder().decode(stdout)) as Graph;
  const byName = new Map(modules.map((module) => [module.specifier, module]));
  const loaded = new Set<string>();
  const load = (specifier: string) => {
    if (loaded.has(specifier)) return;
    loaded.add(specifier);
    for (const { code, isDynamic } of byName.get(specifier)?.dependencies ?? []) {
      if (code !== undefined && !isDynamic) load(code.specifier);
    }
  };
  roots.forEach(load);
  return [...loaded].map((specifier) => specifier.replace(ROOT.href, ""));
}

Deno.test("a worker that imports ./actor, ./tool or ./messages loads no package and not the main thread's kernel", () => {
  for (const entry of ["./actor", "./tool", "./messages"] as const) {
    const loaded = loadedWith(config.exports[entry]);
    assert.ok(loaded.length > 1, entry);
    const surplus = loaded.filter((module) =>
      !/^(protocols\/messages|supervisor\/actor|actors\/tools)\//.test(module)
    );
    assert.deepEqual(surplus, [], entry);
  }
});

Deno.test("examples import the public API and one another, nothing else", () => {
  const examples = globSync("examples/**/*.ts", { cwd: ROOT });
  assert.ok(examples.length >= 4);
  const entries = Object.keys(config.exports).map((entry) => entry.replace(".", config.name));
  for (const example of examples) {
    const text = Deno.readTextFileSync(new URL(example, ROOT));
    for (const [, from = ""] of text.matchAll(/ from "([^"]*)"/g)) {
      assert.ok(from.startsWith("./") || entries.includes(from), `${example} imports ${from}`);
    }
  }
});
