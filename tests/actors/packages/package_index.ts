/**
 * A package index and a Pyodide distribution on this machine, honest until told otherwise.
 *
 * @module
 */
import { hashOf, type MadeWheel, makeWheel, type WheelParts } from "../../sandbox/packages/make_wheel.ts";

/** Answers a path in its own way. */
export type Answer = (request: Request) => Response | Promise<Response>;

/** An index that runs. */
export interface PackageIndex extends AsyncDisposable {
  /** "http://127.0.0.1:port". */
  readonly origin: string;
  /** "GET /simple/a/" and so on, in order. */
  readonly requests: string[];
  /** By path: what is answered instead. */
  readonly answers: Map<string, Answer>;
  /** Lists a wheel; `more` goes into its entry. */
  add(parts: WheelParts, more?: Record<string, unknown>): Promise<MadeWheel>;
  /** Puts a file at "/dist/". */
  distribute(file: string, bytes: Uint8Array<ArrayBuffer>): void;
  /** Stops answering at all. */
  down(): Promise<void>;
}

/** Starts an index. */
export function startIndex(): PackageIndex {
  const requests: string[] = [];
  const answers = new Map<string, Answer>();
  const files = new Map<string, Uint8Array<ArrayBuffer> | string>();
  const pages = new Map<string, unknown[]>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const { pathname } = new URL(request.url);
    requests.push(`${request.method} ${pathname}`);
    const special = answers.get(pathname);
    if (special !== undefined) return special(request);
    const file = files.get(pathname);
    if (file !== undefined) return new Response(file);
    const page = pages.get(/^\/simple\/([^/]+)\/$/.exec(pathname)?.[1] ?? "");
    if (page === undefined) return new Response("no such page", { status: 404 });
    const type = "application/vnd.pypi.simple.v1+json";
    if (request.headers.get("accept") !== type) return new Response("<html>", { status: 406 });
    return Response.json({ meta: { "api-version": "1.1" }, files: page }, {
      headers: { "content-type": type },
    });
  });
  let running = true;
  const down = async () => {
    if (running) await server.shutdown();
    running = false;
  };
  return {
    origin: `http://127.0.0.1:${server.addr.port}`,
    requests,
    answers,
    async add(parts, more = {}) {
      const wheel = await makeWheel(parts);
      const { file: filename, bytes, sha256, metadata } = wheel;
      const name = parts.name.replace(/[-_.]+/g, "-").toLowerCase();
      files.set(`/files/${filename}`, bytes);
      files.set(`/files/${filename}.metadata`, metadata);
      const entry = { filename, url: `/files/${filename}`, hashes: { sha256 }, size: bytes.length, ...more };
      pages.set(name, [...pages.get(name) ?? [], entry]);
      return wheel;
    },
    distribute: (file, bytes) => void files.set(`/dist/${file}`, bytes),
    down,
    [Symbol.asyncDispose]: down,
  };
}

/** A Pyodide folder whose list has those files, which `index` then serves. */
export async function pyodideFolder(
  folder: string,
  index: PackageIndex,
  packages: {
    name: string;
    file: string;
    bytes: Uint8Array<ArrayBuffer>;
    depends?: string[];
    imports?: string[];
  }[],
): Promise<string> {
  const entries: Record<string, unknown> = {};
  for (const { name, file, bytes, depends = [], imports = [name] } of packages) {
    index.distribute(file, bytes);
    const version = file.replace(".zip", "").split("-")[1];
    entries[name] = { version, file_name: file, sha256: await hashOf(bytes), depends, imports };
  }
  const info = { abi_version: "2026_0", arch: "wasm32", platform: "emscripten_5_0_3", python: "3.14.2" };
  Deno.mkdirSync(`${folder}/pyodide`);
  Deno.writeTextFileSync(`${folder}/pyodide/pyodide-lock.json`, JSON.stringify({ info, packages: entries }));
  Deno.writeTextFileSync(`${folder}/pyodide/package.json`, JSON.stringify({ version: "314.0.7" }));
  return `${folder}/pyodide`;
}
