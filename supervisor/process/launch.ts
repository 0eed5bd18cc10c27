/**
 * How the worker that stands for a child process is made.
 *
 * @module
 */
import type { WorkerKind } from "../worker/spawner.ts";

/** It may start this very program and nothing else. */
export function processKind(): WorkerKind {
  return { module: new URL("./host.ts", import.meta.url).href, grant: { run: [Deno.execPath()] } };
}
