/** The whole process killed with SIGKILL while a tool has another called, and the run resumed by another process. */
import assert from "node:assert/strict";
import { openRuntime } from "../../workspace/runtime/runtime.ts";
import {
  type Answer,
  scriptedOpenAi,
  type SeenRequest,
  text,
  toolCalls,
} from "../support/scripted_openai.ts";
import { fiveEffectsCrew, TASK } from "./five_effects.ts";
import type { Orders } from "./mortal_run.ts";

const calls = ["first", "second"].map((line) => ({ name: "tally", args: { line } }));

/** One call of the asker, which adds both lines. */
function bothAtOnce({ body }: SeenRequest): Answer {
  const last = body.messages.at(-1);
  if (last?.role === "tool") return text(`It said: ${last.content}`);
  return toolCalls([{ id: "call_1", name: "asker", arguments: { calls } }]);
}

const ANSWER = "It said: added first added second";

/**
 * Writes: 1 the run, 2 and 3 the inference, 4 the intent of the outer call, 5 the run of its calls, 6 to 9 an intent and
 * a receipt each, 10 the end of that run, 11 the receipt of the outer call.
 */
const POINTS: readonly [when: Orders["when"], at: number, lines: readonly string[]][] = [
  ["before", 5, ["first", "second"]],
  ["after", 6, ["first", "second"]],
  // Killed between a performance and its receipt nobody can know of it: then it is performed again.
  ["before", 7, ["first", "first", "second"]],
  ["after", 7, ["first", "second"]],
  ["before", 9, ["first", "second", "second"]],
  ["after", 9, ["first", "second"]],
  ["before", 11, ["first", "second"]],
];

for (const [when, at, lines] of POINTS) {
  Deno.test(`killed with SIGKILL ${when} write ${at}, a run repeats no nested call that has its receipt`, async () => {
    const folder = await Deno.makeTempDir({ prefix: "troupe-kill-" });
    await using server = scriptedOpenAi.byConversation(bothAtOnce, {});
    const endpoint = { baseUrl: server.baseUrl, apiKey: server.apiKey };
    const orders: Orders = { folder, endpoint, at, when };
    try {
      assert.equal((await run(orders)).signal, "SIGKILL");
      const resumed = await run({ ...orders, at: 0, resume: await theRun(folder, endpoint) });
      assert.equal(resumed.answer, ANSWER);
      assert.deepEqual(Deno.readTextFileSync(`${folder}/tally`).trim().split("\n"), lines);
      assert.equal(server.requests.length, 2);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
}

async function run(orders: Orders): Promise<{ signal: Deno.Signal | null; answer: string }> {
  const script = new URL("./mortal_run.ts", import.meta.url).pathname;
  const args = ["run", "--no-prompt", "--no-check", "-A", script, JSON.stringify(orders)];
  const { signal, stdout, stderr, code } = await new Deno.Command(Deno.execPath(), { args }).output();
  assert.ok(signal !== null || code === 0, new TextDecoder().decode(stderr));
  return { signal, answer: new TextDecoder().decode(stdout) };
}

async function theRun(folder: string, endpoint: Orders["endpoint"]): Promise<string> {
  const runtime = await openRuntime({
    db: `${folder}/troupe.db`,
    workspace: folder,
    limits: { turns: 25 },
    crew: () => Promise.resolve(fiveEffectsCrew(endpoint, `${folder}/tally`)),
    demo: { task: TASK, setup: {} },
  });
  const [record] = await runtime.runs(1);
  await runtime.close();
  assert.ok(record);
  return record.run;
}
