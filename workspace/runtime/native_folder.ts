/**
 * Where a compiled binary unpacks the native library of the database.
 *
 * Deno unpacks it into the temporary folder, under a name that can be foretold, and loads what it finds there. Where
 * others may write too that could be their code, so the temporary folder of this process becomes one of its own.
 *
 * @module
 */
import { join } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";
import { folderFault } from "./folder.ts";

/** May be written by its owner alone. */
const PRIVATE = 0o700;
const OTHERS_WRITE = 0o022;

/**
 * Makes a folder within `parent` that belongs to this user the temporary folder of this process.
 * @throws {Fault} code `config_folder` when it cannot be made or others may write in it.
 */
export function unpackWithin(parent: string): void {
  const uid = Deno.uid();
  const folder = join(parent, uid === null ? "native" : `native-${uid}`);
  try {
    Deno.mkdirSync(folder, { recursive: true, mode: PRIVATE });
  } catch (error) {
    throw folderFault("unpack the database's native library to", folder, error);
  }
  const found = Deno.lstatSync(folder);
  if (uid !== null && (!found.isDirectory || found.uid !== uid || ((found.mode ?? 0) & OTHERS_WRITE) !== 0)) {
    throw new Fault(
      "config_folder",
      `Cannot unpack the database's native library to ${folder}: others may write there`,
    );
  }
  Deno.env.set("TMPDIR", folder);
}
