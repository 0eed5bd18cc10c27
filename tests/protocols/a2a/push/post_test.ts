import assert from "node:assert/strict";
import { createServer } from "node:https";
import { createSecureContext, type SecureContext } from "node:tls";
import type { Destination } from "../../../../protocols/a2a/push/destination.ts";
import { pinnedPost } from "../../../../protocols/a2a/push/post.ts";
import { AUTHORITY, CERTIFICATE, KEY } from "./certificate.ts";

const LETTER = {
  headers: { "content-type": "application/a2a+json", authorization: "Bearer abc" },
  body: '{"ü":1}',
};
const post = pinnedPost({ ca: AUTHORITY });

/** A server for `hook.example` on a port of its own, over TLS. */
function hook(answer: (request: Request) => Response | Promise<Response>): Deno.HttpServer<Deno.NetAddr> {
  const options = { hostname: "127.0.0.1", port: 0, cert: CERTIFICATE, key: KEY, onListen() {} };
  return Deno.serve(options, answer);
}

function to(server: Deno.HttpServer<Deno.NetAddr>, path = "/", name = "hook.example"): Destination {
  return { url: new URL(`https://${name}:${server.addr.port}${path}`), addresses: ["127.0.0.1"] };
}

const never = new AbortController().signal;

Deno.test("a letter goes to the pinned address, with Host and body as they should be", async () => {
  const got: Record<string, unknown>[] = [];
  const server = hook(async (request) => {
    const { host, authorization, "content-type": type } = Object.fromEntries(request.headers);
    got.push({
      method: request.method,
      url: request.url,
      host,
      authorization,
      type,
      body: await request.text(),
    });
    return new Response(null, { status: 204 });
  });
  assert.equal(await post(to(server, "/a?b=c"), LETTER, never), 204);
  const host = `hook.example:${server.addr.port}`;
  assert.deepEqual(got, [{
    method: "POST",
    url: `https://${host}/a?b=c`,
    host,
    authorization: "Bearer abc",
    type: "application/a2a+json",
    body: '{"ü":1}',
  }]);
  await server.shutdown();
});

Deno.test("the server is asked for by its name, though the address is pinned", async () => {
  const asked: string[] = [];
  const context = createSecureContext({ cert: CERTIFICATE, key: KEY });
  const SNICallback = (name: string, done: (error: null, context: SecureContext) => void) => {
    asked.push(name);
    done(null, context);
  };
  const server = createServer(
    { cert: CERTIFICATE, key: KEY, SNICallback },
    (_request, response) => response.end(),
  );
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as { port: number };
  const url = new URL(`https://hook.example:${port}/`);
  assert.equal(await post({ url, addresses: ["127.0.0.1"] }, LETTER, never), 200);
  assert.deepEqual(asked, ["hook.example"]);
  await new Promise((closed) => server.close(closed));
});

Deno.test("a certificate for another name, or of nobody known, is refused before anything is sent", async () => {
  let requests = 0;
  const server = hook(() => (requests++, new Response()));
  await assert.rejects(post(to(server, "/", "other.example"), LETTER, never), /does not match/);
  await assert.rejects(pinnedPost()(to(server), LETTER, never), /unable to verify/);
  assert.equal(requests, 0);
  await server.shutdown();
});

Deno.test("with several addresses one that does not answer is passed over", async () => {
  const server = hook(() => new Response());
  const several = { ...to(server), addresses: ["127.0.0.9", "127.0.0.1"] };
  assert.equal(await post(several, LETTER, never), 200);
  await server.shutdown();
});

Deno.test("a redirect is an answer, and is not followed", async () => {
  const paths: string[] = [];
  const server = hook((request) => {
    paths.push(new URL(request.url).pathname);
    return Response.redirect(`https://hook.example:${new URL(request.url).port}/elsewhere`, 307);
  });
  assert.equal(await post(to(server), LETTER, never), 307);
  assert.deepEqual(paths, ["/"]);
  await server.shutdown();
});

Deno.test("an endless answer is not read", async () => {
  let sent = 0;
  const cancelled = Promise.withResolvers<void>();
  const server = hook(() =>
    new Response(
      new ReadableStream({
        pull(controller) {
          sent++;
          controller.enqueue(new Uint8Array(64 * 1024));
        },
        cancel: () => cancelled.resolve(),
      }),
    )
  );
  assert.equal(await post(to(server), LETTER, never), 200);
  await cancelled.promise;
  assert.ok(sent < 1000, `${sent} times 64 KiB were sent`);
  await server.shutdown();
});

/** What a hook says first, what it goes on saying without end, and what comes of it. */
const FLOODS: readonly [what: string, first: string, on: string, comes: number | RegExp][] = [
  ["headers", "HTTP/1.1 200 OK\r\n", "x-a: b\r\n", /overflow/],
  ["one header", "HTTP/1.1 200 OK\r\nx-a: ", "b", /overflow/],
  ["answers before the answer", "", "HTTP/1.1 103 Early Hints\r\n\r\n", /longer than 32768 bytes/],
  ["a body", "HTTP/1.1 200 OK\r\ncontent-length: 9007199254740991\r\n\r\n", "b", 200],
  ["an extension of a chunk", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n1;", "b", 200],
  ["trailers", "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\n", "x-a: b\r\n", 200],
  ["no HTTP", "", "\0\x01\x02", /Parse Error/],
];

/** Answers every request with a flood, until the client has enough. */
async function flood(listener: Deno.Listener, first: string, on: string): Promise<void> {
  using connection = await listener.accept();
  await connection.read(new Uint8Array(4096));
  const bytes = new TextEncoder().encode(first + on.repeat(100_000));
  try {
    for (let at = 0;; at = at === bytes.length ? first.length : at) {
      at += await connection.write(bytes.subarray(at));
    }
  } catch {
    // The client closed the connection.
  }
}

Deno.test("a flood of whatever kind is cut off at once", async () => {
  for (const [what, first, on, comes] of FLOODS) {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const url = new URL(`http://hook.example:${(listener.addr as Deno.NetAddr).port}/`);
    const flooding = flood(listener, first, on);
    const posted = post({ url, addresses: ["127.0.0.1"] }, LETTER, never);
    if (typeof comes === "number") assert.equal(await posted, comes, what);
    else await assert.rejects(posted, comes, what);
    await flooding;
    listener.close();
  }
});

Deno.test("who answers and then dawdles has answered; who does not is left", async () => {
  const asked = Promise.withResolvers<void>();
  const server = hook((request) => {
    if (request.url.endsWith("/slow")) {
      return new Response(
        new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) }),
      );
    }
    asked.resolve();
    return new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response())));
  });
  const time = new AbortController();
  const silent = post(to(server, "/silent"), LETTER, time.signal);
  await asked.promise;
  time.abort(new Error("time is up"));
  await assert.rejects(silent, /time is up/);
  await assert.rejects(post(to(server), LETTER, time.signal), /time is up/);
  assert.equal(await post(to(server, "/slow"), LETTER, AbortSignal.timeout(500)), 200);
  await server.shutdown();
});

Deno.test("nobody there, and nobody who answers, are failures", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = new URL(`http://hook.example:${(listener.addr as Deno.NetAddr).port}/`);
  const there = { url, addresses: ["127.0.0.1"] };
  const closing = listener.accept().then((connection) => connection.close());
  await assert.rejects(post(there, LETTER, never), /hang up|closed|reset/i);
  await closing;
  listener.close();
  await assert.rejects(post(there, LETTER, never), /ECONNREFUSED/);
});
