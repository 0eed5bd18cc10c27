/**
 * Sessions of legacy clients: whose they are, when they end, and how a lost connection is taken up again.
 *
 * @module
 */
import assert from "node:assert/strict";
import { HandClock } from "../../../support/hand_clock.ts";
import { type Served, type Setting, withServer } from "./served.ts";

const INITIALIZE = {
  jsonrpc: "2.0",
  id: 0,
  method: "initialize",
  params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "raw", version: "1" } },
};
const PING = { jsonrpc: "2.0", id: 7, method: "ping" };
const MINUTE = 60_000;

/** Begins a session and answers its id. */
async function begin({ post }: Served, owner = "anyone"): Promise<string> {
  const response = await post(INITIALIZE, { "x-owner": owner });
  assert.equal(response.status, 200);
  await response.text();
  return response.headers.get("mcp-session-id")!;
}

/** The status a ping in a session is answered with. */
async function ping({ post }: Served, id: string, owner = "anyone"): Promise<number> {
  const response = await post(PING, { "mcp-session-id": id, "x-owner": owner });
  await response.text();
  return response.status;
}

Deno.test("a session has 128 random bits, is its owner's alone, and ends when it is deleted", () =>
  withServer({}, async (served) => {
    const ids = [await begin(served, "ann"), await begin(served, "ann")];
    assert.ok(ids.every((id) => /^[0-9a-f]{32}$/.test(id)));
    const [id = ""] = ids;
    assert.notEqual(id, ids[1]);
    assert.equal(await ping(served, id, "ann"), 200);
    assert.equal(await ping(served, id, "bob"), 404);
    assert.equal(await ping(served, "0".repeat(32), "bob"), 404);
    const end = (owner: string) =>
      fetch(served.url, { method: "DELETE", headers: { "mcp-session-id": id, "x-owner": owner } });
    for (const [owner, status] of [["bob", 404], ["ann", 200], ["ann", 404]] as const) {
      const response = await end(owner);
      await response.body?.cancel();
      assert.equal(response.status, status);
    }
    assert.equal(await ping(served, id, "ann"), 404);
  }));

Deno.test("an idle session ends after half an hour, one in use does not", async () => {
  const clock = new HandClock();
  await withServer({ clock }, async (served) => {
    clock.advance(15 * MINUTE); // sessions do not begin when the server looks around for idle ones
    const [used, idle] = [await begin(served), await begin(served)];
    clock.advance(20 * MINUTE);
    assert.equal(await ping(served, used!), 200);
    clock.advance(20 * MINUTE);
    assert.equal(await ping(served, used!), 200);
    assert.equal(await ping(served, idle!), 404);
    clock.advance(29 * MINUTE);
    assert.equal(await ping(served, used!), 200);
    clock.advance(30 * MINUTE);
    assert.equal(await ping(served, used!), 404);
  });
});

Deno.test("who listens for news is not idle, and is once they have gone", async () => {
  const clock = new HandClock();
  await withServer({ clock }, async (served) => {
    const id = await begin(served);
    const gone = new AbortController();
    const headers = { "mcp-session-id": id, accept: "text/event-stream" };
    const stream = await fetch(served.url, { headers, signal: gone.signal });
    assert.equal(stream.status, 200);
    clock.advance(120 * MINUTE);
    assert.equal(await ping(served, id), 200);
    gone.abort();
    await assert.rejects(stream.text());
    await until(async () => {
      clock.advance(30 * MINUTE);
      return await ping(served, id) === 404;
    });
  });
});

Deno.test("a session too many takes the place of the one idle for longest", async () => {
  const clock = new HandClock();
  await withServer({ clock, sessions: { count: 2 } }, async (served) => {
    const first = await begin(served);
    clock.advance(1);
    const second = await begin(served);
    clock.advance(1);
    assert.equal(await ping(served, first), 200);
    const third = await begin(served);
    assert.deepEqual([await ping(served, first), await ping(served, second), await ping(served, third)], [
      200,
      404,
      200,
    ]);
  });
});

Deno.test("while all sessions are at work a new one is refused", async () => {
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<string>();
  const setting: Setting = {
    sessions: { count: 1 },
    tools: [{ name: "slow", invoke: () => (begun.resolve(), finish.promise) }],
  };
  await withServer(setting, async (served) => {
    const id = await begin(served);
    const params = { name: "slow", arguments: {} };
    const call = served.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, {
      "mcp-session-id": id,
    });
    await begun.promise;
    const refused = await served.post(INITIALIZE);
    assert.equal(refused.status, 503);
    await refused.body?.cancel();
    finish.resolve("done");
    assert.match(await (await call).text(), /"done"/);
  });
});

Deno.test("a client that lost its stream takes it up after the last event it saw", async () => {
  const finish = Promise.withResolvers<string>();
  const told = Promise.withResolvers<void>();
  const clock = new HandClock();
  const setting: Setting = {
    clock,
    tools: [{
      name: "slow",
      invoke(_args, { onItem }) {
        onItem?.({ type: "output", channel: "stdout", text: "half" });
        told.resolve();
        return finish.promise;
      },
    }],
  };
  await withServer(setting, async (served) => {
    const id = await begin(served);
    const headers = { "mcp-session-id": id, "mcp-protocol-version": "2025-11-25" };
    const params = { name: "slow", arguments: {}, _meta: { progressToken: 5 } };
    const lost = await served.post({ jsonrpc: "2.0", id: 1, method: "tools/call", params }, headers);
    await told.promise;
    const seen = await readUntil(lost, "half");
    const [first] = [...seen.matchAll(/^id: (\d+)$/gm)].map(([, id]) => id);
    finish.resolve("whole");
    const back = await fetch(served.url, {
      headers: { ...headers, accept: "text/event-stream", "last-event-id": first! },
    });
    const replayed = await readUntil(back, "whole");
    assert.match(replayed, /half/);
    assert.match(replayed, /"text":"whole"/);
    const unknown = await fetch(served.url, {
      headers: { ...headers, accept: "text/event-stream", "last-event-id": "999" },
    });
    assert.equal(unknown.status, 400);
    await unknown.body?.cancel();
    clock.advance(30 * MINUTE);
    assert.equal(await ping(served, id), 404, "a stream that has ended holds no session");
  });
});

/** Waits until something holds. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  while (!await holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}

/** Reads a stream until it says so, then leaves it. */
async function readUntil(response: Response, word: string): Promise<string> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes(word)) {
    const { done, value } = await reader.read();
    if (done) break;
    text += value;
  }
  await reader.cancel();
  return text;
}
