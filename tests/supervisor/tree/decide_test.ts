import assert from "node:assert/strict";
import { decide, isRestarted } from "../../../supervisor/tree/decide.ts";
import type { Restart, Strategy } from "../../../supervisor/tree/spec.ts";
import type { Exit } from "../../../supervisor/worker/incarnation.ts";

const EXITS: Exit["how"][] = ["normal", "shutdown", "crashed", "lost", "hung", "killed"];

/** F365: who is started again after which end. */
const RESTARTED: Record<Restart, Exit["how"][]> = {
  always: ["normal", "crashed", "lost", "hung", "killed"],
  "on-failure": ["crashed", "lost", "hung", "killed"],
  never: [],
};

Deno.test("F365 a child is started again by its policy and its end", () => {
  for (const [restart, ends] of Object.entries(RESTARTED) as [Restart, Exit["how"][]][]) {
    for (const how of EXITS) assert.equal(isRestarted(restart, how), ends.includes(how), `${restart} ${how}`);
  }
});

/** F366-F368, of children 0 to 3: whom to stop, in order, and whom to start, in order. */
const TABLE: Record<Strategy, { stop: number[]; start: number[] }[]> = {
  "one-for-one": [
    { stop: [], start: [0] },
    { stop: [], start: [1] },
    { stop: [], start: [2] },
    { stop: [], start: [3] },
  ],
  "one-for-all": [
    { stop: [3, 2, 1], start: [0, 1, 2, 3] },
    { stop: [3, 2, 0], start: [0, 1, 2, 3] },
    { stop: [3, 1, 0], start: [0, 1, 2, 3] },
    { stop: [2, 1, 0], start: [0, 1, 2, 3] },
  ],
  "rest-for-one": [
    { stop: [3, 2, 1], start: [0, 1, 2, 3] },
    { stop: [3, 2], start: [1, 2, 3] },
    { stop: [3], start: [2, 3] },
    { stop: [], start: [3] },
  ],
};

Deno.test("K7 who is stopped and started is a table of strategy, policy, end and place", () => {
  for (const [strategy, rows] of Object.entries(TABLE) as [Strategy, (typeof TABLE)[Strategy]][]) {
    for (const restart of ["always", "on-failure", "never"] as const) {
      for (const how of EXITS) {
        for (const [index, row] of rows.entries()) {
          const expected = isRestarted(restart, how) ? row : { stop: [], start: [] };
          assert.deepEqual(
            decide(strategy, restart, how, index, 4),
            expected,
            `${strategy} ${restart} ${how}`,
          );
        }
      }
    }
  }
});

Deno.test("an only child is never stopped for itself", () => {
  for (const strategy of Object.keys(TABLE) as Strategy[]) {
    assert.deepEqual(decide(strategy, "always", "crashed", 0, 1), { stop: [], start: [0] });
  }
});
