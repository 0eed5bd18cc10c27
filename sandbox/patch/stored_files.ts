/**
 * The files of a workspace as patches read them.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { contain } from "../files/contain.ts";
import { MAX_FILE_BYTES, type ReadStored, type StoredFile } from "./plan.ts";
import { PatchProblem } from "./problem.ts";

/** A file with all its permission bits. */
export interface StoredWithMode extends StoredFile {
  /** Permission bits. */
  mode: number;
}

/**
 * Reads files of this workspace, for {@linkcode planPatch}. Besides problems it throws the faults of
 * {@linkcode contain} and what Deno throws.
 */
export function storedIn(workspace: string): ReadStored {
  return (path) => readStored(contain(workspace, path), path);
}

/**
 * The file at an absolute path, called `path` in errors; null when there is none.
 * @throws {PatchProblem} `bad_path` when it is no file, `too_large`.
 */
export function readStored(target: string, path: string): StoredWithMode | null {
  const info = infoOf(target);
  if (info === null) return null;
  if (!info.isFile) {
    const what = info.isDirectory ? "it is a folder" : "it is neither a file nor a folder";
    throw new PatchProblem("bad_path", `Cannot patch ${path}: ${what}`);
  }
  if (info.size > MAX_FILE_BYTES) {
    throw new PatchProblem(
      "too_large",
      `Cannot patch ${path}: it has ${info.size} bytes, ${MAX_FILE_BYTES} are allowed`,
    );
  }
  const mode = (info.mode ?? 0o644) & 0o777;
  return { bytes: Deno.readFileSync(target), executable: (mode & 0o100) !== 0, mode };
}

function infoOf(target: string): Deno.FileInfo | null {
  try {
    return Deno.statSync(target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Tells a file from others by its content and whether it is executable; null for none. */
export function fingerprint(file: StoredFile | null): string | null {
  return file && digest(file.bytes) + (file.executable ? "x" : "");
}

/** SHA-256 in hexadecimal. */
export function digest(...parts: (Uint8Array | string)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest("hex");
}
