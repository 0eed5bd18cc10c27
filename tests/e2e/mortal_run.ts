/**
 * A process that runs the five effects and kills itself with SIGKILL at one write of the journal.
 * Arguments: a JSON object, see `Orders`. Prints the answer.
 */
import { STORE } from "../../workspace/runtime/crew.ts";
import { openRuntime } from "../../workspace/runtime/runtime.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { mortalGrant, mortalStore } from "../workers/mortal_store.ts";
import { fiveEffectsCrew, TASK } from "./five_effects.ts";

export interface Orders {
  folder: string;
  endpoint: { baseUrl: string; apiKey: string };
  /** The write to die at; 0 for none. */
  at: number;
  when: "before" | "after";
  /** The run to resume; absent starts one. */
  resume?: string;
}

if (import.meta.main) {
  const { folder, endpoint, at, when, resume }: Orders = JSON.parse(Deno.args[0]!);
  const db = `${folder}/troupe.db`;
  const runtime = await openRuntime({
    db,
    workspace: `${folder}/workspace`,
    limits: { turns: 25 },
    crew: () => Promise.resolve(fiveEffectsCrew(endpoint, `${folder}/tally`)),
    demo: { task: TASK, setup: {} },
    store: child(STORE, mortalStore, { path: db, at, when, how: "kill" }, { grant: mortalGrant() }),
  });
  const handle = resume === undefined ? await runtime.start(TASK, {}) : await runtime.resume(resume, {});
  for await (const _ of handle.events);
  const { answer } = await handle.outcome;
  await runtime.close();
  await Deno.stdout.write(new TextEncoder().encode(answer));
}
