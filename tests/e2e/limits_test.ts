/** Limits of a run: each ends it cleanly with exit code 4, and a higher one lets it go on. */
import assert from "node:assert/strict";
import { hang, scriptedOpenAi, type Step, text, toolCalls } from "../support/scripted_openai.ts";
import { Place, runIn } from "./program.ts";

const echo = toolCalls([{ id: "c1", name: "echo", arguments: { text: "hi" } }], { text: "Half. " });
const dear = toolCalls([{ id: "c1", name: "echo", arguments: { text: "hi" } }], {
  text: "Half. ",
  usage: { input: 10_000, output: 1_000 },
});
const slow = hang("Half");

/** gpt-4o costs 2.50 and 10 USD a million tokens. */
const LIMITS: { flag: string; first: string; more: string; reached: Step; stdout: string; says: RegExp }[] = [
  {
    flag: "--max-turns",
    first: "1",
    more: "5",
    reached: echo,
    stdout: "Half. \n",
    says: /all its turns are used.*\n✗ limited \(turns\) · 1 turn · 100 tokens in, 10 out · 0\.00035 USD/s,
  },
  {
    flag: "--max-tokens",
    first: "11000",
    more: "20000",
    reached: dear,
    stdout: "Half. \n",
    says:
      /too few tokens are left.*\n✗ limited \(tokens\) · 1 turn · 10000 tokens in, 1000 out · 0\.035 USD/s,
  },
  {
    flag: "--max-usd",
    first: "0.0355",
    more: "0.1",
    reached: dear,
    stdout: "Half. \n",
    says: /too little money is left.*\n✗ limited \(usd\) · 1 turn · 10000 tokens in, 1000 out · 0\.035 USD/s,
  },
  {
    flag: "--timeout",
    first: "2", // time enough for the request to be made
    more: "60",
    reached: slow,
    stdout: "",
    says: /its time is over.*\n✗ limited \(wall_clock\) · 0 turns/s,
  },
];

for (const { flag, first, more, reached, stdout, says } of LIMITS) {
  Deno.test(`${flag}: a run ends with what it has when it is reached, and a higher one lets it go on`, async () => {
    await using place = new Place();
    await using server = scriptedOpenAi([reached, text("The whole.")]);
    const model = ["--model", "gpt-4o"];
    const limited = await place.run(["run", "Do it all", flag, first, ...model], { server });
    assert.deepEqual([limited.code, limited.stdout], [4, stdout], limited.stderr);
    assert.match(limited.stderr, says);
    const run = runIn(limited);
    assert.equal(
      limited.stderr.split("\n").at(-2),
      `resume with: deno task troupe resume ${run} ${flag} <more>`,
    );
    const resumed = await place.run(["resume", run, flag, more], { server });
    assert.deepEqual([resumed.code, resumed.stdout], [0, "The whole.\n"], resumed.stderr);
  });
}

Deno.test("a limit in dollars on a model of unknown price is refused before anything starts", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([text("Priced.")]);
  const refused = await place.run(["run", "Spend it", "--max-usd", "0.5"], { server });
  assert.deepEqual([refused.code, refused.stdout], [2, ""]);
  assert.match(
    refused.stderr,
    /^troupe: Cannot keep to a limit of 0\.5 USD: the price of "scripted-model" is not known\. Set input and output, .* under \[prices\."scripted-model"\] in troupe\.toml/,
  );
  assert.match((await place.run(["runs"])).stderr, /^troupe: no runs yet/);
  Deno.writeTextFileSync(`${place.cwd}/troupe.toml`, '[prices."scripted-model"]\ninput = 1\noutput = 10\n');
  const priced = await place.run(["run", "Spend it", "--max-usd", "0.5"], { server });
  assert.equal(priced.code, 0, priced.stderr);
  assert.match(priced.stderr, /✓ answered · 1 turn · 100 tokens in, 10 out · 0\.0002 USD/);
});
