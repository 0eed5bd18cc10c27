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

/** Milliseconds, p50 and p99. */
export interface Taken {
  /** Of `message/send`. */
  readonly a2a: readonly number[];
  /** Of the run alone. */
  readonly bare: readonly number[];
}

/** `count` tasks of each kind in turns, one after the other. */
export async function taskLatencies(count: number): Promise<Taken> {
  const site = await openSite();
  try {
    const [a2a, bare]: [number[], number[]] = [[], []];
    for (let i = 0; i < WARM_UP + count; i++) {
      a2a.push(await timed(() => send(site)));
      bare.push(await timed(() => run(site)));
    }
    return { a2a: quantiles(a2a.slice(WARM_UP)), bare: quantiles(bare.slice(WARM_UP)) };
  } finally {
    await site.close();
  }
}

function quantiles(taken: readonly number[]): number[] {
  const { p50, p99 } = latency(taken);
  return [p50 / 1000, p99 / 1000];
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
