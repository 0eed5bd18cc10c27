/**
 * One process a run: a file lock, which the system takes back however the process ends.
 *
 * @module
 */
import { join } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";

/** Holds a run until disposed. */
export interface RunLock {
  [Symbol.dispose](): void;
}

/**
 * Claims a run for this process.
 * @throws {Fault} code `run_locked` when another process has it.
 */
export function lockRun(folder: string, run: string): RunLock {
  Deno.mkdirSync(folder, { recursive: true });
  const path = join(folder, `${run}.lock`);
  while (true) {
    const file = Deno.openSync(path, { create: true, write: true });
    if (file.tryLockSync?.(true) === false) { // a runtime before 2.8 cannot try
      file.close();
      throw new Fault("run_locked", `Cannot work on run ${run}: another process is working on it now`, {
        retry: "later",
      });
    }
    if (isAt(path, file)) return release(path, file);
    file.close();
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
