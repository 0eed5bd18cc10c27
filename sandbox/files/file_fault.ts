/**
 * What the operating system says about a file, in words for a model and without the machine's own paths.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

/**
 * A file error as a {@linkcode Fault}: code `not_found`, `denied` (a read-only file system too), or `failed`
 * for all others (a full disk, a name too long). Faults pass unchanged. `act` and `path` make the sentence
 * "Cannot <act> <path>: <reason>".
 */
export function fileFault(act: string, path: string, error: unknown): Fault {
  if (error instanceof Fault) return error;
  const { code, reason } = judged(error);
  return new Fault(code, `Cannot ${act} ${path}: ${reason}`, { cause: error });
}

function judged(error: unknown): { code: string; reason: string } {
  if (error instanceof Deno.errors.NotFound) return { code: "not_found", reason: "it does not exist" };
  if (error instanceof Deno.errors.NotCapable) {
    return { code: "denied", reason: "this tool was not given the permission" };
  }
  const said = error instanceof Error ? error.message : String(error);
  // Deno writes "No space left on device (os error 28): open '/home/...'".
  const [reason = said] = said.split(" (os error");
  const forbidden = error instanceof Deno.errors.PermissionDenied ||
    (error as { code?: string } | null)?.code === "EROFS";
  return { code: forbidden ? "denied" : "failed", reason };
}
