/** A provider that fails: every way has its message, loses nothing, and the run goes on once the provider is well. */
import assert from "node:assert/strict";
import {
  apiError,
  halfStream,
  raw,
  scriptedOpenAi,
  type Step,
  text,
  toolCalls,
} from "../support/scripted_openai.ts";
import { Place, runIn } from "./program.ts";

/** What the program asks three times before it gives up. */
const thrice = (answer: Step): Step[] => [answer, answer, answer];

const FAILURES: { name: string; fails: Step[]; says: RegExp }[] = [
  {
    name: "status 429 for ever",
    fails: thrice(apiError(429, "Slow down", { headers: { "Retry-After": "0" } })),
    says: /status 429, Slow down \(3 attempts\); wait, or ask the provider for a higher limit/,
  },
  {
    name: "status 500",
    fails: thrice(apiError(500, "Internal\nerror")),
    says: /status 500, Internal error \(3 attempts\)/,
  },
  {
    name: "an HTML page instead of JSON",
    fails: thrice(raw(200, "<!doctype html><html><body>Welcome to nginx</body></html>")),
    says: /it answered with text\/html instead of a stream of events \(3 attempts\); check the base URL/,
  },
  {
    name: "half a stream",
    fails: thrice(halfStream("The answer is", [{ id: "c1", name: "echo", arguments: '{"text": "half' }])),
    says: /the connection broke in the middle of the answer \(3 attempts\)/,
  },
];

for (const { name, fails, says } of FAILURES) {
  Deno.test(`${name}: the run fails with what was found, and goes on when asked again`, async () => {
    await using place = new Place();
    await using server = scriptedOpenAi([...fails, text("All is well.")]);
    const failed = await place.run(["run", "Is all well?"], { server });
    assert.deepEqual([failed.code, failed.stdout], [1, ""]);
    assert.match(failed.stderr, says);
    assert.match(failed.stderr, /^run .*\n✗ Cannot use model "scripted-model" at 127\.0\.0\.1:\d+: /);
    const run = runIn(failed);
    assert.equal(failed.stderr.split("\n").at(-2), `resume with: deno task troupe resume ${run}`);
    const resumed = await place.run(["resume", run], { server });
    assert.deepEqual([resumed.code, resumed.stdout], [0, "All is well.\n"]);
  });
}

Deno.test("a key that is refused is never shown; with the right one the run goes on without repeating what was done", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    toolCalls([{ id: "c1", name: "write_file", arguments: { path: "a.txt", content: "first" } }]),
    // As OpenAI does, it repeats the key.
    ({ headers }) => apiError(401, `Incorrect API key provided: ${headers.authorization?.slice(7)}.`),
    { expect: { roles: ["system", "user", "assistant", "tool"] }, answer: text("It is written.") },
  ]);
  const failed = await place.run(["run", "Write it", "--quiet"], { server });
  assert.deepEqual([failed.code, failed.stdout], [1, ""]);
  assert.match(
    failed.stderr,
    /^troupe: failed: .*: status 401, Incorrect API key provided: \[hidden\]\.; check LLM_API_KEY, OPENAI_API_KEY/,
  );
  Deno.writeTextFileSync(`${place.workspace}/a.txt`, "changed since");
  const run = runIn(await place.run(["runs"]));
  const resumed = await place.run(["resume", run], { server });
  assert.deepEqual([resumed.code, resumed.stdout], [0, "It is written.\n"]);
  assert.equal(Deno.readTextFileSync(`${place.workspace}/a.txt`), "changed since");
  assert.doesNotMatch(failed.stderr + resumed.stderr, new RegExp(server.apiKey));
});

Deno.test("a host that cannot be reached is named, and the run goes on at another address", async () => {
  await using place = new Place();
  const free = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const host = `127.0.0.1:${free.addr.port}`;
  free.close();
  const env = { LLM_BASE_URL: `http://${host}/v1`, LLM_API_KEY: "none" };
  const failed = await place.run(["run", "Anybody there?", "--json"], { env });
  assert.deepEqual([failed.code, failed.stderr], [1, ""]);
  assert.match(
    failed.stdout,
    new RegExp(`at ${host}: Connection refused .*\\(3 attempts\\); check the base URL and that the server`),
  );
  await using server = scriptedOpenAi([text("Here.")]);
  const resumed = await place.run(["resume", runIn(failed), "--model", "other"], { server });
  assert.deepEqual([resumed.code, resumed.stdout], [0, "Here.\n"]);
  assert.equal(server.requests[0]?.body.model, "other");
});

Deno.test("calls with broken JSON or of an unknown tool are told to the model, which does better", async () => {
  await using place = new Place();
  const says =
    (pattern: RegExp) =>
    ({ body: { messages } }: { body: { messages: readonly { content: string | null }[] } }) =>
      assert.match(messages.at(-1)?.content ?? "", pattern);
  await using server = scriptedOpenAi([
    toolCalls([{ id: "c1", name: "echo", arguments: '{"text": "hi' }]),
    {
      expect: says(/permanent.*Cannot read the arguments of echo: they are broken JSON/),
      answer: toolCalls([{ id: "c2", name: "shout", arguments: { text: "hi" } }]),
    },
    {
      expect: says(/not_found.*There is no tool \\?"shout\\?"\. Tools: echo, /),
      answer: toolCalls([{ id: "c3", name: "echo", arguments: { word: "hi" } }]),
    },
    {
      expect: says(/permanent.*text/),
      answer: toolCalls([{ id: "c4", name: "echo", arguments: { text: "hi" } }]),
    },
    { expect: { last: "hi" }, answer: text("It said hi.") },
  ]);
  const ran = await place.run(["run", "Say hi"], { server });
  assert.deepEqual([ran.code, ran.stdout], [0, "It said hi.\n"], ran.stderr);
  assert.equal(ran.stderr.match(/^✗ (echo|shout) /gm)?.length, 3);
  assert.deepEqual(await place.run(["replay", runIn(ran)]), ran);
});
