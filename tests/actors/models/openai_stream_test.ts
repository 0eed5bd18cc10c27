import { deepStrictEqual, equal, rejects } from "node:assert/strict";
import { type Chunk, readStream, type Said } from "../../../actors/models/openai_stream.ts";

type Part = {
  index?: number;
  id?: string | null;
  function?: { name?: string | null; arguments?: string | null };
};

async function read(...chunks: Chunk[]): Promise<Said & { pieces: string[] }> {
  const pieces: string[] = [];
  let ids = 0;
  const said = await readStream(each(chunks), (text) => pieces.push(text), () => `new-${++ids}`);
  return { ...said, pieces };
}

async function* each(chunks: Chunk[]): AsyncGenerator<Chunk> {
  for (const chunk of chunks) yield await Promise.resolve(chunk);
}

const END: Chunk = { choices: [{ delta: {}, finish_reason: "stop" }] };

function call(...parts: Part[]): Chunk {
  return { choices: [{ delta: { tool_calls: parts } }] };
}

function say(content: string): Chunk {
  return { choices: [{ delta: { content } }] };
}

Deno.test("text comes piece by piece and whole, empty pieces are not passed on", async () => {
  const { text, pieces, finish } = await read(say(""), say("Hel"), say("lo"), END);
  deepStrictEqual({ text, pieces, finish }, { text: "Hello", pieces: ["Hel", "lo"], finish: "stop" });
});

Deno.test("a refusal is text", async () => {
  equal((await read({ choices: [{ delta: { refusal: "I will not" } }] }, END)).text, "I will not");
});

Deno.test("chunks without choices, with null delta or null tool calls are accepted", async () => {
  const odd: Chunk[] = [{}, { choices: null }, { choices: [] }, { choices: [{ delta: null }] }, {
    choices: [{ delta: { content: null, tool_calls: null } }],
  }];
  equal((await read(...odd, END)).text, "");
});

Deno.test("text and finish in one chunk are both read", async () => {
  const { text, finish } = await read({ choices: [{ delta: { content: "x" }, finish_reason: "length" }] });
  deepStrictEqual({ text, finish }, { text: "x", finish: "length" });
});

for (const chunks of [[], [say("Half")], [call({ index: 0, id: "a", function: { name: "f" } })]]) {
  Deno.test(`${chunks.length} chunks without a finish reason are a broken stream: ${JSON.stringify(chunks)}`, () =>
    rejects(read(...chunks), { code: "broken_stream", retry: "later" }));
}

const CALLS: [name: string, parts: Part[][], calls: [id: string, name: string, args: string][]][] = [
  [
    "interleaved by index",
    [
      [{ index: 0, id: "a", function: { name: "f", arguments: "" } }],
      [{ index: 1, id: "b", function: { name: "g", arguments: "{" } }],
      [{ index: 0, function: { arguments: '{"x"' } }, { index: 1, function: { arguments: "}" } }],
      [{ index: 0, function: { arguments: ":1}" } }],
    ],
    [["a", "f", '{"x":1}'], ["b", "g", "{}"]],
  ],
  [
    "without any index",
    [
      [{ id: "a", function: { name: "f", arguments: '{"x"' } }],
      [{ function: { arguments: ":1}" } }],
      [{ id: "b", function: { name: "g", arguments: "{}" } }],
    ],
    [["a", "f", '{"x":1}'], ["b", "g", "{}"]],
  ],
  [
    "all of index 0 with ids of their own",
    [
      [{ index: 0, id: "a", function: { name: "f", arguments: "{}" } }],
      [{ index: 0, id: "b", function: { name: "f", arguments: "{}" } }],
    ],
    [["a", "f", "{}"], ["b", "f", "{}"]],
  ],
  [
    "whose id and name are repeated in every part",
    [
      [{ index: 0, id: "a", function: { name: "f", arguments: '{"x"' } }],
      [{ index: 0, id: "a", function: { name: "f", arguments: ":1}" } }],
    ],
    [["a", "f", '{"x":1}']],
  ],
  [
    "without ids, or with one id twice",
    [
      [{ index: 0, id: "", function: { name: "f", arguments: "{}" } }],
      [{ index: 1, id: "same", function: { name: "f", arguments: "{}" } }],
      [{ index: 2, id: "same", function: { name: "f", arguments: "{}" } }],
    ],
    [["new-1", "f", "{}"], ["same", "f", "{}"], ["new-2", "f", "{}"]],
  ],
  ["without arguments", [[{ index: 0, id: "a", function: { name: "now" } }]], [["a", "now", "{}"]]],
  ["with broken arguments", [[{ index: 0, id: "a", function: { name: "f", arguments: '{"x' } }]], [[
    "a",
    "f",
    '{"x',
  ]]],
];
for (const [name, parts, expected] of CALLS) {
  Deno.test(`puts together tool calls ${name}`, async () => {
    const { toolCalls } = await read(...parts.map((some) => call(...some)), END);
    deepStrictEqual(toolCalls.map((one) => [one.id, one.name, one.arguments]), expected);
  });
}

const USAGES: [
  name: string,
  usage: Chunk["usage"],
  read: [input: number, cached: number, output: number] | undefined,
][] = [
  ["plain", { prompt_tokens: 9, completion_tokens: 2 }, [9, 0, 2]],
  ["cached", { prompt_tokens: 9, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } }, [
    9,
    4,
    2,
  ]],
  ["DeepSeek's cached", { prompt_tokens: 9, completion_tokens: 2, prompt_cache_hit_tokens: 5 }, [9, 5, 2]],
  ["more cached than read", { prompt_tokens: 3, completion_tokens: 2, prompt_cache_hit_tokens: 5 }, [
    3,
    3,
    2,
  ]],
  ["half", { prompt_tokens: 9 }, undefined],
  ["negative", { prompt_tokens: -1, completion_tokens: 2 }, undefined],
  ["absent", null, undefined],
];
for (const [name, usage, expected] of USAGES) {
  Deno.test(`reads usage: ${name}`, async () => {
    const said = await read(END, { choices: [], usage });
    deepStrictEqual(
      said.usage && [said.usage.inputTokens, said.usage.cachedTokens, said.usage.outputTokens],
      expected,
    );
  });
}

Deno.test("of usage in every chunk the last counts, and a chunk without does not undo it", async () => {
  const { usage } = await read(
    { ...say("x"), usage: { prompt_tokens: 9, completion_tokens: 1 } },
    { ...END, usage: { prompt_tokens: 9, completion_tokens: 2 } },
    { choices: [], usage: null },
  );
  equal(usage?.outputTokens, 2);
});
