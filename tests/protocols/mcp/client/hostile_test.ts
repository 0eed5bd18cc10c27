import assert from "node:assert/strict";
import { address, type Joined, joined, program } from "./servers.ts";

const hostile = (deed: string, name = "h") => program(name, "hostile_server.ts", [deed], { timeoutMs: 800 });

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
  await joined([hostile("calls")], async (all) => {
    await t.step("asks too much", () => asksTooMuch(all));
    await compare(all, {
      "long": /^x{262144}\n\(37856 characters left out\)$/,
      "forged": "true",
      "no json": "true",
      "no result": /^permanent: Invalid result for tools\/call/,
      "pictures": "(part-1.png)\n(left out, since it is too large: part-2.png, 2359296 bytes)",
      "progress": "done",
      "wants a model": /-32601/,
      "wants a page": /does not support URL-mode/,
      "never answers": "transient: the MCP server h gave no sign of progress for 0.8 s",
      "cancelled": "1",
      "dies": "transient: the MCP server h is not reachable: its process ended with exit code 7, saying " +
        `"out of luck"; ${maybe}`,
      "too long":
        "transient: the MCP server h is not reachable: what it says cannot be read (Cannot read a line " +
        `longer than 10485760 bytes); ${maybe}`,
      "fine": "fine",
    }, t);
  });
});

async function asksTooMuch({ call, until }: Joined): Promise<void> {
  await until((names) => names.includes("h_asks_too_much"));
  const asked = new Set<string>();
  const { outcome } = await call("h_asks_too_much", {}, {
    person({ action, form }) {
      asked.add(action);
      assert.deepEqual(form!.properties, { name: { type: "string", title: "Na[2Jme" } });
      return new Promise(() => {}); // all of them wait
    },
  });
  assert.deepEqual(outcome, { ok: true, content: "12 refused" });
  assert.deepEqual([...asked], ["Who? Now"], "in one line, and nothing in it is invisible");
}

Deno.test("a server that never says a word holds nothing up, not even the end", async () => {
  await joined([hostile("silent")], async ({ extension, tree, source, call }) => {
    const [{ tools }, listed] = await Promise.all([extension.toolkit(tree), source.list()]);
    assert.deepEqual([tools, listed], [[], []]);
    await assert.rejects(call("h_work"), { code: "unknown_tool" });
  }, 300);
});

Deno.test("lists are bounded in number and size, and nothing in them is invisible", async () => {
  const servers = [
    hostile("many tools", "many"),
    hostile("tools without end", "endless"),
    hostile("tools that say too much", "h"),
    hostile("no list", "none"),
    hostile("dies of what is new", "old"),
  ];
  await joined(servers, async ({ stage, source, until, call }) => {
    const of = (names: string[], server: string) => names.filter((name) => name.startsWith(`${server}_`));
    const names = await until((names) =>
      ["many", "endless", "h", "old"].every((one) => of(names, one).length > 0)
    );
    assert.deepEqual([of(names, "many").length, of(names, "endless").length, of(names, "none").length], [
      1_000,
      64,
      0,
    ]);
    const cut = `h_${"x".repeat(62)}`;
    const expected = ["h_hidden", "h_bad_name____x", "h_bad_name____x_2", cut, "h_twice", "h_pattern"];
    assert.deepEqual(of(names, "h"), expected);
    const listed = (name: string) => source.list().then((list) => list.find((one) => one.name === name)!);
    assert.equal((await listed("h_hidden")).description, "Adds. \nfamily: a\u200db");
    assert.equal((await listed("h_twice")).description, "twice");
    const parameters = {
      type: "object",
      properties: { a: { type: "string", pattern: "(a+)+$" } },
      $ref: "#",
    };
    assert.deepEqual((await listed("h_pattern")).parameters, parameters, "nothing here runs it");

    const { outcome } = await call("old_fine");
    assert.deepEqual(
      outcome,
      { ok: true, content: "fine" },
      "what dies of the newest handshake is asked as it was before",
    );
    const unread = () => stage.lines.find((line) => line.startsWith("root/mcp-none"));
    while (unread() === undefined) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.match(unread()!, /warn: not reachable: Invalid result for tools\/list/);
  });
});

const LONG = "x".repeat(11 * 1024 * 1024);
const events = (text: string) => new Response(text, { headers: { "content-type": "text/event-stream" } });
const ofType = (type: string, text: string) => new Response(text, { headers: { "content-type": type } });
const broken = "transient: the server broke off its answer (the call may or may not have been done)";

const GOOD = { content: [{ type: "text", text: "good" }] };
let forgotten = 0;

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
  "forgotten once": [
    (id) =>
      forgotten++ === 0
        ? new Response(null, { status: 404 })
        : Response.json({ jsonrpc: "2.0", id, result: GOOD }),
    "good",
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
  const settings = address("h", `http://127.0.0.1:${server.addr.port}/mcp`, { timeoutMs: 800 });
  const expected = Object.fromEntries(Object.entries(ANSWERS).map(([what, [, words]]) => [what, words]));
  await joined([settings], (all) => compare(all, expected, t));
});
