/**
 * Empties the environment in a worker before any package is loaded there: many read a variable when imported
 * and would die of the missing permission, and none should see the environment of the person who runs us.
 * Configuration reaches actors by message only, whatever their grant.
 *
 * Naming `process` here would load Deno's whole emulation of Node into every worker (10 ms and 3 MB). Its
 * `process.env` reads through `Deno.env`, so that is what is replaced.
 *
 * @module
 */

/** True in a worker, false on the main thread, which imports actor modules for their definitions. */
export const inWorker: boolean = "DedicatedWorkerGlobalScope" in globalThis;

if (inWorker) {
  const own = new Map<string, string>();
  const environment: Deno.Env = {
    get: (name) => own.get(name),
    has: (name) => own.has(name),
    set: (name, value) => void own.set(name, value),
    delete: (name) => void own.delete(name),
    toObject: () => Object.fromEntries(own),
  };
  Object.assign(Deno.env, environment);
}
