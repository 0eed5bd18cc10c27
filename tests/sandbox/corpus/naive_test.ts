import assert from "node:assert/strict";
import { newSecret } from "./bait.ts";
import { layLanes } from "./lanes.ts";
import { openNaive } from "./naive.ts";
import { type Program, readPrograms } from "./programs.ts";

/** The group of which all programs are tried; of the others one or two, as a server brought down takes seconds. */
const GROUP = "bridge";
const SINGLES = [
  "emscripten_run_script_string reads the environment",
  "mountNodeFS",
  "a line of the server's protocol through console.log",
  "a module patched",
  "a file in /tmp",
  "an environment variable",
  "the environment",
  "os.system",
  "pyfetch",
  "Deno.connect",
  "one block of two gigabytes",
  "a value of a hundred megabytes",
  "abort",
];

Deno.test("plain Pyodide in a worker with all permissions falls to the same programs: the corpus can fail", async () => {
  const secret = newSecret();
  const lanes = await layLanes(1, secret, () => openNaive(secret));
  try {
    const verdicts = await lanes.run("hostile", chosen());
    const fallen = [...verdicts].filter(([, { broken }]) => broken.length > 0).map(([{ name }]) => name);
    assert.ok(fallen.length >= 25, `${fallen.length} of ${verdicts.size}: ${fallen.join("; ")}`);
    assert.deepEqual(SINGLES.filter((name) => !fallen.includes(name)), []);
  } finally {
    await lanes[Symbol.asyncDispose]();
  }
});

function chosen(): Program[] {
  return [...readPrograms("hostile").values()].flat().filter(({ group, name, spareNaive }) =>
    !spareNaive && (group === GROUP || SINGLES.includes(name))
  );
}
