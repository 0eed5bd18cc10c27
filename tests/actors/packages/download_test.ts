import assert from "node:assert/strict";
import { download } from "../../../actors/packages/download.ts";
import { packagesGrant, sourcesOf } from "../../../actors/packages/package_options.ts";
import { type Answer, type PackageIndex, startIndex } from "./package_index.ts";

const what = "demo 1.0";

/** Fetches "/file" of a server that answers it so. */
async function fetchFrom(
  index: PackageIndex,
  answer: Answer,
  more: { origins?: string[]; signal?: AbortSignal } = {},
) {
  index.answers.set("/file", answer);
  const waits: number[] = [];
  const clock = { now: () => 0, sleep: (ms: number) => Promise.resolve(void waits.push(ms)) };
  const policy = { origins: new Set(more.origins ?? [index.origin]), attempts: 3, silenceMs: 300 };
  const signal = more.signal ?? new AbortController().signal;
  const wanted = { url: `${index.origin}/file`, what, maxBytes: 1000 };
  const result = await download(wanted, policy, { clock, signal }).catch((error) => error);
  return { result, waits };
}

const body = (length: number) => new Response(new Uint8Array(length));
const to = (location: string) => new Response(null, { status: 302, headers: { location } });

Deno.test("a file is fetched, also through redirects within the allowed origins", async () => {
  await using index = startIndex();
  await using mirror = startIndex();
  const { result } = await fetchFrom(index, () => body(1000));
  assert.equal(result.bytes.length, 1000);
  mirror.answers.set("/there", () => body(7));
  const origins = [index.origin, mirror.origin];
  const redirected = await fetchFrom(index, () => to(`${mirror.origin}/there`), { origins });
  assert.equal(redirected.result.bytes.length, 7);
  assert.equal(redirected.result.url, `${mirror.origin}/there`);
});

Deno.test("other origins are never asked, whoever sends us there", async () => {
  await using index = startIndex();
  await using foreign = startIndex();
  const { result } = await fetchFrom(index, () => to(`${foreign.origin}/there`));
  assert.equal(result.code, "foreign_host");
  assert.match(result.message, /the server sends us to http:\/\/127\.0\.0\.1:\d+, and only .* may be asked/);
  const direct = await fetchFrom(index, () => body(1), { origins: [foreign.origin] });
  assert.match(direct.result.message, /it lies at/);
  const secure = await fetchFrom(index, () => body(1), {
    origins: [index.origin.replace("http:", "https:")],
  });
  assert.equal(secure.result.code, "foreign_host");
  assert.deepEqual(foreign.requests, []);
  const named = await fetchFrom(index, () => to(index.origin.replace("//", "//name:word@")));
  assert.equal(named.result.code, "foreign_host");
});

Deno.test("redirects in a circle and to nowhere end", async () => {
  await using index = startIndex();
  assert.match((await fetchFrom(index, () => to("/file"))).result.message, /sends us on and on/);
  assert.equal(index.requests.length, 6);
  assert.equal((await fetchFrom(index, () => to("http://"))).result.code, "refused");
});

Deno.test("more bytes than allowed are refused, announced or not", async () => {
  await using index = startIndex();
  assert.equal((await fetchFrom(index, () => body(1001))).result.code, "too_large");
  let sent = 0;
  const endless = () =>
    new Response(
      new ReadableStream({
        pull: (controller) => {
          sent += 100;
          controller.enqueue(new Uint8Array(100));
        },
      }),
    );
  const { result } = await fetchFrom(index, endless);
  assert.equal(result.code, "too_large");
  assert.ok(sent < 10_000_000);
});

Deno.test("what may pass is tried again, what cannot is not", async () => {
  await using index = startIndex();
  let asked = 0;
  const flaky = await fetchFrom(index, () => ++asked < 3 ? new Response("busy", { status: 503 }) : body(5));
  assert.equal(flaky.result.bytes.length, 5);
  assert.deepEqual(flaky.waits, [250, 500]);
  const down = await fetchFrom(index, () => new Response("busy", { status: 503 }));
  assert.equal(down.result.code, "unreachable");
  assert.equal(down.result.retry, "later");
  assert.equal(down.waits.length, 2);
  for (
    const [status, code] of [[404, "not_found"], [403, "refused"], [204, "refused"], [
      304,
      "refused",
    ]] as const
  ) {
    const { result, waits } = await fetchFrom(index, () => new Response(null, { status }));
    assert.equal(result.code, code);
    assert.deepEqual(waits, []);
  }
});

Deno.test("a silent server and one that stops in the middle are given up", async () => {
  await using index = startIndex();
  const never = Promise.withResolvers<Response>();
  const silent = await fetchFrom(index, () => never.promise);
  assert.match(silent.result.message, /sent nothing for 300 ms/);
  never.resolve(new Response());
  const stuck = () =>
    new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(10)) }));
  const half = await fetchFrom(index, stuck);
  assert.equal(half.result.code, "unreachable");
  assert.equal(half.waits.length, 2);
});

Deno.test("a body of another length than announced is no file", async () => {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      await connection.read(new Uint8Array(4096));
      await connection.write(new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nshort"));
      connection.close();
    }
  })();
  const { port } = listener.addr;
  const origin = `http://127.0.0.1:${port}`;
  const policy = { origins: new Set([origin]), attempts: 2, silenceMs: 5_000 };
  const clock = { now: () => 0, sleep: () => Promise.resolve() };
  const wanted = { url: `${origin}/file`, what, maxBytes: 1000 };
  await assert.rejects(download(wanted, policy, { clock, signal: new AbortController().signal }), {
    code: "unreachable",
  });
  listener.close();
  await serving;
});

Deno.test("who gives up is answered at once", async () => {
  await using index = startIndex();
  const abort = new AbortController();
  const never = Promise.withResolvers<Response>();
  const answer = () => {
    abort.abort();
    return never.promise;
  };
  const { result } = await fetchFrom(index, answer, { signal: abort.signal });
  assert.equal(result.code, "cancelled");
  never.resolve(new Response());
});

Deno.test("the installer's permissions are its sources, its cache and the lock file", () => {
  const options = { allow: [], lock: "/w/python.lock.json", cache: "/c", pyodide: "/p" };
  const own = ["/c", "/w/python.lock.json", "/w/.python.lock.json.tmp"];
  assert.deepEqual(packagesGrant(options), {
    net: ["pypi.org:443", "files.pythonhosted.org:443", "cdn.jsdelivr.net:443"],
    read: [...own, "/p/pyodide-lock.json", "/p/package.json"],
    write: own,
  });
  const mirror = packagesGrant({ ...options, index: "http://localhost:8080/simple", distribution: null });
  assert.deepEqual(mirror.net, ["localhost:8080"]);
  assert.equal(sourcesOf({ ...options, index: "http://localhost/simple" }).index, "http://localhost/simple/");
  for (const index of ["file:///x", "nonsense", "https://name:word@x.example/"]) {
    assert.throws(() => packagesGrant({ ...options, index }), (error: Error & { code: string }) => {
      assert.equal(error.code, "bad_options");
      assert.ok(!error.message.includes("word@"));
      return true;
    });
  }
});
