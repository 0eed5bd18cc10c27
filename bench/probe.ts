/**
 * One measurement in a process of its own: bound to one CPU, or with a heap that nothing else has used.
 *
 * @module
 */
import type { Contender, Footprint, Latency } from "./contender.ts";

/** Which side. */
export type Side = "ours" | "raw";

/** Round trips with all threads on one CPU, where the system has `taskset`; else wherever they run. */
export async function pinnedAsk(side: Side, count: number): Promise<Latency> {
  return await probe<Latency>("ask", side, count, await pinning());
}

/** What one of `count` idle actors adds to the process. */
export async function footprint(side: Side, count: number): Promise<Footprint> {
  return await probe<Footprint>("memory", side, count, []);
}

/** As {@linkcode Contender.restart}: a raw worker that crashes writes its error where the table is to appear. */
export async function restart(side: Side, times: number): Promise<number> {
  return await probe<number>("restart", side, times, []);
}

let found: Promise<string[]> | undefined;

/** The words before a command that bind it to the first CPU; none where that cannot be done. */
export function pinning(): Promise<string[]> {
  const words = ["taskset", "-c", "0"];
  return found ??= new Deno.Command(words[0]!, { args: [...words.slice(1), "true"] }).output().then(
    ({ success }) => success ? words : [],
    () => [],
  );
}

async function probe<Result>(what: string, side: Side, count: number, before: string[]): Promise<Result> {
  const deno = [Deno.execPath(), "run", "--no-prompt", "--allow-all", import.meta.url];
  const [program, ...args] = [...before, ...deno, what, side, String(count)];
  const { success, stdout, stderr } = await new Deno.Command(program!, { args }).output();
  if (!success) throw new Error(`Cannot measure ${what}: ${new TextDecoder().decode(stderr)}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

async function memory(side: Contender, count: number): Promise<Footprint> {
  await side.populate(1, () => {}); // the first pays for what all share
  const before = resident();
  let after = before;
  await side.populate(count, () => after = resident());
  return { rss: (after.rss - before.rss) / count, private: (after.private - before.private) / count };
}

/** Of this process, in mebibytes. */
export function resident(): Footprint {
  const rollup = Deno.readTextFileSync("/proc/self/smaps_rollup");
  const field = (name: string) => Number(new RegExp(`^${name}: +(\\d+)`, "m").exec(rollup)![1]) / 1024;
  return { rss: field("Rss"), private: field("Private_Clean") + field("Private_Dirty") };
}

if (import.meta.main) {
  const [what, side, count] = Deno.args;
  const contender: Contender = side === "raw"
    ? (await import("./raw/contender.ts")).raw
    : (await import("./troupe/contender.ts")).troupe;
  const measure: Record<string, (count: number) => Promise<unknown>> = {
    ask: contender.ask,
    restart: contender.restart,
    memory: (count) => memory(contender, count),
  };
  const result = await measure[what!]!(Number(count));
  Deno.stdout.writeSync(new TextEncoder().encode(JSON.stringify(result)));
}
