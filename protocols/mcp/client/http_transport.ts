/**
 * A server at an address: the library's Streamable HTTP, with bounds on what it reads and an end for what it waits for.
 *
 * The library leaves a call open whose answer the server broke off until the call's time is over; here it fails at once.
 *
 * @module
 */
import type {
  JSONRPCMessage,
  RequestId,
  StreamableHTTPClientTransport,
  Transport,
  TransportSendOptions,
} from "@modelcontextprotocol/client";
import { MESSAGE_BYTES } from "./bounds.ts";
import type { Library } from "./library.ts";

/** An address, as plain data. */
export interface ServerAddress {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Lost streams are resumed this often; then they are given up. */
const RESUMING = {
  initialReconnectionDelay: 200,
  maxReconnectionDelay: 1_000,
  reconnectionDelayGrowFactor: 2,
  maxRetries: 2,
};
/** The message of the error that stands for an answer that was broken off; its code is anybody's. */
export const BROKEN_OFF = "the server broke off its answer";

/** See the module's words. */
export class HttpTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** Each request has a stream of its own, whose end cancels it. */
  readonly hasPerRequestStream = true;
  readonly #inner: StreamableHTTPClientTransport;
  /** Requests that were not answered yet. */
  readonly #open = new Set<RequestId>();

  /** Connects nowhere yet. `onTrouble` hears whenever a request or a stream failed. */
  constructor(library: Library, { url, headers }: ServerAddress, onTrouble: (error: Error) => void) {
    const inner = this.#inner = new library.StreamableHTTPClientTransport(new URL(url), {
      requestInit: { headers: { ...headers } },
      fetch: boundedFetch,
      reconnectionOptions: RESUMING,
    });
    inner.onclose = () => this.onclose?.();
    inner.onerror = (error) => {
      this.onerror?.(error);
      onTrouble(error);
    };
    inner.onmessage = (message) => {
      if ("method" in message) return this.onmessage?.(message);
      if (message.id !== undefined) this.#open.delete(message.id);
      // The library hears of progress a moment later than of an answer, and then forgets it.
      setTimeout(() => this.onmessage?.(message), 0);
    };
  }

  /** The session it is in, where the server has sessions. */
  get sessionId(): string | undefined {
    return this.#inner.sessionId;
  }

  start(): Promise<void> {
    return this.#inner.start();
  }

  async send(message: JSONRPCMessage, options: TransportSendOptions = {}): Promise<void> {
    if (!("method" in message) || !("id" in message)) return await this.#inner.send(message, options);
    const { id } = message;
    this.#open.add(id);
    const onRequestStreamEnd = () => {
      options.onRequestStreamEnd?.();
      if (this.#open.delete(id)) this.onmessage?.(brokenOff(id));
    };
    try {
      await this.#inner.send(message, { ...options, onRequestStreamEnd });
    } catch (error) {
      this.#open.delete(id);
      throw error;
    }
  }

  setProtocolVersion(version: string): void {
    this.#inner.setProtocolVersion(version);
  }

  async close(): Promise<void> {
    await this.#inner.close();
  }

  /** Ends the session at the server, where there is one, and closes. */
  async leave(): Promise<void> {
    try {
      await this.#inner.terminateSession();
    } catch {
      // It was told to `onerror`; a server that does not hear of it forgets the session by itself.
    }
    await this.close();
  }
}

function brokenOff(id: RequestId): JSONRPCMessage {
  return { jsonrpc: "2.0", id, error: { code: -32_000, message: BROKEN_OFF } };
}

async function boundedFetch(url: string | URL, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.body === null) return response;
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(limit(isStream)), { status, statusText, headers });
}

/** Fails beyond as many bytes as a message may have; those of a stream of events are counted for each event. */
function limit(eachEvent: boolean): TransformStream<Uint8Array, Uint8Array> {
  let bytes = 0;
  let lineIsEmpty = false;
  const count = (byte: number) => {
    if (byte === 13) return;
    if (byte === 10 && lineIsEmpty) bytes = 0;
    lineIsEmpty = byte === 10;
  };
  return new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.length;
      if (eachEvent) chunk.forEach(count);
      if (bytes <= MESSAGE_BYTES) return controller.enqueue(chunk);
      controller.error(new Error(`Cannot read a message longer than ${MESSAGE_BYTES} bytes`));
    },
  });
}
