import assert from "node:assert/strict";
import { newSecret, SECRET_VARIABLE } from "./bait.ts";
import { busyCpus } from "./busy.ts";
import { LATE_MS, type Verdict } from "./judge.ts";
import { layLanes } from "./lanes.ts";
import { type Program, readPrograms } from "./programs.ts";
import { LANES, openTool } from "./subject.ts";

/** With `TROUPE_CORPUS=all` every program is run. */
const ALL = Deno.env.get("TROUPE_CORPUS") === "all";
/** Otherwise one in so many: of the programs that cost an interpreter each, and of those that leave theirs whole. */
const COSTLY = 10, CHEAP = 3;

Deno.test("hostile programs get nowhere, ordinary ones work, and after each the next call is answered", async (t) => {
  const secret = newSecret();
  Deno.env.set(SECRET_VARIABLE, secret);
  const lanes = await layLanes(LANES, secret, openTool);
  try {
    for (const side of ["hostile", "ordinary"] as const) {
      for (const [group, every] of readPrograms(side)) {
        const programs = side === "ordinary" || ALL ? every : part(every);
        await t.step(`${side}: ${group}, ${programs.length} programs`, async () => {
          const verdicts = await lanes.run(side, programs);
          const broken = [...verdicts].filter(([, { broken }]) => broken.length > 0);
          assert.deepEqual(Object.fromEntries(broken.map(([{ name }, { broken }]) => [name, broken])), {});
          // A machine that is busy with other things may be late once.
          const again = await lanes.run(side, lateOf(verdicts));
          assert.deepEqual(lateOf(again).map(({ name }) => name), []);
        });
      }
    }
    await t.step("no thread is left busy", async () => {
      // A pool may still be filling itself up; a runaway never ends.
      let busy = 1;
      for (let tries = 0; busy > 0.2 && tries < 20; tries++) busy = await busyCpus(500);
      assert.ok(busy <= 0.2, `${busy} CPUs are busy`);
    });
  } finally {
    await lanes[Symbol.asyncDispose]();
    Deno.env.delete(SECRET_VARIABLE);
  }
});

function part(programs: Program[]): Program[] {
  const costly = programs.filter(({ survives }) => !survives);
  const cheap = programs.filter(({ survives }) => survives);
  return programs.filter((one) =>
    one.survives ? cheap.indexOf(one) % CHEAP === 0 : costly.indexOf(one) % COSTLY === 0
  );
}

function lateOf(verdicts: Map<Program, Verdict>): Program[] {
  return [...verdicts].filter(([, { latestMs }]) => latestMs > LATE_MS).map(([program]) => program);
}

Deno.test("the corpus has at least 80 hostile programs in 14 groups and 60 ordinary ones, no two of one name", () => {
  const hostile = readPrograms("hostile"), ordinary = readPrograms("ordinary");
  const count = (groups: Map<string, Program[]>) => [...groups.values()].flat().length;
  const usual = [...hostile.values()].flatMap(part);
  assert.ok(usual.length >= 80 && hostile.size >= 14, `${usual.length} in ${hostile.size}`);
  assert.ok(count(ordinary) >= 60, String(count(ordinary)));
  for (const programs of [...hostile.values(), ...ordinary.values()]) {
    assert.equal(new Set(programs.map(({ name }) => name)).size, programs.length);
    const empty = programs.filter(({ steps }) => steps.some(({ limitMs }) => !(limitMs > 0)));
    assert.deepEqual(empty, []);
  }
});
