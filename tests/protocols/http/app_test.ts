import assert from "node:assert/strict";
import { serveHttp } from "../../../protocols/http/app.ts";

Deno.test("serveHttp() answers on loopback that it is alive, and ends when told to", async () => {
  const stop = new AbortController();
  const listening = Promise.withResolvers<string>();
  const served = serveHttp("1.2.3", { port: 0 }, stop.signal, listening.resolve);
  const url = await listening.promise;
  assert.match(url, /^http:\/\/127\.0\.0\.1:\d+$/);
  const health = await fetch(`${url}/health`);
  assert.deepEqual(await health.json(), { status: "ok", version: "1.2.3" });
  const other = await fetch(`${url}/nowhere`);
  assert.equal(other.status, 404);
  assert.deepEqual(await other.json(), { error: "Nothing is served at /nowhere" });
  stop.abort();
  await served;
  await assert.rejects(fetch(`${url}/health`));
});
