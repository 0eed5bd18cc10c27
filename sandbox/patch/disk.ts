/**
 * The few things that applying a patch does to a disk: one place where each of them can be made to fail.
 *
 * @module
 */

/** Paths are absolute. All of them throw what Deno throws. */
export interface Disk {
  /** Makes a new file, on the disk when this returns; fails when one is there. `mode` are permission bits. */
  write(path: string, bytes: Uint8Array, mode?: number): void;
  /** Replaces what is at `to` in one step. */
  rename(from: string, to: string): void;
  /** Removes a file or an empty folder. */
  remove(path: string): void;
  /** Makes one folder in an existing one. */
  makeFolder(path: string): void;
}

/** The real one. */
export const realDisk: Disk = {
  write(path, bytes, mode) {
    using file = Deno.openSync(path, { write: true, createNew: true });
    for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
    if (mode !== undefined) Deno.chmodSync(path, mode);
    file.syncSync();
  },
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => Deno.removeSync(path),
  makeFolder: (path) => Deno.mkdirSync(path),
};

/** Removes a file or an empty folder; nothing is done when it is not there or not empty. */
export function removeIfThere(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch (error) {
    const notEmpty = error instanceof Error && "code" in error && error.code === "ENOTEMPTY";
    if (!(error instanceof Deno.errors.NotFound) && !notEmpty) throw error;
  }
}

/** Gives a file new content in one step, by way of the file `temporary`, which may be left over from before. */
export function replace(disk: Disk, path: string, temporary: string, bytes: Uint8Array, mode?: number): void {
  removeIfThere(disk, temporary);
  disk.write(temporary, bytes, mode);
  disk.rename(temporary, path);
}
