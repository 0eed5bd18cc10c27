/**
 * Writing a file so that others see its old content or its new one, never a part.
 *
 * @module
 */

/**
 * Gives a file new content, all or nothing: written beside it under a name of its own, put on the disk, renamed over it.
 * Keeps the permission bits of a file that was there. `token` makes the temporary name unique; what a killed
 * process leaves behind is called `.<token>.tmp`.
 * @throws what Deno throws; the old content is then still there and nothing is left behind.
 */
export function replaceFile(path: string, bytes: Uint8Array, token: string): void {
  const temporary = `${path.slice(0, path.lastIndexOf("/"))}/.${token}.tmp`;
  try {
    writeAll(temporary, bytes);
    const mode = modeOf(path);
    if (mode !== undefined) Deno.chmodSync(temporary, mode);
    Deno.renameSync(temporary, path);
  } catch (error) {
    discard(temporary);
    throw error;
  }
}

function writeAll(path: string, bytes: Uint8Array): void {
  using file = Deno.openSync(path, { write: true, createNew: true });
  for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  file.syncSync();
}

function modeOf(path: string): number | undefined {
  try {
    const { mode } = Deno.statSync(path);
    return mode === null ? undefined : mode & 0o777;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function discard(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Either it was never made, or the error that brought us here says more than this one would.
  }
}
