/**
 * Folders and files that a person said where to keep.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

/** Makes a folder, and those above it. @throws {Fault} code `config_folder`. */
export function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path, { recursive: true });
  } catch (error) {
    throw folderFault("make folder", path, error);
  }
}

/** What kept a person's folder or file from being used, as a Fault with code `config_folder`. */
export function folderFault(act: string, path: string, error: unknown): Fault {
  const { message } = Fault.of(error);
  // "Read-only file system (os error 30): mkdir '/data'" names the path a second time.
  const reason = message.replace(/ \(os error \d+\).*$/s, "");
  return new Fault("config_folder", `Cannot ${act} ${path}: ${reason}`, { cause: error });
}
