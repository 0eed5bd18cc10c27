/**
 * Raw Deno workers, a direct MessagePort for each pair, plain objects: what the runtime is compared with.
 *
 * @module
 */
import { type Contender, type Latency, median, SMALL, timed } from "../contender.ts";
import type { Order } from "./worker.ts";

/** See the module's words. */
export const raw: Contender = {
  async spawn(times) {
    const taken: number[] = [];
    for (let i = 0; i < times; i++) {
      const crew: Worker[] = [];
      taken.push(await timed(() => firstAnswer(crew)));
      await dismiss(crew);
    }
    return median(taken);
  },

  async spawnMany(count) {
    const crew: Worker[] = [];
    const taken = await timed(() => Promise.all(Array.from({ length: count }, () => firstAnswer(crew))));
    await dismiss(crew);
    return taken;
  },

  ask: (count) =>
    withCrew(2, async ([caller, echo]) => {
      const { port1, port2 } = new MessageChannel();
      post(echo!, { op: "echo", port: port2 }, [port2]);
      return await perform(caller!, { op: "ask", port: port1, count }, [port1]) as Latency;
    }),

  oneWay: (count) => raw.broadcast(1, count),

  broadcast: (receivers, count) =>
    withCrew(receivers + 1, async ([sender, ...crew]) => {
      const round = async (count: number) => {
        const channels = crew.map(() => new MessageChannel());
        await Promise.all(crew.map((worker, i) => {
          const port = channels[i]!.port2;
          return perform(worker, { op: "count", port, count }, [port]);
        }));
        const ports = channels.map(({ port1 }) => port1);
        return await timed(() => perform(sender!, { op: "flood", ports, count }, ports));
      };
      await round(Math.ceil(count / 4));
      return receivers * count / await round(count) * 1000;
    }),

  ring: (size, laps) =>
    withCrew(size, async (crew) => {
      const channels = crew.map(() => new MessageChannel());
      await Promise.all(crew.map((worker, i) => {
        const previous = channels[i]!.port2;
        const next = channels[(i + 1) % size]!.port1;
        return perform(worker, { op: "ring", previous, next }, [previous, next]);
      }));
      const run = (laps: number) => timed(() => perform(crew[0]!, { op: "lap", hops: laps * size }));
      await run(Math.ceil(laps / 4));
      return laps * size / await run(laps) * 1000;
    }),

  async restart(times) {
    const crew: Worker[] = [];
    await firstAnswer(crew);
    const taken: number[] = [];
    for (let i = 0; i < times; i++) {
      taken.push(
        await timed(async () => {
          const worker = crew.pop()!;
          const died = new Promise<void>((resolve) =>
            worker.onerror = (event) => (event.preventDefault(), resolve())
          );
          post(worker, { op: "crash" });
          await died;
          await firstAnswer(crew);
        }),
      );
      await pause();
    }
    await dismiss(crew);
    return median(taken);
  },

  async populate(count, after) {
    const crew: Worker[] = [];
    for (let i = 0; i < count; i++) await firstAnswer(crew);
    after();
    await dismiss(crew);
  },
};

function hire(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
}

async function firstAnswer(crew: Worker[]): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  const worker = hire();
  crew.push(worker);
  post(worker, { op: "echo", port: port2 }, [port2]);
  const { promise, resolve } = Promise.withResolvers<void>();
  port1.onmessage = () => resolve();
  port1.postMessage(SMALL);
  await promise;
  port1.close();
}

async function withCrew<T>(size: number, work: (crew: Worker[]) => Promise<T>): Promise<T> {
  const crew = Array.from({ length: size }, hire);
  const result = await work(crew);
  await dismiss(crew);
  return result;
}

async function dismiss(crew: Worker[]): Promise<void> {
  for (const worker of crew) worker.terminate();
  await pause();
}

/** Threads end after `terminate()` returned: the next measurement is not to pay for that. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 15));
}

function post(worker: Worker, order: Order, ports: MessagePort[] = []): void {
  worker.postMessage(order, ports);
}

function perform(worker: Worker, order: Order, ports: MessagePort[] = []): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  worker.onmessage = ({ data }) => resolve(data);
  post(worker, order, ports);
  return promise;
}
