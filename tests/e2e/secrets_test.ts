/** A key that tools and models say out loud is in nothing that is told or kept of a run. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { Place, runIn } from "./program.ts";

/** That of the scripted provider. */
const KEY = "sk-scripted-0123456789";
const OTHER = 'sk-or-v1-"quoted\\key"-0123456789abcdef';

Deno.test("no key is ever told or kept, whoever says it, in whatever form", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    toolCalls([
      { id: "c1", name: "read_file", arguments: { path: "keys.txt" } },
      { id: "c2", name: "run_command", arguments: { command: "cat keys.txt" } },
      { id: "c3", name: "echo", arguments: { text: `the key is ${KEY}` } },
      { id: "c4", name: "read_file", arguments: { path: `${KEY}.txt` } },
    ], { text: `I found ${KEY} and go on. ` }),
    {
      expect: ({ body: { messages } }) => {
        const all = JSON.stringify(messages);
        for (const form of forms()) assert.ok(!all.includes(form), `the model was told ${form}`);
        assert.match(all, /\[secret:OPENAI_API_KEY\]/);
        assert.match(all, /\[secret:OPENROUTER_API_KEY\]/);
      },
      answer: text(`Its base64 is ${btoa(KEY)}, and plain it is ${KEY}.`, { chunkMs: 5 }),
    },
  ]);
  assert.equal(server.apiKey, KEY);
  Deno.mkdirSync(place.workspace);
  const lines = [KEY, OTHER, JSON.stringify({ key: OTHER }), btoa(`x${OTHER}`), encodeURIComponent(OTHER)];
  Deno.writeTextFileSync(join(place.workspace, "keys.txt"), lines.join("\n"));

  const env = { OPENROUTER_API_KEY: OTHER };
  const ran = await place.run(["run", `What is ${KEY}?`], { server, env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /plain it is \[secret:OPENAI_API_KEY\]\./);
  const run = runIn(ran);
  await server.finish();
  const replayed = await place.run(["replay", run, "--json"], { server, env });
  assert.equal(replayed.code, 0, replayed.stderr);
  const told: Record<string, string> = {
    stdout: ran.stdout,
    stderr: ran.stderr,
    json: replayed.stdout,
    show: (await place.run(["show", run])).stdout,
    "show --json": (await place.run(["show", run, "--json"])).stdout,
    "show --audit": (await place.run(["show", run, "--audit"])).stdout,
    runs: (await place.run(["runs", "--json"])).stdout,
  };
  for (const { name } of Deno.readDirSync(join(place.db, ".."))) {
    const path = join(place.db, "..", name);
    if (Deno.statSync(path).isFile) told[name] = new TextDecoder("latin1").decode(Deno.readFileSync(path));
  }
  assert.ok(Object.keys(told).some((name) => name.startsWith("troupe.db")));
  for (const [where, what] of Object.entries(told)) {
    for (const form of forms()) assert.ok(!what.includes(form), `${where} has ${form}`);
  }
  assert.equal(
    (await place.run(["replay", run])).stdout,
    ran.stdout,
    "a replay needs no key to say the same",
  );
});

Deno.test("--json shows no key either, also where text comes in pieces", async () => {
  await using place = new Place();
  const words = [KEY.slice(0, 6), KEY.slice(6), " is what I am asked with."];
  await using server = scriptedOpenAi([text(words.join(""), { chunkMs: 1 })]);
  const ran = await place.run(["run", "hello", "--json"], { server });
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(!ran.stdout.includes(KEY), ran.stdout);
  assert.match(ran.stdout, /\[secret:OPENAI_API_KEY\] is what I am asked with/);
});

function forms(): string[] {
  const values = [KEY, OTHER];
  return values.flatMap((value) => [
    value,
    encodeURIComponent(value),
    JSON.stringify(value).slice(1, -1),
    btoa(value).replace(/=+$/, "").slice(0, -1),
    btoa(`x${value}`).slice(2, -4),
  ]);
}
