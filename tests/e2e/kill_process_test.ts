/** The whole process killed with SIGKILL at every step of the journal, and resumed by another. */
import assert from "node:assert/strict";
import { openRuntime } from "../../workspace/runtime/runtime.ts";
import { scriptedOpenAi } from "../support/scripted_openai.ts";
import { ANSWER, fiveEffectsCrew, TASK, twoLines, WRITES } from "./five_effects.ts";
import type { Orders } from "./mortal_run.ts";

interface Ended {
  signal: Deno.Signal | null;
  answer: string;
}

async function run(orders: Orders): Promise<Ended> {
  const { signal, stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--no-check",
      "-A",
      new URL("./mortal_run.ts", import.meta.url).pathname,
      JSON.stringify(orders),
    ],
  }).output();
  assert.ok(signal !== null || code === 0, new TextDecoder().decode(stderr));
  return { signal, answer: new TextDecoder().decode(stdout) };
}

async function theRun(folder: string, endpoint: Orders["endpoint"]): Promise<string | undefined> {
  const runtime = await openRuntime({
    db: `${folder}/troupe.db`,
    workspace: folder,
    limits: { turns: 25 },
    crew: () => Promise.resolve(fiveEffectsCrew(endpoint, `${folder}/tally`)),
    demo: { task: TASK, setup: {} },
  });
  const [record] = await runtime.runs(1);
  await runtime.close();
  return record?.run;
}

for (const when of ["after", "before"] as const) {
  for (let at = 1; at <= WRITES; at++) {
    Deno.test(`killed with SIGKILL ${when} write ${at} of the journal, a run resumes to the same answer`, async () => {
      const folder = await Deno.makeTempDir({ prefix: "troupe-kill-" });
      await using server = scriptedOpenAi.byConversation(twoLines, { sameKeyMayRepeat: when === "before" });
      const { baseUrl, apiKey } = server;
      const orders: Orders = { folder, endpoint: { baseUrl, apiKey }, at, when };
      try {
        assert.equal((await run(orders)).signal, "SIGKILL");
        const known = await theRun(folder, orders.endpoint);
        const ended = when === "after" && at === WRITES;
        if (known === undefined) {
          assert.ok(when === "before" && at === 1, "a run that was never recorded starts anew");
        }
        const resumed = ended ? ANSWER : (await run({ ...orders, at: 0, resume: known })).answer;
        assert.equal(resumed, ANSWER);
        const lines = Deno.readTextFileSync(`${folder}/tally`).trim().split("\n");
        // Killed between a performance and its receipt nobody can know of it: then it is performed again.
        const again = when === "before" ? RECEIPT_OF_ACT[at] : undefined;
        assert.deepEqual(lines, again === undefined ? ["first", "second"] : again);
        assert.equal(server.requests.length, 3 + (when === "before" && RECEIPT_OF_THINK.has(at) ? 1 : 0));
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
}

/** Writes: 1 the run, then intent and receipt of think, act, think, act, think, then the end. */
const RECEIPT_OF_THINK = new Set([3, 7, 11]);
const RECEIPT_OF_ACT: Record<number, string[]> = {
  5: ["first", "first", "second"],
  9: ["first", "second", "second"],
};
