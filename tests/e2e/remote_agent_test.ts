/** A remote A2A agent named in the configuration: asked by the model, its question filled in at the terminal. */
import assert from "node:assert/strict";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { RealServer } from "../protocols/a2a/client/real_server.ts";
import { Place, type Program, runIn } from "./program.ts";

Deno.test("a configured remote agent is asked, its question is filled in at the terminal, and a replay asks nobody", async () => {
  await using remote = new RealServer("1.0 JSON-RPC");
  await using place = new Place();
  Deno.writeTextFileSync(
    `${place.cwd}/troupe.toml`,
    `[a2a.agents.weather]\ncard = "${remote.address}"\ntoken = "\${WEATHER_TOKEN}"\n`,
  );
  Deno.writeTextFileSync(`${place.cwd}/.env`, "WEATHER_TOKEN=w-token-0123456789\n");
  await using server = scriptedOpenAi([
    {
      expect: ({ body: { tools = [] } }) => {
        const offered = tools.find((tool) => tool.function.name === "ask_weather");
        assert.match(offered?.function.description ?? "", /Knows the weather\.\nForecast: Ten days\./);
      },
      answer: toolCalls([{ id: "c1", name: "ask_weather", arguments: { task: "ask Which city?" } }]),
    },
    { expect: { last: /It is sunny in Berlin\./ }, answer: text("Sunny, it says.") },
  ]);
  const program = place.start(["run", "How is it?"], {
    server,
    under: ["bash", "-c", 'exec script -qefc "${*@Q}" /dev/null', "script"],
    keyboard: true,
    env: { NO_COLOR: "1" },
  });
  await fillIn(program, /weather asks: Which city\?[^]*Answer: /, "Berlin");
  const { code, stdout } = await program.ended;
  assert.equal(code, 0, stdout);
  assert.match(stdout, /Sunny, it says\./);
  assert.ok(remote.headers.every((headers) => headers.get("authorization") === "Bearer w-token-0123456789"));
  assert.deepEqual(remote.asked.map(({ text }) => text), ["ask Which city?", "Berlin"]);

  const requests = remote.requests.length;
  const run = runIn({ stdout, stderr: "", code, signal: null });
  const below = await place.run(["show", `${run}.1`]);
  assert.equal(below.code, 0, below.stderr);
  assert.match(below.stdout, /It is sunny in Berlin\./);
  assert.doesNotMatch(below.stdout, /does not know/);
  const replayed = await place.run(["replay", run]);
  assert.deepEqual([replayed.code, replayed.stdout], [0, "Sunny, it says.\n"], replayed.stderr);
  assert.equal(remote.requests.length, requests);
  await server.finish();
});

/** Types until it has been taken: what comes within a moment of the question is not taken for an answer. */
async function fillIn(program: Program, question: RegExp, word: string): Promise<void> {
  const { index, 0: shown } = await program.meanwhile(program.shows(question));
  for (let from = index + shown.length, ignored = true; ignored;) {
    await program.type(`${word}\n`);
    const seen = await program.meanwhile(
      program.shows(/typed before the question[^\n]*\n|It is sunny/, from),
    );
    ignored = seen[0].startsWith("typed");
    from += seen.index + seen[0].length;
  }
}
