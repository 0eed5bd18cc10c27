/**
 * The one call that makes a worker.
 *
 * @module
 */
import type { WorkerKind } from "./spawner.ts";

const NOTHING = {
  read: false,
  write: false,
  net: false,
  env: false,
  sys: false,
  run: false,
  ffi: false,
  import: false,
};

/** A worker of that kind with exactly its permissions. `name` is also the name of its lifeline. */
export function createWorker({ module, grant }: WorkerKind, name: string): Worker {
  const permissions = grant === "none" ? "none" : { ...NOTHING, ...grant };
  return new Worker(module, { type: "module", name, deno: { permissions } } as WorkerOptions);
}
