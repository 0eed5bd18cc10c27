/**
 * Plain Pyodide, for comparison: a worker with all permissions, no limits, no walls.
 *
 * @module
 */
import { median, timed } from "../contender.ts";

/** Milliseconds from nothing to the first result. */
export async function plainStart(): Promise<number> {
  const opened: Plain[] = [];
  const taken = await timed(async () => {
    opened.push(await openPlain());
    await opened[0]!.run("6 * 7");
  });
  for (const plain of opened) plain.close();
  return taken;
}

/** Milliseconds the interpreter itself takes for its tenth call and the ten after it; the median. */
export async function plainTenth(code: string): Promise<number> {
  const plain = await openPlain();
  const taken: number[] = [];
  for (let call = 1; call <= 20; call++) taken.push(await plain.run(code));
  plain.close();
  return median(taken.slice(9));
}

interface Plain {
  /** Milliseconds it took inside the worker. */
  run(code: string): Promise<number>;
  close(): void;
}

async function openPlain(): Promise<Plain> {
  const worker = new Worker(new URL("./plain_worker.ts", import.meta.url), { type: "module" });
  const next = () => new Promise<unknown>((resolve) => worker.onmessage = ({ data }) => resolve(data));
  await next();
  return {
    async run(code) {
      const answer = next();
      worker.postMessage(code);
      return await answer as number;
    },
    close: () => worker.terminate(),
  };
}
