/**
 * The one call that makes a worker, and what it is told.
 *
 * @module
 */
import type { Grant } from "../actor/grant.ts";
import type { ProcessSpec } from "../process/launch.ts";

/** A worker before it has an actor: its code, its permissions. */
export interface WorkerKind {
  /** URL of its entry. */
  readonly module: string;
  readonly grant: Grant;
  /** Of a worker that stands for a process. */
  readonly process?: ProcessSpec;
}

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
