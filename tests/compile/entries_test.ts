import assert from "node:assert/strict";
import { dirname, join } from "node:path/posix";
import { programModules, workerEntries } from "../../.ci/compile.ts";

const entries = new Set(workerEntries());

/** Matches of a pattern in the program, each with its module. */
function found(pattern: RegExp): { module: string; match: string }[] {
  return programModules().flatMap((module) =>
    [...Deno.readTextFileSync(new URL(`../../${module}`, import.meta.url)).matchAll(pattern)]
      .map(([, match = ""]) => ({ module, match }))
  );
}

Deno.test("every module that describes an actor is embedded in the binary as a worker's entry", () => {
  const actors = found(/^ +(module): import\.meta\.url,/gm).map(({ module }) => module);
  assert.ok(actors.length >= 11, "the pattern still finds them");
  assert.deepEqual(actors.filter((module) => !entries.has(module)), []);
});

Deno.test("every module that is started by its address is embedded in the binary", () => {
  const started = found(/new URL\("(\.[^"]*\.ts)", import\.meta\.url\)/g)
    .map(({ module, match }) => join(dirname(module), match));
  assert.deepEqual(started.toSorted(), [
    "sandbox/python/provider.ts",
    "supervisor/process/child.ts",
    "supervisor/process/host.ts",
  ]);
  assert.deepEqual(started.filter((module) => !entries.has(module)), []);
});
