/**
 * One POST to addresses that were checked, and to no others.
 *
 * @module
 */
import { request as plain } from "node:http";
import { request as secure, type RequestOptions } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Destination } from "./destination.ts";

/** What is sent. */
export interface Letter {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Sends one letter and answers the status; rejects when there is none, or `signal` is aborted first. */
export type Post = (to: Destination, letter: Letter, signal: AbortSignal) => Promise<number>;

/** Bytes of an answer that are read, headers and all. Nobody looks at more than the status. */
const MOST_READ = 32 * 1024;

/**
 * Posts with a connection of its own each time. The server's name is checked against its certificate, and is what Host
 * and SNI say; the addresses are those of the destination. Redirects are not followed. `ca` are the certificates to
 * trust, PEM; default those of the platform.
 */
export function pinnedPost(options: { readonly ca?: string } = {}): Post {
  return (to, letter, signal) => {
    const { promise, resolve, reject } = Promise.withResolvers<number>();
    const bytes = new TextEncoder().encode(letter.body);
    const how: RequestOptions = {
      method: "POST",
      headers: { ...letter.headers, "content-length": bytes.length },
      agent: false,
      lookup: pinned(to.addresses),
      ...options,
    };
    const request = to.url.protocol === "https:" ? secure(to.url, how) : plain(to.url, how);
    let status: number | undefined;
    const settle = (error: Error) => status === undefined ? reject(error) : resolve(status);
    const stop = () => request.destroy(signal.reason);
    request.on("socket", bounded);
    request.on("response", (response) => {
      status = response.statusCode;
      response.resume().on("end", () => request.destroy()).on("error", settle);
    });
    request.on("error", settle);
    request.on("close", () => {
      signal.removeEventListener("abort", stop);
      settle(new Error("the connection was closed"));
    });
    if (signal.aborted) stop();
    else signal.addEventListener("abort", stop, { once: true });
    request.end(bytes);
    return promise;
  };
}

/** Answers what the name "resolves" to, however it is asked. */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_name, { all: every }, answer) =>
    every ? answer(null, all) : answer(null, all[0]!.address, all[0]!.family);
}

/** Closes the connection once too much came, whatever it is: headers, answers before the answer, a body. */
function bounded(socket: Socket): void {
  let read = 0;
  socket.on("data", (chunk: Uint8Array) => {
    read += chunk.length;
    if (read > MOST_READ) socket.destroy(new Error(`the answer is longer than ${MOST_READ} bytes`));
  });
}
