/**
 * MCP over standard input and output, with the official client at the other end.
 *
 * @module
 */
import assert from "node:assert/strict";
import { serveOverStdio } from "../../../../protocols/mcp/server/stdio.ts";
import { workspaceOffer } from "../../../../protocols/mcp/server/workspace_offer.ts";
import { lineTransport } from "../../../support/line_transport.ts";
import { ERAS, type Faked, faked, modern, officialClient, type Setting } from "./served.ts";

/** A server on two pipes. */
interface Piped extends Faked {
  /** What went wrong. */
  readonly errors: Error[];
  readonly output: ReadableStream<Uint8Array>;
  readonly input: WritableStream<Uint8Array>;
  readonly ended: Promise<void>;
  readonly stop: AbortController;
}

function piped(setting: Setting): Piped {
  const fakes = faked(setting);
  const offer = workspaceOffer(fakes.service, { version: "1" });
  const [input, output] = [new TransformStream<Uint8Array, Uint8Array>(), new TransformStream()];
  const writer = output.writable.getWriter();
  const stop = new AbortController();
  const errors: Error[] = [];
  const wires = {
    input: input.readable,
    write: (text: string) => writer.write(new TextEncoder().encode(text)).then(() => true),
    onError: (error: Error) => void errors.push(error),
  };
  const ended = serveOverStdio(offer, wires, stop.signal).finally(() => writer.close());
  return { ...fakes, errors, output: output.readable, input: input.writable, ended, stop };
}

for (const era of ERAS) {
  Deno.test(`${era}: tools are listed and called over stdio, and the end of the input is the end`, async () => {
    const changed = Promise.withResolvers<void>();
    const server = piped({});
    const onChanged = () => changed.resolve();
    const client = officialClient(era, { listChanged: { tools: { onChanged, debounceMs: 0 } } });
    await client.connect(lineTransport(server.output, server.input));
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name), ["run_task", "echo"]);
    const { content } = await client.callTool({ name: "echo", arguments: { text: "hi" } });
    assert.deepEqual(content, [{ type: "text", text: "hi" }]);
    const renew = setInterval(() => server.tools.replace([]), 20); // until the client listens
    await changed.promise.finally(() => clearInterval(renew));
    await client.close();
    await server.ended;
  });
}

for (const era of ERAS) {
  Deno.test(`${era}: questions reach the person at the other end of the pipes`, async () => {
    const server = piped({
      tools: [{
        name: "ask",
        invoke: async (_args, { person, signal }) =>
          String((await person!({ tool: "ask", action: "a", reason: "b" }, signal)).allowed),
      }],
    });
    const client = officialClient(era, { capabilities: { elicitation: {} } });
    client.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { allow: true } }));
    await client.connect(lineTransport(server.output, server.input));
    assert.deepEqual((await client.callTool({ name: "ask" })).content, [{ type: "text", text: "true" }]);
    await client.close();
    await server.ended;
  });
}

Deno.test("tasks of the extension are made and asked for over stdio", async () => {
  const server = piped({});
  const writer = server.input.getWriter();
  const reader = server.output.pipeThrough(new TextDecoderStream()).getReader();
  const ask = async (method: string, params: Record<string, unknown>) => {
    const [body] = modern(method, params, { extensions: { "io.modelcontextprotocol/tasks": {} } });
    await writer.write(new TextEncoder().encode(`${JSON.stringify(body)}\n`));
    return JSON.parse((await reader.read()).value!).result;
  };
  const made = await ask("tools/call", { name: "run_task", arguments: { task: "2+2" } });
  assert.equal(made.resultType, "task");
  server.tasks.complete(made.taskId, "4");
  const { status, result } = await ask("tasks/get", { taskId: made.taskId });
  assert.deepEqual([status, result.structuredContent.answer], ["completed", "4"]);
  await writer.close();
  await server.ended;
  await reader.cancel();
});

Deno.test("a call at work is stopped when the input ends or the process is told to stop", async () => {
  for (const how of ["end", "stop"] as const) {
    const begun = Promise.withResolvers<void>();
    const stopped = Promise.withResolvers<void>();
    const server = piped({
      tools: [{
        name: "endless",
        invoke(_args, { signal }) {
          signal.addEventListener("abort", () => stopped.resolve());
          begun.resolve();
          return new Promise(() => {});
        },
      }],
    });
    const client = officialClient("legacy");
    await client.connect(lineTransport(server.output, server.input));
    const call = client.callTool({ name: "endless" });
    call.catch(() => {});
    await begun.promise;
    if (how === "end") await client.close();
    else server.stop.abort();
    await Promise.all([stopped.promise, server.ended]);
  }
});

Deno.test("lines that are no messages are passed over, and nothing but JSON is written", async () => {
  const server = piped({});
  const writer = server.input.getWriter();
  const send = (text: string) => writer.write(new TextEncoder().encode(text));
  await send('hello\n{"half":\n[]\n{"jsonrpc":"2.0"}\n\u0000\n');
  await send('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  await send('{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n');
  const reader = server.output.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (text.split("\n").length < 3) text += (await reader.read()).value;
  const ids = text.trimEnd().split("\n").map((line) => JSON.parse(line).id);
  assert.deepEqual(ids, [1, 2]);
  assert.ok(server.errors.length >= 2);
  await writer.close();
  await server.ended;
  assert.equal((await reader.read()).done, true);
});
