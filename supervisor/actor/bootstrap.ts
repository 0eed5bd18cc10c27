/**
 * Empties `process.env` in a worker before any package is loaded there: many read a variable when imported
 * and would die of the missing permission, and none should see the environment of the person who runs us.
 * Configuration reaches actors by message only.
 *
 * @module
 */

/** True in a worker, false on the main thread, which imports actor modules for their definitions. */
export const inWorker: boolean = "DedicatedWorkerGlobalScope" in globalThis;

if (inWorker) {
  const { process } = globalThis as unknown as { process: object };
  Object.defineProperty(process, "env", { value: Object.create(null), writable: true, configurable: true });
}
