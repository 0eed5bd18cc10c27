/** What a person meets first: no task, no key, the demonstration, a local model. */
import assert from "node:assert/strict";
import { z } from "zod";
import { eventsOf, Place } from "./program.ts";

Deno.test("no task, a misspelt flag or command, and an unknown run are each one line that helps", async () => {
  await using place = new Place();
  const cases: [string[], RegExp][] = [
    [["run"], /^troupe: Cannot run: no task was given; for example: deno task troupe run ".+"\n$/],
    [
      ["run", "x", "--max-turn", "3"],
      /unknown option '--max-turn' \(Did you mean --max-turns\?\); see: .*--help\n$/,
    ],
    [["rnu", "x"], /unknown command 'rnu' \(Did you mean run\?\)/],
    [
      ["resume", "01nope"],
      /Cannot find run 01nope: there is none; list the runs there are with: deno task troupe runs\n$/,
    ],
  ];
  for (const [args, says] of cases) {
    const { code, stdout, stderr } = await place.run(args);
    assert.deepEqual([code, stdout], [2, ""], args.join(" "));
    assert.match(stderr, says);
    assert.match(stderr, /^troupe: [^\n]+\n$/);
  }
});

Deno.test("without a key or a local model, one line says what to set and offers the demonstration", async () => {
  await using place = new Place();
  Deno.writeTextFileSync(
    `${place.cwd}/troupe.toml`,
    `[ollama]\nbase_url = "http://127.0.0.1:${freePort()}"\n`,
  );
  const { code, stdout, stderr } = await place.run(["run", "Say hi"]);
  assert.deepEqual([code, stdout], [2, ""]);
  assert.match(
    stderr,
    /^troupe: Cannot run without a model: set OPENAI_API_KEY, OPENROUTER_API_KEY or [^\n]+\n$/,
  );
  assert.match(stderr, /; watch a team that needs none with: deno task troupe demo\n$/);
  assert.match((await place.run(["runs"])).stderr, /^troupe: no runs yet/);
});

Deno.test("without a key a local Ollama that answers is used, at no cost", async () => {
  await using place = new Place();
  await using ollama = fakeOllama("llama3.2");
  Deno.writeTextFileSync(`${place.cwd}/troupe.toml`, `[ollama]\nbase_url = "${ollama.url}"\n`);
  const ran = await place.run(["run", "Say hi", "--max-usd", "0.01"]);
  assert.deepEqual([ran.code, ran.stdout], [0, "Hello from here\n"], ran.stderr);
  assert.match(ran.stderr, /^run \w+ · llama3\.2 · .*✓ answered · 1 turn · .* · 0\.00 USD · /s);
  assert.deepEqual(ollama.asked, ["GET /api/tags", "POST /v1/chat/completions llama3.2"]);
});

Deno.test("the demonstration: three agents, a denied tool, a death and a comeback, the answer, no cost, a replay", async () => {
  await using place = new Place();
  const began = performance.now();
  const { code, stdout, stderr } = await place.run(["demo"]);
  // deno-lint-ignore no-console -- its time depends on the machine: told, not asserted
  console.log(`the demonstration took ${((performance.now() - began) / 1000).toFixed(1)} s`);
  assert.deepEqual([code, stdout], [0, "The sorted result is [3, 9, 10, 27, 38, 43, 82]\n"], stderr);
  for (
    const line of [
      /^→ coder .+$/m,
      /^→ checker .+$/m,
      /^ {2}coder │ ✗ write_file .* → denied: this team was handed no right to write files$/m,
      /^ {2}coder │ ✓ execute_python .* → .*"value":"\[3, 9, 10, 27, 38, 43, 82/m,
      /^† troupe\/agent died: killed by the demonstration\n(.*\n)*↺ troupe\/agent restarted: /m,
      /^✓ answered · 7 turns · \d+ tokens in, \d+ out · 0\.00 USD · .*$/m,
    ]
  ) assert.match(stderr, line);
  const [hint, command = "", run = ""] = /\nreplay it with: deno task troupe (\w+) (\w+)\n$/.exec(stderr) ??
    [];
  assert.ok(hint, stderr);
  const replayed = await place.run([command, run]);
  assert.deepEqual([replayed.code, replayed.stdout], [0, stdout]);
  const unrepeated = /^(?: +\w+ │ )?[†↺↻] .*\n|^replay it with: .*\n/gm;
  assert.equal(replayed.stderr, stderr.replaceAll(unrepeated, ""));
  const agents = eventsOf((await place.run([command, run, "--json"])).stdout).map(({ agent }) => agent);
  assert.deepEqual(new Set(agents), new Set(["lead", "lead/coder", "lead/checker"]));
});

Deno.test("serve takes a free port, says what to paste, answers it, and stops on Ctrl-C", async () => {
  await using place = new Place();
  const server = place.start(["serve", "--port", "0"]);
  const [greeting] = await server.meanwhile(server.shows(/^[^]*"mcpServers".*\n/));
  const [, card = ""] = /curl (http:\/\/127\.0\.0\.1:\d+\/\.well-known\/agent-card\.json)/.exec(greeting)!;
  assert.equal((await (await fetch(card)).json()).name, "Troupe");
  const [, url = "", body = ""] = /curl (\S+) -H 'Content-Type: application\/json' -d '(.*)'/.exec(greeting)!;
  const headers = { "content-type": "application/json" };
  const answer = await (await fetch(url, { method: "POST", headers, body })).json();
  assert.match(answer.error.message, /Cannot run without a model/);
  const health = z.object({ status: z.literal("ok"), version: z.string().min(1) });
  health.parse(await (await fetch(new URL("/health", card))).json());
  const taken = await place.run(["serve", "--port", new URL(card).port]);
  assert.equal(taken.code, 2);
  assert.match(taken.stderr, /^troupe: Cannot listen at 127\.0\.0\.1:\d+: Address already in use/);
  server.kill("SIGINT");
  assert.equal((await server.ended).code, 0);
});

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** As Ollama answers, to those who send no key. */
function fakeOllama(model: string): AsyncDisposable & { readonly url: string; readonly asked: string[] } {
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const body = request.method === "POST" ? (await request.json()).model : "";
    asked.push(`${request.method} ${pathname} ${body}${request.headers.get("authorization") ?? ""}`.trim());
    if (pathname === "/api/tags") return Response.json({ models: [{ name: model }, { name: "another" }] });
    const chunk = (content: string, finish_reason: string | null) =>
      `data: ${
        JSON.stringify({
          id: "1",
          object: "chat.completion.chunk",
          created: 0,
          model,
          choices: [{ index: 0, delta: { content }, finish_reason }],
        })
      }\n\n`;
    return new Response(`${chunk("Hello ", null)}${chunk("from here", "stop")}data: [DONE]\n\n`, {
      headers: { "content-type": "text/event-stream" },
    });
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
