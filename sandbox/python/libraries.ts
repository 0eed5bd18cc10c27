/**
 * Which native libraries an interpreter may load: only those the host handed in, byte for byte.
 *
 * A library gets the same functions as the interpreter, behind the same gate, and the same bounded memory; this keeps out what
 * a program makes itself.
 *
 * @module
 */
import type { Engine, Imports } from "./engine.ts";

/** Where the path is in what the dynamic linker hands over. */
const PATH_OFFSET = 36;

/** Puts a check before the function that loads libraries. `allowed` may grow later. */
export function guardLibraries(imports: Imports, engine: () => Engine, allowed: readonly Uint8Array[]): void {
  const load = imports._dlopen_js as (handle: number) => number;
  const guarded = (handle: number) => isAllowed(engine(), handle >>> 0, allowed) ? load(handle) : 0;
  imports._dlopen_js = Object.assign(guarded, { sig: "pp" });
}

function isAllowed({ fs, memory }: Engine, handle: number, allowed: readonly Uint8Array[]): boolean {
  const path = textAt(memory.HEAPU8, handle + PATH_OFFSET);
  if (allowed.length === 0 || !path.startsWith("/") || !fs.analyzePath(path).exists) return false;
  const content = fs.readFile(path);
  return allowed.some((code) =>
    code.length === content.length && code.every((byte, at) => byte === content[at])
  );
}

function textAt(memory: Uint8Array, from: number): string {
  return new TextDecoder().decode(memory.slice(from, memory.indexOf(0, from)));
}
