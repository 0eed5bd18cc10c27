import assert from "node:assert/strict";
import { probeOllama } from "../../../workspace/config/ollama.ts";

/** Runs `check` against a server that answers everything with `answer`. */
async function withServer(
  answer: (request: Request) => Response | Promise<Response>,
  check: (baseUrl: string) => Promise<void>,
): Promise<void> {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, answer);
  try {
    await check(`http://127.0.0.1:${server.addr.port}`);
  } finally {
    await server.shutdown();
  }
}

Deno.test("an Ollama with models is found, with its first one", async () => {
  const asked: string[] = [];
  await withServer((request) => {
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return Response.json({ models: [{ name: "llama3.2:3b", size: 2 }, { name: "qwen3:8b" }] });
  }, async (baseUrl) => assert.deepEqual(await probeOllama(baseUrl), { model: "llama3.2:3b" }));
  assert.deepEqual(asked, ["GET /api/tags"]);
});

Deno.test("whatever else answers is no Ollama", async () => {
  const answers: Record<string, (request: Request) => Response> = {
    "no models": () => Response.json({ models: [] }),
    "another shape": () => Response.json({ data: [{ id: "gpt-4o" }] }),
    "a nameless model": () => Response.json({ models: [{}] }),
    "a page": () => new Response("<html>", { headers: { "content-type": "text/html" } }),
    "an error": () => new Response("busy", { status: 503 }),
    "one who sends elsewhere": ({ url }) =>
      url.endsWith("/api/tags")
        ? Response.redirect(new URL("/other", url))
        : Response.json({ models: [{ name: "m" }] }),
  };
  for (const [name, answer] of Object.entries(answers)) {
    await withServer(answer, async (baseUrl) => assert.equal(await probeOllama(baseUrl), undefined, name));
  }
});

Deno.test("nobody there is no Ollama", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  listener.close();
  assert.equal(await probeOllama(`http://127.0.0.1:${port}`), undefined);
});

Deno.test("a server that accepts and then says nothing is given up after half a second", async () => {
  const silence = Promise.withResolvers<Response>();
  await withServer(() => silence.promise, async (baseUrl) => {
    const begun = performance.now();
    const found = await probeOllama(baseUrl);
    const took = performance.now() - begun;
    silence.resolve(new Response());
    assert.equal(found, undefined);
    assert.ok(took >= 450 && took < 5000, `${took} ms`);
  });
});

Deno.test("a body that never ends is given up as well", async () => {
  const body = () =>
    new ReadableStream({ start: (stream) => stream.enqueue(new TextEncoder().encode('{"models":')) });
  await withServer(
    () => new Response(body()),
    async (baseUrl) => assert.equal(await probeOllama(baseUrl), undefined),
  );
});
