/**
 * Web Locks, which Deno has had since 2.9; its type library does not know them yet.
 *
 * @see https://w3c.github.io/web-locks/
 * @module
 */

/** The part of LockManager the kernel uses. */
export interface Locks {
  request<T>(name: string, held: () => T | Promise<T>): Promise<T>;
}

/** Undefined on a runtime without them: there, silent exits are noticed by missed heartbeats only. */
export const locks: Locks | undefined = (navigator as { locks?: Locks }).locks;

/** Turns of the event loop in which a worker's last words are still listened for. */
const LAST_TURNS = 2;

/**
 * Resolves when the worker that holds this lock is gone and its last words have been heard: they were posted before
 * the lock was let go, but may arrive a turn later. Nobody waits for them once `heard`. Undefined on a runtime
 * without locks.
 */
export function lifeline(name: string, heard: () => boolean): Promise<void> | undefined {
  return locks?.request(name, () => {}).then(async () => {
    for (let turn = 0; turn < LAST_TURNS && !heard(); turn++) {
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  });
}
