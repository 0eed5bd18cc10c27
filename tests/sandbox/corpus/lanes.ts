/**
 * Many programs at a time, each in a lane with a bait of its own, so that what is touched tells who did it.
 *
 * @module
 */
import { layBait } from "./bait.ts";
import { hostileLane, ordinaryLane, type Verdict } from "./judge.ts";
import type { Program } from "./programs.ts";
import type { Subject } from "./subject.ts";

/** What programs are run with. */
export interface Lanes {
  /** What came of each program. A single lane opens another subject for what follows a program that spoiled it. */
  run(side: "hostile" | "ordinary", programs: readonly Program[]): Promise<Map<Program, Verdict>>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Lays `count` lanes that share one subject. */
export async function layLanes(
  count: number,
  secret: string,
  open: () => Promise<Subject>,
): Promise<Lanes> {
  const baits = await Promise.all(Array.from({ length: count }, () => layBait(secret)));
  let subject = await open();
  return {
    async run(side, programs) {
      const verdicts = new Map<Program, Verdict>(), rest = [...programs];
      await Promise.all(baits.map(async (bait) => {
        const begin = () => (side === "hostile" ? hostileLane : ordinaryLane)(subject, bait, secret);
        let lane = begin();
        for (let program = rest.shift(); program !== undefined; program = rest.shift()) {
          const verdict = await lane.judge(program);
          verdicts.set(program, verdict);
          if (!verdict.spoiled || count > 1) continue;
          await subject.close();
          subject = await open();
          lane = begin();
        }
      }));
      return verdicts;
    },
    async [Symbol.asyncDispose]() {
      await subject.close();
      await Promise.all(baits.map((bait) => bait[Symbol.asyncDispose]()));
    },
  };
}
