/**
 * One process a run: a file lock, which the system takes back however the process ends.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";
import { folderFault, makeFolder } from "./folder.ts";

/** Holds a run until disposed. */
export interface RunLock {
  [Symbol.dispose](): void;
}

/** Whoever asks whether a run is worked on holds its lock for an instant: who finds it taken looks again. */
const TRIES = 3;
const BETWEEN_TRIES_MS = 20;

/** The folder of the locks of the runs in a database. */
export function locksBeside(db: string): string {
  return join(dirname(db), "locks");
}

/**
 * Claims a run for this process.
 * @throws {Fault} code `run_locked` when another process has it, `config_folder`.
 */
export function lockRun(folder: string, run: string): RunLock {
  makeFolder(folder);
  const path = join(folder, `${run}.lock`);
  for (let tried = 1;; tried++) {
    const file = open(path);
    if (file.tryLockSync?.(true) === false) { // a runtime before 2.8 cannot try
      file.close();
      if (tried < TRIES) {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, BETWEEN_TRIES_MS);
        continue;
      }
      throw new Fault("run_locked", `Cannot work on run ${run}: another process is working on it now`, {
        retry: "later",
      });
    }
    if (isAt(path, file)) return release(path, file);
    file.close();
  }
}

/** Whether a process works on a run now; its end, however it came, is seen. */
export function isWorkedOn(folder: string, run: string): boolean {
  try {
    using file = Deno.openSync(join(folder, `${run}.lock`));
    return file.tryLockSync?.(false) !== true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw folderFault("look at the lock of a run in", folder, error);
  }
}

function open(path: string): Deno.FsFile {
  try {
    return Deno.openSync(path, { create: true, write: true });
  } catch (error) {
    throw folderFault("open the lock", path, error);
  }
}

/** False when whoever had the lock before removed the file between our opening and locking it. */
function isAt(path: string, file: Deno.FsFile): boolean {
  try {
    return Deno.statSync(path).ino === file.statSync().ino;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

function release(path: string, file: Deno.FsFile): RunLock {
  return {
    [Symbol.dispose]() {
      Deno.removeSync(path);
      file.close();
    },
  };
}
