import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import { loadConfig } from "../../../workspace/config/load.ts";

function load(toml: string, env: Record<string, string> = {}, dotenv?: string) {
  return loadConfig({
    cwd: "/here",
    home: "/home/ann",
    env,
    flags: {},
    readText: (path) => path === "/here/troupe.toml" ? toml : path === "/here/.env" ? dotenv : undefined,
  });
}

Deno.test("remote agents are read with their defaults, by name", () => {
  const { a2aAgents } = load(
    '[a2a.agents.weather]\ncard = "https://w.example.com/weather/"\n' +
      '[a2a.agents.Maps-2_x]\ncard = "http://localhost:8700/cards/maps.json"\ndescription = "Maps"\ntimeout = 1.5',
  );
  assert.deepEqual(a2aAgents, [
    {
      name: "Maps-2_x",
      card: "http://localhost:8700/cards/maps.json",
      description: "Maps",
      timeoutMs: 1_500,
    },
    { name: "weather", card: "https://w.example.com/weather", timeoutMs: 600_000 },
  ]);
  assert.deepEqual(load("").a2aAgents, []);
});

Deno.test("a token goes into Authorization, a key into its header; both come from the environment and do not print", () => {
  const config = load(
    '[a2a.agents.a]\ncard = "https://a.example"\ntoken = "${A_TOKEN}"\n' +
      '[a2a.agents.b]\ncard = "https://b.example"\napi_key = "${B_KEY}"\n' +
      '[a2a.agents.c]\ncard = "https://c.example"\napi_key = "c-key"\nheader = "X-C"',
    { A_TOKEN: "a-token" },
    "B_KEY=b-key\n",
  );
  const sent = config.a2aAgents.map(({ credential }) => [credential?.header, credential?.value.reveal()]);
  assert.deepEqual(sent, [["Authorization", "Bearer a-token"], ["X-API-Key", "b-key"], ["X-C", "c-key"]]);
  const keys = [...config.keys].map(([name, key]) => [name, key.reveal()]);
  assert.deepEqual(keys, [
    ["a2a.agents.a.token", "a-token"],
    ["a2a.agents.b.api_key", "b-key"],
    ["a2a.agents.c.api_key", "c-key"],
  ]);
  assert.doesNotMatch(Deno.inspect(config) + JSON.stringify(config), /a-token|b-key|c-key/);
});

Deno.test("a bad remote agent is refused with the place and what to do", () => {
  const at = "/here/troupe.toml";
  const card = 'card = "https://a.example"\n';
  const cases: [toml: string, line: string][] = [
    ["[a2a]\nagents = 1", `${at}:2:1: [a2a] agents must be a table`],
    ["[a2a.agents]\nx = 1", `${at}:2:1: [a2a.agents] x must be a table`],
    ["[a2a.agents.x]\n", `${at}:1:1: [a2a.agents.x] card must be text`],
    [
      `[a2a.agents.x]\n${card}tokn = "k"`,
      `${at}:3:1: [a2a.agents.x] tokn is not a known key; did you mean "token"?`,
    ],
    [
      `[a2a.agents."x y"]\n${card}`,
      `${at}:1:1: [a2a.agents] "x y" must be named with letters, digits, - and _, at most 40`,
    ],
    [
      `[a2a.agents.${"x".repeat(41)}]\n${card}`,
      `${at}:1:1: [a2a.agents] ${"x".repeat(41)} must be named with letters, digits, - and _, at most 40`,
    ],
    [
      `[a2a.agents.x]\n${card}token = "k"\napi_key = "k"`,
      `${at}:4:1: [a2a.agents.x] api_key cannot stand beside token: give one`,
    ],
    [
      `[a2a.agents.x]\n${card}header = "X-Key"`,
      `${at}:3:1: [a2a.agents.x] header needs api_key, which is sent in it`,
    ],
    [
      `[a2a.agents.x]\n${card}api_key = "k"\nheader = "X Key"`,
      `${at}:4:1: [a2a.agents.x] header must be the name of a header`,
    ],
    [
      `[a2a.agents.x]\n${card}api_key = "k\\nX: y"`,
      `${at}:3:1: [a2a.agents.x] api_key has a space or another character that no key has`,
    ],
    [`[a2a.agents.x]\n${card}timeout = 0`, `${at}:3:1: [a2a.agents.x] timeout must be above 0`],
    [
      '[a2a.agents.x]\ncard = "agents.example.com"',
      `${at}:2:1: [a2a.agents.x] card must be an address such as "https://host/v1", without a user, a query or a ` +
      "fragment",
    ],
    [
      `[a2a.agents.x]\n${card}token = "\${NOPE}"`,
      `${at}:3:1: [a2a.agents.x] token needs the variable NOPE, which is not set`,
    ],
  ];
  for (const [toml, line] of cases) {
    assert.throws(() => load(toml), (error) => {
      assert.ok(error instanceof Fault);
      assert.equal(error.message, `Cannot use the configuration: ${line}`);
      return error.code === "config_invalid";
    }, toml);
  }
});
