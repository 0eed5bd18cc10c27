/**
 * What interpreters are made of, on disk: Pyodide's files, and a snapshot of an interpreter that has started.
 *
 * The snapshot is made once, the first time Python is used, and kept in a cache under the hash of its content. Another file,
 * whose name changes with everything that goes into a snapshot, says which to use: one that is not what was
 * written is made again.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { limitMemory } from "./memory_limit.ts";
import { PRECOMPILE } from "./precompile.ts";
import { PRELOADED, RUNNER } from "./runner.ts";

/** Where a snapshot is, and what it must be. */
export interface SnapshotFile {
  readonly path: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/** Changes with the build of Pyodide and with how a snapshot is made. */
const EDITION = "pyodide-314.0.7/1";

/** Snapshots that stay in a cache, the newest; each has some 35 MB. */
const KEPT = 3;

/** The folder Pyodide lies in. */
export function pyodideDirectory(): string {
  return decodeURIComponent(new URL(".", import.meta.resolve("pyodide")).pathname);
}

/** Pyodide's WebAssembly, not to exceed `memoryMb` MiB. */
export async function compilePython(memoryMb: number): Promise<WebAssembly.Module> {
  const binary = Deno.readFileSync(`${pyodideDirectory()}pyodide.asm.wasm`);
  limitMemory(binary, memoryMb);
  const module = await WebAssembly.compile(binary);
  binary.buffer.transfer(0); // it has a copy
  return module;
}

/** Python's standard library, a zip archive. */
export function readStandardLibrary(): Uint8Array<ArrayBuffer> {
  return Deno.readFileSync(`${pyodideDirectory()}python_stdlib.zip`);
}

/** The snapshot in a cache folder; null when there is none or another than was written. */
export async function findSnapshot(cache: string): Promise<SnapshotFile | null> {
  try {
    const sha256 = Deno.readTextFileSync(await currentPath(cache)).trim();
    const path = snapshotPath(cache, sha256);
    return await hashOf(Deno.readFileSync(path)) === sha256 ? { path, sha256 } : null;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/**
 * Puts a snapshot into a cache folder. No two are alike, so each has a file of its own: what somebody else made or uses at
 * the same time stays as it is. `id` is nobody else's.
 */
export async function keepSnapshot(cache: string, snapshot: Uint8Array, id: string): Promise<SnapshotFile> {
  const sha256 = await hashOf(snapshot);
  const path = snapshotPath(cache, sha256);
  Deno.mkdirSync(cache, { recursive: true });
  replace(path, snapshot, id);
  replace(await currentPath(cache), new TextEncoder().encode(sha256), id);
  removeOld(cache);
  return { path, sha256 };
}

/**
 * Opens a snapshot. What it returns reads all of it, again and again, also when this process may no longer read files.
 * @throws {Fault} code `bad_snapshot` when it is not what it must be.
 */
export async function openSnapshot({ path, sha256 }: SnapshotFile): Promise<() => Uint8Array<ArrayBuffer>> {
  const file = Deno.openSync(path);
  const { size } = file.statSync();
  const read = () => {
    const bytes = new Uint8Array(size);
    file.seekSync(0, Deno.SeekMode.Start);
    let at = 0;
    while (at < size) at += file.readSync(bytes.subarray(at)) ?? size;
    return bytes;
  };
  const content = read();
  const found = await hashOf(content);
  content.buffer.transfer(0);
  if (found === sha256) return read;
  file.close();
  throw new Fault("bad_snapshot", `Cannot start Python: ${path} is not what was written there`, {
    retry: "later",
  });
}

function snapshotPath(cache: string, sha256: string): string {
  return `${cache}/python-${sha256}.snapshot`;
}

/** The file that names the snapshot to use. */
async function currentPath(cache: string): Promise<string> {
  const made = await hashOf(
    new TextEncoder().encode([EDITION, PRELOADED.join(), PRECOMPILE, RUNNER].join("\n")),
  );
  return `${cache}/python-${made.slice(0, 16)}.current`;
}

/** Who still uses one that goes makes another. */
function removeOld(cache: string): void {
  const snapshots = [...Deno.readDirSync(cache)].filter(({ name }) => name.endsWith(".snapshot")).map(
    ({ name }) => {
      const path = `${cache}/${name}`;
      return { path, at: Deno.statSync(path).mtime?.getTime() ?? 0 };
    },
  );
  for (const { path } of snapshots.sort((a, b) => b.at - a.at).slice(KEPT)) {
    try {
      Deno.removeSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // somebody else was first
    }
  }
}

/** Others see all of it or nothing. */
function replace(path: string, bytes: Uint8Array, id: string): void {
  Deno.writeFileSync(`${path}.${id}`, bytes);
  Deno.renameSync(`${path}.${id}`, path);
}

async function hashOf(bytes: Uint8Array): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)).toHex();
}
