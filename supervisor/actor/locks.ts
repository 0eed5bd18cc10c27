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
