/** Python code that uses the agent's tools, with its rights and in its journal. */
import assert from "node:assert/strict";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { eventsOf, Place } from "./program.ts";

const CODE = `import asyncio
await tools.write_file(path="a.txt", content="one")
both = await asyncio.gather(tools.read_file(path="a.txt"), tools.calculator(expression="6 * 7"))
try:
    await tools.read_file(path="/etc/passwd")
except tools.ToolError as error:
    refused = error.kind
both + [refused]`;

Deno.test("code calls the agent's tools: within its rights, journaled, audited, and replayed without any of them", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([
    {
      expect: { last: "Use your tools from code" },
      answer: toolCalls([{ id: "c1", name: "execute_python", arguments: { code: CODE } }]),
    },
    {
      expect: { last: /\\"one\\"|'one', '42', 'denied'/ },
      answer: text("Done"),
    },
  ]);
  const ran = await place.run(["run", "Use your tools from code", "--model", "gpt-4o", "--json"], { server });
  assert.equal(ran.code, 0, ran.stderr);
  const events = eventsOf(ran.stdout);
  const nested = events.flatMap((event) =>
    event.type === "tool_ended" && event.parent === "c1" ? [[event.call.name, event.outcome.ok]] : []
  );
  assert.deepEqual(nested[0], ["write_file", true]);
  assert.deepEqual(nested.slice(1, 3).toSorted(), [["calculator", true], ["read_file", true]]);
  assert.deepEqual(nested[3], ["read_file", false]);
  assert.equal(Deno.readTextFileSync(`${place.workspace}/a.txt`), "one");
  const run = events.find((event) => event.type === "run_started")?.run ?? "";
  Deno.removeSync(`${place.workspace}/a.txt`);
  const replayed = await place.run(["replay", run, "--json"]);
  assert.equal(replayed.code, 0, replayed.stderr);
  assert.deepEqual(
    eventsOf(replayed.stdout).map(({ type }) => type),
    events.filter(({ type }) => type !== "actor").map(({ type }) => type),
  );
  const audit = await place.run(["show", run, "--audit"]);
  for (const tool of ["execute_python", "write_file", "read_file", "calculator"]) {
    assert.match(audit.stdout, new RegExp(tool));
  }
});
