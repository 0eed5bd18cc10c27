/**
 * Installs real packages, by hand, where there is an index to install them from:
 *
 * ```sh
 * deno run -A tests/packages/live.ts --index https://pypi.org/simple/ --origin https://files.pythonhosted.org attrs
 * deno run -A tests/packages/live.ts --wheels <folder with .whl files> pydantic
 * ```
 *
 * The second form serves the wheels of a folder as an index. Every package is then unpacked into a plain Pyodide and imported,
 * native code included. `--distribution <address>` uses files of the Pyodide distribution too.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loadPyodide } from "pyodide";
import { Installation } from "../../actors/packages/installation.ts";
import type { FetchContext } from "../../actors/packages/store.ts";
import { readDirectory, unpack } from "../../sandbox/packages/archive.ts";
import { sha256Of } from "../../sandbox/packages/cache.ts";
import { parseWheelName } from "../../sandbox/packages/target.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    index: { type: "string" },
    origin: { type: "string", multiple: true },
    wheels: { type: "string" },
    distribution: { type: "string" },
  },
});

const folder = Deno.makeTempDirSync();
const server = values.wheels === undefined ? undefined : await serveFolder(values.wheels);
const installation = new Installation({
  allow: positionals,
  lock: `${folder}/python.lock.json`,
  cache: `${folder}/cache`,
  pyodide: decodeURIComponent(new URL(".", import.meta.resolve("pyodide")).pathname).replace(/\/$/, ""),
  index: server?.index ?? values.index,
  origins: values.origin,
  distribution: values.distribution ?? null,
});
const context: FetchContext = {
  clock: { now: Date.now, sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) },
  signal: new AbortController().signal,
  newId: () => crypto.randomUUID(),
  log: { debug: say, info: say, warn: say, error: say },
};
const python = await loadPyodide();
for (const name of positionals) await tryPackage(name);
await server?.stop();
Deno.removeSync(folder, { recursive: true });

async function tryPackage(name: string): Promise<void> {
  try {
    const before = performance.now();
    const wheels = await installation.wheels([name], context);
    const first = performance.now();
    await installation.wheels([name], context);
    const [fetchMs, cachedMs] = [first - before, performance.now() - first].map(Math.round);
    say(`${name}: ${wheels.length} files, first use ${fetchMs} ms, again ${cachedMs} ms`);
    for (const wheel of wheels) {
      say(`  ${wheel.file} ${wheel.size} bytes, imports ${wheel.imports}, ${wheel.native.length} native`);
      const bytes = await installation.bytes(wheel.sha256, context);
      python.unpackArchive(bytes, "wheel");
    }
    const found = await installation.provide(wheels.flatMap(({ imports }) => imports), context);
    if (found.denied.length > 0) throw new Error(JSON.stringify(found.denied));
    for (const { imports } of wheels) for (const one of imports) await python.runPythonAsync(`import ${one}`);
    say(`  imported in Python`);
  } catch (error) {
    say(`${name}: ${error instanceof Error ? error.message : String(error)}`);
    Deno.exitCode = 1;
  }
}

function say(line: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(line + "\n"));
}

/** An index of the wheels in a folder. */
async function serveFolder(wheels: string) {
  const pages = new Map<string, unknown[]>();
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const { name: filename } of Deno.readDirSync(wheels)) {
    const wheel = parseWheelName(filename);
    if (wheel === undefined) continue;
    const bytes = Deno.readFileSync(`${wheels}/${filename}`);
    const metadata = readDirectory(bytes).find(({ path }) => /^[^/]+\.dist-info\/METADATA$/.test(path))!;
    files.set(`/files/${filename}`, bytes);
    files.set(`/files/${filename}.metadata`, unpack(bytes, metadata) as Uint8Array<ArrayBuffer>);
    const entry = {
      filename,
      url: `/files/${filename}`,
      hashes: { sha256: await sha256Of(bytes) },
      size: bytes.length,
      "core-metadata": true,
    };
    pages.set(`/simple/${wheel.name}/`, [...pages.get(`/simple/${wheel.name}/`) ?? [], entry]);
  }
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    const page = pages.get(pathname);
    if (page !== undefined) return Response.json({ meta: { "api-version": "1.1" }, files: page });
    return new Response(files.get(pathname) ?? null, { status: files.has(pathname) ? 200 : 404 });
  });
  return { index: `http://127.0.0.1:${server.addr.port}/simple/`, stop: () => server.shutdown() };
}
