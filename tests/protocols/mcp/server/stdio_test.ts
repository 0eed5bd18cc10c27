/**
 * MCP over standard input and output, with the official client at the other end.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";
import { serveOverStdio } from "../../../../protocols/mcp/server/stdio.ts";
import { workspaceOffer } from "../../../../protocols/mcp/server/workspace_offer.ts";
import { ERAS, type Faked, faked, officialClient, type Setting } from "./served.ts";

/** A server on two pipes. */
interface Piped extends Faked {
  readonly transport: Transport;
  /** What the server wrote, a line each. */
  readonly lines: string[];
  readonly errors: Error[];
  write(text: string): void;
  /** Ends its input. */
  end(): void;
  readonly ended: Promise<void>;
  readonly stop: AbortController;
}

function piped(setting: Setting): Piped {
  const fakes = faked(setting);
  const offer = workspaceOffer(fakes.service, { version: "1" });
  const input = new TransformStream<Uint8Array, Uint8Array>();
  const writer = input.writable.getWriter();
  const stop = new AbortController();
  const lines: string[] = [];
  const errors: Error[] = [];
  const transport: Transport = {
    start: () => Promise.resolve(),
    send: (message) => writer.write(new TextEncoder().encode(serializeMessage(message))),
    close: () => (transport.onclose?.(), Promise.resolve()),
  };
  const write = (text: string) => {
    for (const line of text.trimEnd().split("\n")) {
      lines.push(line);
      const message: JSONRPCMessage = deserializeMessage(line);
      queueMicrotask(() => transport.onmessage?.(message));
    }
    return Promise.resolve(true);
  };
  const wires = { input: input.readable, write, onError: (error: Error) => void errors.push(error) };
  return {
    ...fakes,
    transport,
    lines,
    errors,
    write: (text) => void writer.write(new TextEncoder().encode(text)),
    end: () => void writer.close(),
    ended: serveOverStdio(offer, wires, stop.signal),
    stop,
  };
}

for (const era of ERAS) {
  Deno.test(`${era}: tools are listed and called over stdio, and the end of the input is the end`, async () => {
    const changed = Promise.withResolvers<void>();
    const server = piped({});
    const onChanged = () => changed.resolve();
    const client = officialClient(era, { listChanged: { tools: { onChanged, debounceMs: 0 } } });
    await client.connect(server.transport);
    const { tools } = await client.listTools();
    assert.deepEqual(tools.map(({ name }) => name), ["run_task", "echo"]);
    const { content } = await client.callTool({ name: "echo", arguments: { text: "hi" } });
    assert.deepEqual(content, [{ type: "text", text: "hi" }]);
    const renew = setInterval(() => server.tools.replace([]), 20); // until the client listens
    await changed.promise.finally(() => clearInterval(renew));
    server.end();
    await server.ended;
    await client.close();
  });
}

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
    await client.connect(server.transport);
    const call = client.callTool({ name: "endless" });
    call.catch(() => {});
    await begun.promise;
    if (how === "end") server.end();
    else server.stop.abort();
    await Promise.all([stopped.promise, server.ended]);
    await client.close();
  }
});

Deno.test("lines that are no messages are passed over, and nothing but JSON is written", async () => {
  const server = piped({});
  server.write('hello\n{"half":\n[]\n{"jsonrpc":"2.0"}\n\u0000\n');
  server.write('{"jsonrpc":"2.0","id":1,"method":"ping"}\n');
  server.write('{"jsonrpc":"2.0","id":2,"method":"tools/list"}\n');
  while (server.lines.length < 2) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const line of server.lines) JSON.parse(line);
  server.end();
  await server.ended;
  assert.equal(server.lines.length, 2);
});
