/**
 * What asking over A2A costs on top of the run that answers.
 *
 * @module
 */
import { latency, timed } from "../contender.ts";
import { ask, saying } from "./door.ts";
import { ANSWER, openSite, type Site, TASK } from "./site.ts";

/** Tasks before the measured ones. */
const WARM_UP = 10;

/** Milliseconds of `count` tasks, one after the other, as p50 and p99: over A2A, or by the runtime alone. */
export async function taskLatency(way: "a2a" | "bare", count: number): Promise<number[]> {
  const site = await openSite();
  const once = way === "a2a" ? () => send(site) : () => run(site);
  try {
    for (let i = 0; i < WARM_UP; i++) await once();
    const taken: number[] = [];
    for (let i = 0; i < count; i++) taken.push(await timed(once));
    const { p50, p99 } = latency(taken);
    return [p50 / 1000, p99 / 1000];
  } finally {
    await site.close();
  }
}

async function send({ server }: Site): Promise<void> {
  const response = await ask(server.baseUrl, "message/send", saying(TASK));
  const { result, error } = await response.json();
  const said = result?.status?.message?.parts?.[0]?.text;
  if (said !== ANSWER) throw new Error(`Cannot measure A2A: it answered ${JSON.stringify(error ?? result)}`);
}

async function run({ runtime }: Site): Promise<void> {
  const handle = await runtime.start(TASK, {});
  for await (const _event of handle.events);
  const { answer } = await handle.outcome;
  if (answer !== ANSWER) throw new Error(`Cannot measure a run: it answered ${answer}`);
}
