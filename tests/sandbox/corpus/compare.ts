/**
 * The corpus against the tool and against the naive baseline, for people: who holds what.
 *
 * ```sh
 * deno run -A tests/sandbox/corpus/compare.ts [tool|naive|both] [group or name of a program]...
 * ```
 *
 * @module
 */
import { newSecret, SECRET_VARIABLE } from "./bait.ts";
import { LATE_MS, type Verdict } from "./judge.ts";
import { layLanes } from "./lanes.ts";
import { openNaive } from "./naive.ts";
import { type Program, readPrograms } from "./programs.ts";
import { openTool } from "./subject.ts";

const secret = newSecret();
Deno.env.set(SECRET_VARIABLE, secret);
const [which = "both", ...wanted] = Deno.args;
if (which !== "naive") await compare("tool", openTool);
if (which !== "tool") await compare("naive", () => openNaive(secret));

async function compare(name: "tool" | "naive", open: typeof openTool): Promise<void> {
  await using lanes = await layLanes(1, secret, open);
  const count = { all: 0, held: 0 };
  for (const side of ["hostile", "ordinary"] as const) {
    for (const programs of readPrograms(side).values()) {
      const chosen = programs.filter((one) => isWanted(one) && !(name === "naive" && one.spareNaive));
      for (const [program, verdict] of await lanes.run(side, chosen)) {
        count.all++;
        count.held += verdict.broken.length === 0 && verdict.latestMs <= LATE_MS ? 1 : 0;
        show(program, verdict);
      }
    }
  }
  print(`${name}: ${count.held} of ${count.all} held\n`);
}

function isWanted({ group, name }: Program): boolean {
  return wanted.length === 0 || wanted.includes(group) || wanted.includes(name);
}

function show({ group, name }: Program, { broken, tookMs, latestMs }: Verdict): void {
  const late = latestMs > 0 ? `, ${Math.round(latestMs)} ms after its limit` : "";
  print(
    `${broken.length > 0 ? "FELL " : latestMs > LATE_MS ? "LATE " : "held "} ${group}: ${name} (${
      Math.round(tookMs)
    } ms${late})\n`,
  );
  print(broken.map((line) => `        ${line}\n`).join(""));
}

function print(text: string): void {
  Deno.stdout.writeSync(new TextEncoder().encode(text));
}
