/**
 * The rules of the repository's shape, checked on its sources: who may import whom, how long a file may be,
 * what it may be called.
 *
 * @module
 */
import assert from "node:assert/strict";
import { dirname, join, relative } from "node:path";

const ROOT = new URL("..", import.meta.url).pathname;

/** Imports point to the left. The last entry is the rest of `protocols`. */
const LAYERS = [
  ["protocols/messages"],
  ["supervisor"],
  ["sandbox"],
  ["actors"],
  ["workspace"],
  ["protocols"],
  ["main.ts"],
];

/** Folders of one line know nothing of each other. */
const STRANGERS = [
  ["actors/models", "actors/tools", "actors/memory", "actors/programs", "actors/flows"],
  ["protocols/a2a", "protocols/mcp", "protocols/rpc", "protocols/discord", "protocols/telemetry"],
];

/** Packages that more than one folder imports, and why. All others belong to one. */
const SHARED: Record<string, { folders: string[]; why: string }> = {
  zod: {
    folders: [
      "supervisor/worker",
      "actors/tools/tool_spec.ts",
      "workspace",
      "protocols/terminal",
      "protocols/http",
      "protocols/a2a",
      "protocols/mcp",
    ],
    why:
      "the main thread makes schemas of messages and tools and parses outside words with them; no worker loads it",
  },
  "@hono/hono": {
    folders: ["protocols/http", "protocols/a2a", "protocols/mcp"],
    why: "each protocol brings its routes as a Hono application, which http mounts",
  },
  "@a2a-js/sdk": { folders: ["protocols/a2a"], why: "server, client and notifications share its types" },
  "@modelcontextprotocol/server": { folders: ["protocols/mcp/server"], why: "several files share its types" },
  "@modelcontextprotocol/client": { folders: ["protocols/mcp/client"], why: "several files share its types" },
};

/** Heavy packages: the main thread imports the modules of actors too, so they load these in `init`. */
const ONLY_DYNAMIC = ["openai", "@libsql/client", "pyodide", "@modelcontextprotocol/client"];

/** Lines of a source file. */
const LONGEST = 300;
const MEANINGLESS = /^(utils?|helpers?|common|misc|types?|manager|base)$/;

interface Import {
  file: string;
  specifier: string;
  typeOnly: boolean;
  dynamic: boolean;
}

/** Paths of all modules outside of tests, benches and examples, or inside. */
async function modules(folder: string): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(ROOT, folder))) {
    const path = folder === "" ? name : `${folder}/${name}`;
    if (isDirectory && !name.startsWith(".") && name !== "node_modules") found.push(...await modules(path));
    else if (name.endsWith(".ts")) found.push(path);
  }
  return found.sort();
}

const OUTSIDE = /^(tests|bench|examples)\//;
const all = await modules("");
const sources = all.filter((path) => !OUTSIDE.test(path));
const text = new Map(
  await Promise.all(all.map(async (path) => [path, await Deno.readTextFile(join(ROOT, path))] as const)),
);

