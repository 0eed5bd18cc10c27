/**
 * MCP over standard input and output, both eras: one client, which is whoever started the process.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Readable, Writable } from "node:stream";
import { serveStdio, StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { ANYONE } from "../../../workspace/service/caller.ts";
import { type Offer, serverOf } from "./offer.ts";

/** Where messages come from and go to. */
export interface Wires {
  readonly input: AsyncIterable<Uint8Array>;
  /** Writes all of it; false once the reader is gone. */
  write(text: string): Promise<boolean>;
  /** Hears of what went wrong and was answered. */
  onError(error: Error): void;
}

/** Serves an offer until the input ends, the reader is gone, or `signal` is aborted. */
export async function serveOverStdio(
  offer: Offer,
  { input, write, onError }: Wires,
  signal: AbortSignal,
): Promise<void> {
  const stdin = Readable.from(input, { objectMode: false });
  const stdout = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      write(chunk.toString()).then((open) => done(open ? null : new Error("the reader is gone")), done);
    },
  });
  const transport = new EndingTransport(stdin, stdout);
  const servers = new Set<ReturnType<typeof serverOf>>();
  const serving = serveStdio(() => {
    const server = serverOf(offer, ANYONE, onError);
    servers.add(server);
    return server;
  }, { transport, onerror: onError });
  const deaf = offer.onChange?.(() => {
    for (const server of servers) if (server.transport) server.sendToolListChanged().catch(onError);
  });
  const stop = async () => {
    await offer.close?.();
    await serving.close();
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) void stop();
  await transport.ended;
  signal.removeEventListener("abort", stop);
  deaf?.();
  await stop();
  stdin.destroy();
}

/** Tells of its end, whoever ends it. */
class EndingTransport extends StdioServerTransport {
  readonly #ended = Promise.withResolvers<void>();

  get ended(): Promise<void> {
    return this.#ended.promise;
  }

  override async close(): Promise<void> {
    await super.close();
    this.#ended.resolve();
  }
}
