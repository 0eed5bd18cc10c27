/**
 * Many open streams of server-sent events: what each costs its server, and whether all hear the end.
 *
 * @module
 */
import { timed } from "../contender.ts";
import { ask, saying } from "./door.ts";
import { lines } from "./lines.ts";

/** What `count` streams, open at the same time, cost and brought. */
export interface Streams {
  /** Kibibytes that one adds to its server. */
  readonly memory: number;
  /** Those that broke off, or ended without their last event. */
  readonly lost: number;
  /** Milliseconds from the order to end until the last one ended. */
  readonly ending: number;
}

/** Streams of a server that is an A2A server, or a bare one of the same events. */
export async function openStreams(way: "a2a" | "bare", count: number): Promise<Streams> {
  const program = new URL("./stream_server.ts", import.meta.url).href;
  const args = ["run", "--no-prompt", "--allow-all", program, way];
  const server = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
  const said = lines(server.stdout);
  const orders = server.stdin.getWriter();
  const hear = async () => JSON.parse((await said.next()).value ?? "null");
  const order = async (what: string): Promise<{ rss: number }> => {
    await orders.write(new TextEncoder().encode(`${what}\n`));
    return await hear();
  };
  try {
    const baseUrl: string = await hear();
    // The first ones pay for what all share.
    const first = await opened(baseUrl, 50);
    const before = await order("look");
    const open = [...first, ...await opened(baseUrl, count)];
    for (let i = 0; i < 10; i++) await order("speak");
    const after = await order("look");
    let lost = 0;
    const ending = await timed(async () => {
      await order("end");
      lost = (await Promise.all(open.map((stream) => stream.ended))).filter((whole) => !whole).length;
    });
    return { memory: (after.rss - before.rss) * 1024 / count, lost, ending };
  } finally {
    await orders.close();
    await server.status;
  }
}

interface Open {
  /** Whether it ended with its last event. */
  readonly ended: Promise<boolean>;
}

/** Streams whose first event has come. A few are opened at once, as the machine's queue of connections is short. */
async function opened(baseUrl: string, count: number): Promise<Open[]> {
  const all: Open[] = [];
  while (all.length < count) {
    const some = Math.min(50, count - all.length);
    all.push(...await Promise.all(Array.from({ length: some }, () => openStream(baseUrl))));
  }
  return all;
}

async function openStream(baseUrl: string): Promise<Open> {
  const response = await ask(baseUrl, "message/stream", saying("Wait"));
  if (response.body === null || !response.ok) {
    throw new Error(`Cannot open a stream: status ${response.status}`);
  }
  const heard = lines(response.body);
  const { done } = await heard.next();
  if (done) throw new Error("Cannot open a stream: it ended at once");
  return { ended: toTheEnd(heard) };
}

async function toTheEnd(heard: AsyncIterable<string>): Promise<boolean> {
  let last = "";
  try {
    for await (const line of heard) if (line.startsWith("data:")) last = line;
  } catch {
    return false; // it broke off
  }
  return last.includes('"completed"');
}