function importsOf(file: string): Import[] {
  const code = text.get(file)!.replace(/\/\*[^]*?\*\//g, "").replace(/(^|\s)\/\/.*$/gm, "");
  const found: Import[] = [];
  const statement = /^\s*(?:import|export)\s+(type\s+)?([^;"]*?\bfrom\s+)?"([^"]+)"/gm;
  for (const [, type, clause = "", specifier] of code.matchAll(statement)) {
    const names = /\{([^}]*)\}\s*from/.exec(clause)?.[1]?.split(",").map((name) => name.trim()).filter(
      Boolean,
    );
    const onlyTypes = /^\s*\{/.test(clause) && names!.every((name) => name.startsWith("type "));
    found.push({ file, specifier: specifier!, typeOnly: type !== undefined || onlyTypes, dynamic: false });
  }
  for (const [, before, specifier] of code.matchAll(/(\S*)\s*\bimport\(\s*"([^"]+)"/g)) {
    const typeOnly = /^(extends|typeof|:|<|as)$/.test(before!);
    found.push({ file, specifier: specifier!, typeOnly, dynamic: true });
  }
  return found;
}

const imports = sources.flatMap(importsOf);

/** The path a relative import leads to; undefined for packages. */
function target({ file, specifier }: Import): string | undefined {
  return specifier.startsWith(".") ? relative("/", join("/", dirname(file), specifier)) : undefined;
}

/** "hono" of "hono/cors", "@libsql/client" of "@libsql/client/web". */
function packageOf({ specifier }: Import): string | undefined {
  if (/^(\.|node:|file:)/.test(specifier)) return undefined;
  return specifier.split("/").slice(0, specifier.startsWith("@") ? 2 : 1).join("/");
}

function isIn(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

function layerOf(path: string): number {
  return LAYERS.findIndex((folders) => folders.some((folder) => isIn(path, folder)));
}

function show({ file, specifier }: Import): string {
  return `${file} imports "${specifier}"`;
}

Deno.test("the check sees the imports it is to judge", () => {
  assert.ok(sources.includes("supervisor/actor/serve.ts") && sources.includes("main.ts"));
  const from = (file: string) => importsOf(file).map(({ specifier }) => specifier);
  assert.ok(from("supervisor/actor/serve.ts").includes("./bootstrap.ts"));
  assert.ok(from("actors/models/openai.ts").includes("openai"));
  assert.ok(
    importsOf("actors/models/openai.ts").some(({ specifier, dynamic }) => specifier === "openai" && dynamic),
  );
  assert.ok(
    importsOf("supervisor/worker/schemas.ts").some(({ specifier, typeOnly }) =>
      specifier === "zod" && !typeOnly
    ),
  );
  assert.ok(importsOf("protocols/messages/protocol.ts").every(({ typeOnly }) => typeOnly));
});

Deno.test("every source is in a layer", () => {
  assert.deepEqual(sources.filter((path) => layerOf(path) < 0), []);
});

Deno.test("imports point one way: messages, supervisor, sandbox, actors, workspace, protocols, main", () => {
  const wrong = imports.filter((one) => {
    const path = target(one);
    return path !== undefined && layerOf(path) > layerOf(one.file);
  });
  assert.deepEqual(wrong.map(show), []);
  const outside = imports.filter((one) => OUTSIDE.test(target(one) ?? ""));
  assert.deepEqual(outside.map(show), [], "sources do not need tests, benches or examples");
});

Deno.test("models, tools, memory, programs and flows are strangers; so are the outside protocols", () => {
  const wrong = imports.filter((one) => {
    const path = target(one);
    return path !== undefined && STRANGERS.some((group) => {
      const [mine, other] = [one.file, path].map((path) => group.find((folder) => isIn(path, folder)));
      return mine !== undefined && other !== undefined && mine !== other;
    });
  });
  assert.deepEqual(wrong.map(show), []);
});

Deno.test("the messages import nothing but each other, and zod as a type", () => {
  const wrong = imports.filter((one) =>
    isIn(one.file, "protocols/messages") && target(one) === undefined &&
    !(one.specifier === "zod" && one.typeOnly)
  );
  assert.deepEqual(wrong.map(show), []);
});

Deno.test("what every worker loads imports nothing that only the main thread needs", () => {
  const heavy = ["supervisor/worker", "supervisor/tree", "supervisor/system.ts", "supervisor/durable"];
  const wrong = imports.filter((one) =>
    isIn(one.file, "supervisor/actor") && !one.typeOnly &&
    heavy.some((folder) => isIn(target(one) ?? "", folder))
  );
  assert.deepEqual(wrong.map(show), []);
});

Deno.test("no worker loads zod: it would cost each 13 ms and 5 MB", () => {
  const entries = sources.filter((path) => /import\.meta\.main\) serve\(/.test(text.get(path)!));
  assert.ok(entries.length >= 10, `${entries.length} actors were found`);
  for (const entry of entries) {
    const loaded = new Set([entry]);
    for (const file of loaded) {
      for (const one of importsOf(file).filter(({ typeOnly, dynamic }) => !typeOnly && !dynamic)) {
        assert.notEqual(packageOf(one), "zod", `${entry} loads ${file}`);
        const path = target(one);
        if (path !== undefined) loaded.add(path);
      }
    }
  }
});

Deno.test("one package is imported by one folder, types aside", () => {
  const folders = new Map<string, Set<string>>();
  for (const one of imports) {
    const name = packageOf(one);
    if (name === undefined || one.typeOnly) continue;
    const allowed = SHARED[name]?.folders.find((folder) => isIn(one.file, folder));
    if (SHARED[name] !== undefined) assert.ok(allowed, `${show(one)}: ${SHARED[name].why}`);
    else folders.set(name, (folders.get(name) ?? new Set()).add(dirname(one.file)));
  }
  const wrong = [...folders].filter(([, folders]) => folders.size > 1).map((
    [name, folders],
  ) => [name, ...folders]);
  assert.deepEqual(wrong, []);
});

Deno.test("packages come from the import map, and the standard library is the platform's", async () => {
  const { imports: map } = JSON.parse(await Deno.readTextFile(join(ROOT, "deno.json")));
  const own = /^@troupe\/troupe(\/|$)/;
  const every = all.flatMap(importsOf);
  const foreign = every.filter(({ specifier }) => /^(jsr|npm|https?):/.test(specifier));
  assert.deepEqual(foreign.map(show), []);
  const unknown = every.filter((one) => {
    const name = packageOf(one);
    return name !== undefined && !own.test(one.specifier) && map[name] === undefined &&
      map[one.specifier] === undefined;
  });
  assert.deepEqual(unknown.map(show), []);
  // What is started as a program of its own is resolved, not imported.
  const started = all.flatMap((path) =>
    [...text.get(path)!.matchAll(/\bimport\.meta\.resolve\("([^"]+)"\)/g)].map(([, name]) => name)
  );
  const used = new Set([...every.map(packageOf), ...started]);
  assert.deepEqual(
    Object.keys(map).filter((name) => !used.has(name)),
    [],
    "what nobody imports is not listed",
  );
});

Deno.test("heavy packages are loaded when an actor starts, not when its module is", () => {
  const wrong = imports.filter((one) =>
    ONLY_DYNAMIC.includes(packageOf(one) ?? "") && !one.dynamic && !one.typeOnly
  );
  assert.deepEqual(wrong.map(show), []);
});

Deno.test("a mod.ts is for outsiders: nothing inside imports one", () => {
  assert.deepEqual(imports.filter((one) => target(one)?.endsWith("/mod.ts")).map(show), []);
});

Deno.test("K12 workers are made in one place", () => {
  const makers = sources.filter((path) =>
    /\bnew Worker\(/.test(text.get(path)!.replace(/\/\*[^]*?\*\//g, ""))
  );
  assert.deepEqual(makers, ["supervisor/worker/create.ts"]);
});

Deno.test(`no source is longer than ${LONGEST} lines`, () => {
  const lines = (path: string) => text.get(path)!.trimEnd().split("\n").length;
  const long = sources.filter((path) => lines(path) > LONGEST).map((path) => `${path}: ${lines(path)} lines`);
  assert.deepEqual(long, []);
});

Deno.test("files are named for the concept in them", () => {
  const names = (path: string) => path.replace(/\.ts$/, "").split("/");
  assert.deepEqual(all.filter((path) => names(path).some((name) => MEANINGLESS.test(name))), []);
});
