import assert from "node:assert/strict";
import { address, type Joined, joined, program } from "./servers.ts";

const hostile = (deed: string) => program("h", "hostile_server.ts", [deed], { timeoutMs: 700 });

/** What a call comes to: its text, or how it failed. */
async function said({ call }: Joined, name: string): Promise<string> {
  const { outcome } = await call(name);
  return outcome.ok ? outcome.content : `${outcome.kind}: ${outcome.message}`;
}

/** Calls each tool and compares what is said. */
async function compare(
  all: Joined,
  expected: Record<string, string | RegExp>,
  t: Deno.TestContext,
): Promise<void> {
  const names = await all.until((names) => names.length > 0);
  for (const [deed, words] of Object.entries(expected)) {
    await t.step(deed, async () => {
      const name = names.find((name) => name === `h_${deed.replaceAll(" ", "_")}`);
      let heard = await said(all, name!);
      // One before it ended the server.
      while (/is being restarted$/.test(heard)) heard = await said(all, name!);
      if (typeof words === "string") assert.equal(heard, words);
      else assert.match(heard, words);
    });
  }
}

Deno.test("a program is bounded that is hostile in what it answers", async (t) => {
  const maybe = "it is being restarted (the call may or may not have been done)";
  await joined([hostile("calls")], (all) =>
    compare(all, {
      "long": /^x{262144}\n\(37856 characters left out\)$/,
      "forged": "true",
      "no json": "true",
      "no result": /^permanent: Invalid result for tools\/call/,
      "pictures": "(part-1.png)\n(left out, since it is too large: part-2.png, 2359296 bytes)",
      "progress": "done",
      "asks too much": "12 refused",
      "wants a model": /-32601/,
      "wants a page": /does not support URL-mode/,
      "never answers": "transient: the MCP server h gave no sign of progress for 0.7 s",
      "dies": "transient: the MCP server h is not reachable: its process ended with exit code 7, saying " +
        `"out of luck"; ${maybe}`,
      "too long":
        "transient: the MCP server h is not reachable: what it says cannot be read (Cannot read a line " +
        `longer than 10485760 bytes); ${maybe}`,
      "fine": "fine",
    }, t));
});

Deno.test("a program that dies of the newest handshake is asked in the older way", async () => {
  await joined([hostile("dies of what is new")], async (all) => {
    await all.until((names) => names.length > 0);
    assert.equal(await said(all, "h_fine"), "fine");
  });
});

Deno.test("a server that never says a word holds nothing up, not even the end", async () => {
  await joined([hostile("silent")], async ({ extension, tree, source, call }) => {
    const [{ tools }, listed] = await Promise.all([extension.toolkit(tree), source.list()]);
    assert.deepEqual([tools, listed], [[], []]);
    await assert.rejects(call("h_work"), { code: "unknown_tool" });
  });
});

Deno.test("lists are bounded in number and size, and nothing in them is invisible", async () => {
  await joined([hostile("many tools")], async ({ until }) => {
    assert.equal((await until((names) => names.length > 0)).length, 1_000);
  });
  await joined([hostile("tools without end")], async ({ until }) => {
    assert.equal((await until((names) => names.length > 0)).length, 64);
  });
  await joined([hostile("tools that say too much")], async ({ source, until, extension, tree }) => {
    const cut = `h_${"x".repeat(62)}`;
    const names = ["h_hidden", "h_bad_name____x", "h_bad_name____x_2", cut, "h_twice", "h_pattern"];
    assert.deepEqual(await until((names) => names.length > 0), names);
    const [hidden, , , , twice, pattern] = await source.list();
    assert.equal(hidden!.description, "Adds. \nfamily: a\u200db");
    assert.equal(twice!.description, "twice");
    const parameters = {
      type: "object",
      properties: { a: { type: "string", pattern: "(a+)+$" } },
      $ref: "#",
    };
    assert.deepEqual(
      pattern!.parameters,
      parameters,
      "whom it is for reads it as it is; nothing here runs it",
    );
    assert.deepEqual(
      (await extension.toolkit(tree)).tools.map(({ definition }) => definition.tool.name),
      names,
    );
  });
});

Deno.test("a list that cannot be read leaves the server without tools, tried again and again", async () => {
  await joined([hostile("no list")], async ({ stage, source }) => {
    assert.deepEqual(await source.list(), []);
    while (stage.lines.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    assert.match(
      stage.lines[0]!,
      /^root\/mcp-h\/connection warn: not reachable: Invalid result for tools\/list/,
    );
  });
});

const LONG = "x".repeat(11 * 1024 * 1024);
const events = (text: string) => new Response(text, { headers: { "content-type": "text/event-stream" } });
const ofType = (type: string, text: string) => new Response(text, { headers: { "content-type": type } });
const broken = "transient: the server broke off its answer (the call may or may not have been done)";

const ANSWERS: Record<string, [answer: (id: number) => Response, expected: string | RegExp]> = {
  "no JSON": [() => ofType("application/json", "{"), /^permanent: .*JSON/],
  "a page": [() => ofType("text/html", "<html>"), /^permanent: Unexpected content type/],
  "too long": [
    (id) => Response.json({ jsonrpc: "2.0", id, result: LONG }),
    /^permanent: .*longer than 10485760 bytes/,
  ],
  "an event too long": [() => events(`data: ${LONG}\n\n`), broken],
  "events without an answer": [() => events(": nothing\n\n"), broken],
  "the answer of another": [
    () => Response.json({ jsonrpc: "2.0", id: 99, result: {} }),
    /no sign of progress/,
  ],
  "redirected": [() => Response.redirect("http://127.0.0.2:1/mcp", 307), /^permanent: .*redirect/i],
  "an error like a book": [
    () => new Response(LONG.slice(0, 1e6), { status: 500 }),
    /^permanent: [^]{2000,2100}$/,
  ],
  "forgotten for ever": [() => new Response("who are you?", { status: 404 }), /^permanent: .*who are you/],
};

/** A server at an address that shakes hands and then answers calls as it likes. */
function serve(): Deno.HttpServer<Deno.NetAddr> {
  const of = (id: number, result: unknown) => Response.json({ jsonrpc: "2.0", id, result });
  const tools = Object.keys(ANSWERS).map((name) => ({ name, inputSchema: { type: "object" } }));
  return Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    if (request.method !== "POST") return new Response(null, { status: 405 });
    const { id, method, params } = await request.json();
    if (method === "initialize") {
      const serverInfo = { name: "h", version: "1" };
      return of(id, { protocolVersion: "2025-11-25", capabilities: { tools: {} }, serverInfo });
    }
    if (method === "tools/list") return of(id, { tools });
    if (method === "ping") return of(id, {});
    if (method === "tools/call") return ANSWERS[params.name]![0](id);
    if (id === undefined) return new Response(null, { status: 202 });
    return Response.json({ jsonrpc: "2.0", id, error: { code: -32601, message: "Method not found" } });
  });
}

Deno.test("a server at an address is bounded that is hostile in what it answers", async (t) => {
  await using server = serve();
  const settings = address("h", `http://127.0.0.1:${server.addr.port}/mcp`, { timeoutMs: 700 });
  const expected = Object.fromEntries(Object.entries(ANSWERS).map(([what, [, words]]) => [what, words]));
  await joined([settings], (all) => compare(all, expected, t));
});
