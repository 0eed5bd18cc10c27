import assert from "node:assert/strict";
import { Hono } from "@hono/hono";
import { serveHttp } from "../../../protocols/http/serve_http.ts";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { echoes, openDoor, settingsWith } from "./door.ts";

const TEXT = new TextEncoder();

/** A protocol whose one stream ends when it is closed, unless it is deaf. */
function streaming(deaf = false) {
  let feed: ReadableStreamDefaultController<Uint8Array> | undefined;
  const app = new Hono<ServedEnv>();
  app.get("/mcp", () => {
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        feed = controller;
        controller.enqueue(TEXT.encode("data: 1\n\n"));
      },
    });
    return new Response(body, { headers: { "content-type": "text/event-stream" } });
  });
  const end = () => {
    feed?.enqueue(TEXT.encode("data: bye\n\n"));
    feed?.close();
  };
  return { app, end, close: () => deaf ? undefined : end() };
}

Deno.test("closing takes no more requests and lets streams end with their last words", async () => {
  const mcp = streaming();
  const a2a = { app: echoes("/a2a"), close: () => Promise.reject(new Error("could not")) };
  const door = openDoor({ mount: () => ({ a2a, mcp }) });
  const stream = await fetch(`${door.baseUrl}/mcp`);
  await door.close();
  assert.equal(await stream.text(), "data: 1\n\ndata: bye\n\n");
  await assert.rejects(fetch(`${door.baseUrl}/health`));
  assert.match(String(door.reported), /could not/);
});

Deno.test("closing waits ten seconds for what does not end, and hardly longer", async () => {
  const clock = new HandClock();
  const mcp = streaming(true);
  const door = openDoor({ clock, mount: () => ({ a2a: { app: echoes("/a2a"), close: () => {} }, mcp }) });
  const stream = await fetch(`${door.baseUrl}/mcp`);
  const closed = door.close();
  clock.advance(9_999);
  const early = await Promise.race([
    closed.then(() => "closed"),
    new Promise((resolve) => setTimeout(resolve, 20)),
  ]);
  assert.equal(early, undefined);
  clock.advance(1_000);
  await closed;
  mcp.end();
  assert.match(await stream.text(), /bye/);
});

Deno.test("what it is called follows from where it listens, or is said", async () => {
  const told: string[] = [];
  const mount = (baseUrl: string) => {
    told.push(baseUrl);
    return { a2a: { app: echoes("/a2a"), close: () => {} }, mcp: { app: echoes("/mcp"), close: () => {} } };
  };
  for (const settings of [{ host: "0.0.0.0" }, { publicUrl: "https://troupe.example.com" }]) {
    await using door = openDoor({ settings, mount });
    assert.equal(told.at(-1), door.baseUrl);
    assert.equal(door.baseUrl, settings.publicUrl ?? `http://127.0.0.1:${door.port}`);
    assert.equal((await (await fetch(`http://127.0.0.1:${door.port}/health`)).json()).status, "ok");
  }
});

Deno.test("a port that is taken is an error", async () => {
  await using door = openDoor();
  const settings = settingsWith({ port: door.port });
  const mount = () => assert.fail("nothing is mounted");
  assert.throws(() => serveHttp({ version: "1", settings, mount, report: () => {} }), Deno.errors.AddrInUse);
});
