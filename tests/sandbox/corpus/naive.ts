/**
 * The baseline: Pyodide in a worker with every permission. It really reads files and reaches servers, so it runs
 * in a process of its own, in a folder that is thrown away, and is killed when it answers late or grows.
 *
 * @module
 */
import type { Answer, Call, Subject } from "./subject.ts";

/** Mebibytes at which it is killed. */
const MOST_MB = 1_200;
/** Milliseconds it is given to load, on a slow machine. */
const LOAD_MS = 60_000;
/** Milliseconds after its limit at which a call counts as never answered. */
const LATE_MS = 1_500;

/** Starts one; the next is started when a program has brought it down. */
export async function openNaive(secret: string): Promise<Subject> {
  const folder = await Deno.makeTempDir({ prefix: "troupe-naive-" });
  let server = await start(folder, secret);
  let calls = 0;
  return {
    async run(code: string, call: Call): Promise<Answer> {
      if (server.ended()) {
        await server.kill(); // closes what is left of it
        server = await start(folder, secret);
      }
      const id = ++calls;
      return await server.ask({ id, code, ...call }, id, call.timeoutMs + LATE_MS);
    },
    async close() {
      await server.kill();
      await Deno.remove(folder, { recursive: true });
    },
  };
}

interface Server {
  ask(request: unknown, id: number, withinMs: number): Promise<Answer>;
  ended(): boolean;
  kill(): Promise<void>;
}

async function start(folder: string, secret: string): Promise<Server> {
  const module = new URL("naive_server.ts", import.meta.url).pathname;
  const config = new URL("../../../deno.json", import.meta.url).pathname;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--config", config, "--no-prompt", "-A", module],
    cwd: folder,
    env: { TROUPE_CORPUS_SECRET: secret, DENO_NO_UPDATE_CHECK: "1" },
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  let ended = false;
  const waiting = new Map<number | "ready", PromiseWithResolvers<Answer>>();
  const kill = async () => {
    if (!ended) child.kill("SIGKILL");
    await child.status;
    await writer.close().catch(() => {}); // The pipe may have broken with it.
    await heard;
  };
  const watch = setInterval(() => {
    if (residentMb(child.pid) > MOST_MB) void kill();
  }, 20);
  const heard = hear(child.stdout, (line) => {
    waiting.get(line.ready === true ? "ready" : line.id)?.resolve(line.answer);
  });
  void child.status.then(() => {
    ended = true;
    clearInterval(watch);
    for (const { reject } of waiting.values()) reject(new Error("the server died"));
  });
  const answered = async (key: number | "ready", withinMs: number) => {
    const answer = Promise.withResolvers<Answer>();
    waiting.set(key, answer);
    const timer = setTimeout(() => void kill(), withinMs);
    return await answer.promise.finally(() => (clearTimeout(timer), waiting.delete(key)));
  };
  await answered("ready", LOAD_MS);
  return {
    ended: () => ended,
    kill,
    async ask(request, id, withinMs) {
      const answer = answered(id, withinMs);
      await writer.write(new TextEncoder().encode(`${JSON.stringify(request)}\n`)).catch(() => kill());
      return await answer;
    },
  };
}

/** What it says, as a client that trusts it reads it. */
async function hear(
  stdout: ReadableStream<Uint8Array<ArrayBuffer>>,
  take: (line: { ready?: true; id: number; answer: Answer }) => void,
): Promise<void> {
  let rest = "";
  for await (const text of stdout.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    for (const line of lines) {
      try {
        take(JSON.parse(line));
      } catch {
        // Whatever the worker printed: such a client skips it.
      }
    }
  }
}

function residentMb(pid: number): number {
  try {
    return Number(Deno.readTextFileSync(`/proc/${pid}/statm`).split(" ")[1]) * 4_096 / 1_048_576;
  } catch {
    return 0; // It has just ended.
  }
}
