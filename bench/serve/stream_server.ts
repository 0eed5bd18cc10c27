/**
 * A server of streams in a process of its own, for `streams.ts`: A2A whose tasks wait until they are told to end, or
 * the same events from bare `Deno.serve`. Says on its output where it is; each line it is sent is an order.
 *
 * @module
 */
import { createA2aApp } from "../../protocols/a2a/server/app.ts";
import { memoryDocuments } from "../../supervisor/durable/memory_documents.ts";
import { FakeTasks } from "../../tests/support/fake_tasks.ts";
import { resident } from "../probe.ts";
import { door } from "./door.ts";
import { lines } from "./lines.ts";

/** Tasks that can be told what happens to them. */
interface Stage {
  readonly baseUrl: string;
  /** All go on by a word. */
  speak(): void;
  /** All are completed. */
  end(): void;
  close(): Promise<void>;
}

/** The last word of every stream. */
const ANSWER = "That was all.";

function a2a(): Stage {
  const tasks = new FakeTasks();
  const server = door((baseUrl) => createA2aApp({ tasks, documents: memoryDocuments(), baseUrl }));
  const each = (what: (id: string) => void) => tasks.started.forEach(({ task }) => what(task.id));
  return {
    baseUrl: server.baseUrl,
    speak: () => each((id) => tasks.emit(id, { type: "text", agent: "lead", text: "word " })),
    end: () => each((id) => tasks.complete(id, ANSWER)),
    close: () => server.close(),
  };
}

function bare(): Stage {
  const streams = new Set<ReadableStreamDefaultController<Uint8Array>>();
  const encoder = new TextEncoder();
  const event = (state: string, text: string) =>
    encoder.encode(
      `data: ${JSON.stringify({ jsonrpc: "2.0", id: 1, result: { status: { state, text } } })}\n\n`,
    );
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    await request.json();
    const start = (controller: ReadableStreamDefaultController<Uint8Array>) => {
      streams.add(controller);
      controller.enqueue(event("working", ""));
    };
    return new Response(new ReadableStream({ start }), { headers: { "content-type": "text/event-stream" } });
  });
  return {
    baseUrl: `http://127.0.0.1:${server.addr.port}`,
    speak: () => streams.forEach((stream) => stream.enqueue(event("working", "word "))),
    end: () => streams.forEach((stream) => (stream.enqueue(event("completed", ANSWER)), stream.close())),
    close: () => server.shutdown(),
  };
}

const stage = Deno.args[0] === "a2a" ? a2a() : bare();
const say = (what: unknown) => Deno.stdout.write(new TextEncoder().encode(`${JSON.stringify(what)}\n`));
await say(stage.baseUrl);
for await (const order of lines(Deno.stdin.readable)) {
  if (order === "speak") stage.speak();
  else if (order === "end") stage.end();
  await say(resident());
}
await stage.close();
