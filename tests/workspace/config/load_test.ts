import assert from "node:assert/strict";
import { FREE, perMillion } from "../../../actors/models/price.ts";
import type { Fault } from "../../../protocols/messages/fault.ts";
import { type Config, type ConfigInput, loadConfig, localEndpoint } from "../../../workspace/config/load.ts";

/** What a case sets; files by path, `.env` and `troupe.toml` in /here. */
interface Given {
  env?: Record<string, string>;
  dotenv?: string;
  toml?: string;
  flags?: ConfigInput["flags"];
  files?: Record<string, string>;
  cwd?: string;
  home?: string | undefined;
  sourceRoot?: string;
}

function load(given: Given): Config {
  const { env = {}, dotenv, toml, flags = {}, cwd = "/here", sourceRoot } = given;
  const files: Record<string, string | undefined> = {
    "/here/.env": dotenv,
    "/here/troupe.toml": toml,
    ...given.files,
  };
  const home = "home" in given ? given.home : "/home/ann";
  return loadConfig({
    cwd,
    home,
    env,
    flags,
    readText: (path) => files[path],
    ...(sourceRoot ? { sourceRoot } : {}),
  });
}

function refusal(given: Given): string {
  try {
    load(given);
  } catch (error) {
    const { code, message } = error as Fault;
    assert.equal(code, "config_invalid", String(error));
    return message;
  }
  throw new assert.AssertionError({ message: `accepted ${JSON.stringify(given)}` });
}

/** `provider key model @ address` of each endpoint. */
function asked(config: Config): string[] {
  return config.endpoints.map(({ provider, apiKey, model, baseUrl }) =>
    `${provider} ${apiKey.reveal() || "-"} ${model} @ ${baseUrl}`
  );
}

const OPENAI = "https://api.openai.com/v1";
const OPENROUTER = "https://openrouter.ai/api/v1";
const TRINITY = "arcee-ai/trinity-large-preview:free";

Deno.test("F019-F027, F035-F037: the model that is asked, by what is set", () => {
  const cases: [name: string, given: Given, endpoints: string[]][] = [
    ["F020 key", { env: { OPENAI_API_KEY: "sk-1" } }, [`openai sk-1 gpt-4o @ ${OPENAI}`]],
    ["F019 key in .env", { dotenv: "OPENAI_API_KEY='sk-1' # mine\n" }, [`openai sk-1 gpt-4o @ ${OPENAI}`]],
    ["the environment before .env", { env: { LLM_MODEL: "a" }, dotenv: "OPENAI_API_KEY=sk-1\nLLM_MODEL=b" }, [
      `openai sk-1 a @ ${OPENAI}`,
    ]],
    ["a variable set to nothing switches .env off", {
      env: { OPENAI_API_KEY: "" },
      dotenv: "OPENAI_API_KEY=sk-1\nOPENROUTER_API_KEY=sk-or-2",
    }, [`openrouter sk-or-2 ${TRINITY} @ ${OPENROUTER}`]],
    ["F021 compatible address", { env: { OPENAI_BASE_URL: "http://127.0.0.1:9/v1/" } }, [
      "openai - gpt-4o @ http://127.0.0.1:9/v1",
    ]],
    ["address of the environment, key of the file", {
      env: { OPENAI_BASE_URL: "https://llm.example/v1" },
      toml: '[openai]\napi_key = "sk-f"\nbase_url = "https://file.example"',
    }, ["openai sk-f gpt-4o @ https://llm.example/v1"]],
    ["F022 OpenRouter", { env: { OPENROUTER_API_KEY: "sk-or-1" } }, [
      `openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["F023 sk-or- is OpenRouter's", { env: { OPENAI_API_KEY: "sk-or-1" } }, [
      `openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["F023 in LLM_API_KEY", { env: { LLM_API_KEY: "sk-or-1" } }, [
      `openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["F023 unless an address is given", {
      env: { OPENAI_API_KEY: "sk-or-1", OPENAI_BASE_URL: "https://proxy.example/v1" },
    }, ["openai sk-or-1 gpt-4o @ https://proxy.example/v1"]],
    ["F023 with provider openai in the file", {
      env: { OPENAI_API_KEY: "sk-or-1" },
      toml: '[llm]\nprovider = "openai"',
    }, [`openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`]],
    ["F023 with provider openrouter", {
      env: { OPENAI_API_KEY: "sk-or-1" },
      flags: { provider: "openrouter" },
    }, [
      `openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["OpenAI before OpenRouter", { env: { OPENROUTER_API_KEY: "sk-or-1", OPENAI_API_KEY: "sk-1" } }, [
      `openai sk-1 gpt-4o @ ${OPENAI}`,
    ]],
    ["the environment before the file, whoever the provider", {
      env: { OPENROUTER_API_KEY: "sk-or-1" },
      toml: '[openai]\napi_key = "sk-1"',
    }, [`openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`]],
    ["F025-F027 LLM_*", {
      env: {
        LLM_MODEL: "m",
        LLM_BASE_URL: "https://api.example/v1/",
        LLM_API_KEY: "k",
        OPENAI_API_KEY: "sk-1",
      },
    }, ["openai k m @ https://api.example/v1"]],
    ["a key of OPENAI_* does not go to LLM_BASE_URL", {
      env: { LLM_BASE_URL: "https://api.example/v1", OPENAI_API_KEY: "sk-1" },
    }, ["openai - gpt-4o @ https://api.example/v1"]],
    ["LLM_API_KEY alone is OpenAI's", { env: { LLM_API_KEY: "k" } }, [`openai k gpt-4o @ ${OPENAI}`]],
    ["OpenRouter is known by its address", { env: { LLM_BASE_URL: OPENROUTER, LLM_API_KEY: "k" } }, [
      `openrouter k ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["LLM_* before the file's provider", {
      env: { LLM_API_KEY: "k" },
      toml: '[llm]\nprovider = "ollama"\nmodel = "m"',
    }, [`openai k m @ ${OPENAI}`]],
    ["a flag before LLM_*", {
      env: { LLM_API_KEY: "k", LLM_MODEL: "m" },
      flags: { provider: "ollama", model: "f" },
    }, ["ollama - f @ http://localhost:11434/v1"]],
    ["F035 provider and model of the file", {
      env: { OPENAI_API_KEY: "sk-1", OPENROUTER_API_KEY: "sk-or-1" },
      toml: '[llm]\nprovider = "openrouter"\nmodel = "x/y"',
    }, [`openrouter sk-or-1 x/y @ ${OPENROUTER}`]],
    ["LLM_MODEL before the file's", {
      env: { OPENAI_API_KEY: "sk-1", LLM_MODEL: "e" },
      toml: '[llm]\nmodel = "f"',
    }, [`openai sk-1 e @ ${OPENAI}`]],
    ["a flag before LLM_MODEL", { env: { OPENAI_API_KEY: "sk-1", LLM_MODEL: "e" }, flags: { model: "g" } }, [
      `openai sk-1 g @ ${OPENAI}`,
    ]],
    ["F036 key in the file", { toml: '[openai]\napi_key = "sk-f"' }, [`openai sk-f gpt-4o @ ${OPENAI}`]],
    ["OpenRouter's key in the file", { toml: '[openrouter]\napi_key = "k"' }, [
      `openrouter k ${TRINITY} @ ${OPENROUTER}`,
    ]],
    ["F037 Ollama needs no key", { toml: '[llm]\nprovider = "ollama"\nmodel = "llama2"' }, [
      "ollama - llama2 @ http://localhost:11434/v1",
    ]],
    ["Ollama elsewhere, given as its OpenAI side", {
      toml: '[llm]\nprovider = "ollama"\nmodel = "llama2"\n[ollama]\nbase_url = "http://gpu:11434/v1/"',
    }, ["ollama - llama2 @ http://gpu:11434/v1"]],
    ["Ollama although there is a key", {
      env: { OPENAI_API_KEY: "sk-1" },
      toml: '[llm]\nprovider = "ollama"\nmodel = "llama2"',
    }, ["ollama - llama2 @ http://localhost:11434/v1"]],
  ];
  for (const [name, given, endpoints] of cases) {
    const config = load(given);
    assert.deepEqual(asked(config), endpoints, name);
    assert.equal(config.noEndpoint, undefined, name);
  }
});

Deno.test("F030, F031: what is tried when the first fails: each model at every account, in order", () => {
  const cases: [name: string, env: Record<string, string>, endpoints: string[]][] = [
    ["fallback models", { OPENAI_API_KEY: "k", LLM_FALLBACK_MODELS: " a , ,b,gpt-4o," }, [
      `openai k gpt-4o @ ${OPENAI}`,
      `openai k a @ ${OPENAI}`,
      `openai k b @ ${OPENAI}`,
    ]],
    ["numbered accounts by number, gaps allowed", {
      LLM_API_KEY: "k",
      LLM_MODEL: "m",
      LLM_API_KEY_10: "k10",
      LLM_API_KEY_2: "k2",
      LLM_BASE_URL_2: "https://two.example/v1",
      LLM_BASE_URL_1: "http://one.example",
    }, [
      `openai k m @ ${OPENAI}`,
      "openai - m @ http://one.example",
      "openai k2 m @ https://two.example/v1",
      `openai k10 m @ ${OPENAI}`,
    ]],
    ["a numbered key without an address goes where LLM_BASE_URL says", {
      LLM_BASE_URL: "https://api.example",
      LLM_API_KEY: "k",
      LLM_API_KEY_1: "k1",
    }, ["openai k gpt-4o @ https://api.example", "openai k1 gpt-4o @ https://api.example"]],
    ["a numbered key of OpenRouter's, each account with its own default model", {
      OPENAI_API_KEY: "k",
      LLM_API_KEY_1: "sk-or-1",
    }, [`openai k gpt-4o @ ${OPENAI}`, `openrouter sk-or-1 ${TRINITY} @ ${OPENROUTER}`]],
    ["numbered ones alone", { LLM_API_KEY_1: "k1" }, [`openai k1 gpt-4o @ ${OPENAI}`]],
    ["the same account twice is one", { LLM_API_KEY: "k", LLM_API_KEY_1: "k" }, [
      `openai k gpt-4o @ ${OPENAI}`,
    ]],
    ["models before accounts", {
      LLM_API_KEY: "k",
      LLM_API_KEY_1: "k1",
      LLM_FALLBACK_MODELS: "b",
      LLM_MODEL: "a",
    }, [
      `openai k a @ ${OPENAI}`,
      `openai k1 a @ ${OPENAI}`,
      `openai k b @ ${OPENAI}`,
      `openai k1 b @ ${OPENAI}`,
    ]],
    ["LLM_API_KEY_0, LLM_API_KEY_x and beyond all counting are not numbered", {
      LLM_API_KEY: "k",
      LLM_API_KEY_0: "k0",
      LLM_API_KEY_99999999999999999999: "k9",
      LLM_API_KEY_x: "kx",
    }, [`openai k gpt-4o @ ${OPENAI}`]],
  ];
  for (const [name, env, endpoints] of cases) assert.deepEqual(asked(load({ env })), endpoints, name);
});

Deno.test("a local model does not fail over to somebody else's machine", () => {
  const config = load({
    env: { LLM_API_KEY_1: "k1", LLM_FALLBACK_MODELS: "b" },
    toml: '[llm]\nprovider = "ollama"\nmodel = "a"',
  });
  assert.deepEqual(asked(config), [
    "ollama - a @ http://localhost:11434/v1",
    "ollama - b @ http://localhost:11434/v1",
  ]);
});

Deno.test("nothing to ask is a value that says what to set and which Ollama to try", () => {
  const cases: [name: string, given: Given, message: RegExp, ollama: string | undefined, model?: string][] = [
    [
      "nothing at all",
      {},
      /^set OPENAI_API_KEY, OPENROUTER_API_KEY or LLM_BASE_URL .*Ollama at http:\/\/localhost:11434$/,
      "http://localhost:11434",
    ],
    ["a model by name", { env: { LLM_MODEL: "m" } }, /^set OPENAI_API_KEY/, "http://localhost:11434", "m"],
    [
      "an Ollama elsewhere",
      { toml: '[ollama]\nbase_url = "http://gpu:1"' },
      /http:\/\/gpu:1$/,
      "http://gpu:1",
    ],
    [
      "Ollama without a model",
      { flags: { provider: "ollama" } },
      /^start Ollama at .* LLM_MODEL$/,
      "http://localhost:11434",
    ],
    [
      "OpenAI without a key",
      { toml: '[llm]\nprovider="openai"' },
      /^set OPENAI_API_KEY, or api_key under \[openai\]/,
      undefined,
    ],
    [
      "OpenRouter without a key",
      { flags: { provider: "openrouter" }, env: { OPENAI_API_KEY: "sk-1" } },
      /^set OPENROUTER_API_KEY/,
      undefined,
    ],
    [
      "Anthropic's key alone",
      { env: { ANTHROPIC_API_KEY: "k" } },
      /OPENAI_BASE_URL=https:\/\/api\.anthropic\.com\/v1/,
      "http://localhost:11434",
    ],
  ];
  for (const [name, given, message, ollama, model] of cases) {
    const { endpoints, noEndpoint } = load(given);
    assert.deepEqual(endpoints, [], name);
    assert.match(noEndpoint?.message ?? "", message, name);
    assert.doesNotMatch(noEndpoint?.message ?? "", /\n/, name);
    assert.equal(noEndpoint?.ollama, ollama, name);
    assert.equal(noEndpoint?.model, model, name);
  }
});

Deno.test("a local Ollama that answered is asked for the model named, else the one it has, and is free", () => {
  const base = { toml: '[prices."llama-3.3-70b-versatile"]\ninput = 1\noutput = 1' };
  const found = { model: "llama-3.1-8b-instant" }; // has a price in the table, elsewhere
  const local = localEndpoint(load(base), "http://localhost:11434", found);
  assert.deepEqual({ ...local, apiKey: local.apiKey.reveal() }, {
    provider: "ollama",
    baseUrl: "http://localhost:11434/v1",
    apiKey: "",
    model: "llama-3.1-8b-instant",
    price: FREE,
    contextWindow: 128_000,
  });
  const named = localEndpoint(
    load({ ...base, env: { LLM_MODEL: "llama-3.3-70b-versatile" } }),
    "http://gpu:1",
    found,
  );
  assert.equal(named.model, "llama-3.3-70b-versatile");
  assert.deepEqual(named.price, perMillion({ input: 1, output: 1 }));
});

Deno.test("O20: each endpoint has its price, or null", () => {
  const cases: [name: string, given: Given, price: Config["endpoints"][number]["price"]][] = [
    ["of the table", { env: { OPENAI_API_KEY: "k" } }, perMillion({ input: 2.5, cached: 1.25, output: 10 })],
    ["of nobody", { env: { OPENAI_API_KEY: "k", LLM_MODEL: "mystery" } }, null],
    ["of the file", {
      env: { OPENAI_API_KEY: "k", LLM_MODEL: "mystery" },
      toml: "[prices.mystery]\ninput = 1.5\ncached = 0.003625\noutput = 3",
    }, perMillion({ input: 1.5, cached: 0.003625, output: 3 })],
    ["of the file before the table", {
      env: { OPENAI_API_KEY: "k" },
      toml: '[prices."gpt-4o"]\ninput = 1\noutput = 2',
    }, perMillion({ input: 1, output: 2 })],
    ["free at OpenRouter", { env: { OPENROUTER_API_KEY: "k" } }, FREE],
    ["named free elsewhere", { env: { OPENAI_API_KEY: "k", LLM_MODEL: "x:free" } }, null],
    ["Ollama", { toml: '[llm]\nprovider = "ollama"\nmodel = "gpt-4o"' }, FREE],
    ["an Ollama reached as something else", {
      env: { LLM_BASE_URL: "http://localhost:11434/v1", LLM_MODEL: "llama2" },
    }, null],
  ];
  for (const [name, given, price] of cases) assert.deepEqual(load(given).endpoints[0]?.price, price, name);
});

Deno.test("F028: the context window", () => {
  assert.equal(load({ env: { OPENAI_API_KEY: "k" } }).endpoints[0]?.contextWindow, 128_000);
  const config = load({ env: { OPENAI_API_KEY: "k" }, dotenv: "LLM_CONTEXT_WINDOW=32000" });
  assert.equal(config.endpoints[0]?.contextWindow, 32_000);
  assert.equal(config.contextWindow, 32_000);
});

Deno.test("limits come from flags, then the file, then the defaults", () => {
  const toml = "[limits]\nturns = 5\ntokens = 1_000\nusd = 0.1\nwall_clock = 1.5";
  const cases: [given: Given, limits: Config["limits"]][] = [
    [{}, { turns: 25 }],
    [{ toml }, { turns: 5, tokens: 1000, nanoUsd: 100_000_000, wallMs: 1500 }],
    [{ toml: "[limits]\nusd = 0" }, { turns: 25, nanoUsd: 0 }],
    [{ toml, flags: { turns: "7", tokens: "8", usd: "0.07", wallClock: "60" } }, {
      turns: 7,
      tokens: 8,
      nanoUsd: 70_000_000,
      wallMs: 60_000,
    }],
    [{ toml, flags: { usd: "2" } }, { turns: 5, tokens: 1000, nanoUsd: 2_000_000_000, wallMs: 1500 }],
  ];
  for (const [given, limits] of cases) assert.deepEqual(load(given).limits, limits);
});

Deno.test("F029: the workspace, which by default is never Troupe's own source", () => {
  const cases: [name: string, given: Given, workspace: string][] = [
    ["default", {}, "/here/workspace"],
    ["variable", { env: { WORKSPACE_DIR: "w" } }, "/here/w"],
    [".env", { dotenv: "WORKSPACE_DIR=/abs/w/" }, "/abs/w"],
    ["file", { toml: '[troupe]\nworkspace = "~/w"' }, "/home/ann/w"],
    ["variable before file", { env: { WORKSPACE_DIR: "w" }, toml: '[troupe]\nworkspace = "f"' }, "/here/w"],
    ["flag", { env: { WORKSPACE_DIR: "w" }, flags: { workspace: "../f" } }, "/f"],
    ["in a clone", { sourceRoot: "/here" }, "/here/.troupe/workspace"],
    ["below a clone", { sourceRoot: "/here", cwd: "/here/actors" }, "/here/.troupe/workspace"],
    ["beside a clone", { sourceRoot: "/here/troupe" }, "/here/workspace"],
    ["a clone that begins alike", { sourceRoot: "/he" }, "/here/workspace"],
    ["a clone that is the workspace", { sourceRoot: "/here/workspace" }, "/here/workspace/.troupe/workspace"],
    ["in a clone, but chosen", { sourceRoot: "/here", env: { WORKSPACE_DIR: "mine" } }, "/here/mine"],
  ];
  for (const [name, given, workspace] of cases) assert.equal(load(given).workspace, workspace, name);
});

Deno.test("the database and F038: the folder of specifications, the number of rounds", () => {
  const dbs: [name: string, given: Given, db: string][] = [
    ["default", {}, "/home/ann/.local/state/troupe/troupe.db"],
    ["XDG", { env: { XDG_STATE_HOME: "/state" } }, "/state/troupe/troupe.db"],
    [
      "a relative XDG is ignored",
      { env: { XDG_STATE_HOME: "state" } },
      "/home/ann/.local/state/troupe/troupe.db",
    ],
    ["no home", { home: undefined }, "/here/.troupe/troupe.db"],
    ["file", { toml: '[troupe]\ndb = "runs.db"', env: { XDG_STATE_HOME: "/state" } }, "/here/runs.db"],
    ["flag", { toml: '[troupe]\ndb = "runs.db"', flags: { db: "~/my.db" } }, "/home/ann/my.db"],
  ];
  for (const [name, given, db] of dbs) assert.equal(load(given).db, db, name);
  const { specDir, maxIterations } = load({});
  assert.deepEqual([specDir, maxIterations], ["/here/specs", undefined]);
  const set = load({ toml: '[troupe]\nspec_dir = "plans"\nmax_iterations = 10' });
  assert.deepEqual([set.specDir, set.maxIterations], ["/here/plans", 10]);
});

Deno.test("F212: what tools may be granted is said in the file; nothing else widens or narrows it", () => {
  const granted = (toml?: string) => load({ toml }).tools;
  assert.deepEqual(granted(), {
    granted: ["FileRead", "FileWrite", "ShellExec"],
    hosts: [],
    rules: [],
  });
  assert.deepEqual(granted("[tools]\ngrant = []").granted, []);
  const toml =
    '[tools]\ngrant = ["Network", "Custom(mail)"]\nhosts = ["api.example.com", "[::1]:8080", "h:1"]';
  assert.deepEqual(granted(toml), {
    granted: ["Network", "Custom(mail)"],
    hosts: ["api.example.com", "[::1]:8080", "h:1"],
    rules: [],
  });
  const rules = '[[policy.rules]]\nverdict = "deny"\nprogram = "curl"\n' +
    '[[policy.rules]]\nverdict = "allow"\nprogram = ["make", "just"]\nargs = ["test"]';
  assert.deepEqual(granted(rules).rules, [
    { verdict: "deny", program: "curl" },
    { verdict: "allow", program: ["make", "just"], args: ["test"] },
  ]);
});

Deno.test("every key there is is known by its name, in use or not, each once", () => {
  const { keys } = load({
    env: { OPENAI_API_KEY: "sk-1", LLM_API_KEY_7: "k-7", ANTHROPIC_API_KEY: "k-a" },
    dotenv: "OPENROUTER_API_KEY=sk-or-1\n",
    toml: '[openai]\napi_key = "${OPENAI_API_KEY}"\n[openrouter]\napi_key = "sk-or-2"',
  });
  assert.deepEqual(
    new Map([...keys].map(([name, key]) => [key.reveal(), name])),
    new Map([
      ["sk-1", "OPENAI_API_KEY"],
      ["sk-or-2", "openrouter.api_key"],
      ["k-7", "LLM_API_KEY_7"],
      ["sk-or-1", "OPENROUTER_API_KEY"],
      ["k-a", "ANTHROPIC_API_KEY"],
    ]),
  );
});

Deno.test("how Python runs is left to the interpreter where the file is silent", () => {
  const python = (toml?: string) => load({ toml }).python;
  assert.deepEqual(python(), { packages: { allow: [] } });
  const toml = "[python]\ntimeout = 1.5\nmax_timeout = 60\nmemory_mb = 256\noutput_bytes = 1000\n" +
    "result_bytes = 2000\nsessions = 4\nwarm = 0\nrecursion = 500\n" +
    '[python.packages]\nallow = ["numpy"]\nindex = "https://index.example/simple/"';
  assert.deepEqual(python(toml), {
    timeoutMs: 1500,
    maxTimeoutMs: 60_000,
    memoryMb: 256,
    outputBytes: 1000,
    resultBytes: 2000,
    sessions: 4,
    warm: 0,
    recursion: 500,
    packages: { allow: ["numpy"], index: "https://index.example/simple" },
  });
});

Deno.test("F033: the first configuration file found is used, and only that", () => {
  const near = "/here/troupe.toml";
  const config = "/home/ann/.config/troupe/config.toml";
  const dot = "/home/ann/.troupe/config.toml";
  const all = {
    [near]: "[limits]\nturns = 1",
    [config]: "[limits]\nturns = 2\ntokens = 2",
    [dot]: "[limits]\nturns = 3",
  };
  const cases: [files: Record<string, string>, file: string | undefined, turns: number][] = [
    [all, near, 1],
    [{ ...all, [near]: undefined! }, config, 2],
    [{ [dot]: all[dot]! }, dot, 3],
    [{ [near]: "", [dot]: all[dot]! }, near, 25],
    [{}, undefined, 25],
  ];
  for (const [files, file, turns] of cases) {
    const found = load({ files });
    assert.deepEqual([found.file, found.limits.turns], [file, turns]);
  }
  assert.equal(load({ files: all }).limits.tokens, undefined);
  assert.equal(load({ files: { [dot]: all[dot]! }, home: undefined }).file, undefined);
});

Deno.test("F039: variables are filled into every text of the file", () => {
  const config = load({
    env: { HOST: "llm.example", KEY: "sk-1", DIR: "w" },
    dotenv: "HOST=not-this\nMODEL=m",
    toml:
      '[llm]\nmodel = "${MODEL}-${MODEL}"\n[openai]\napi_key = "${KEY}"\nbase_url = "https://${HOST}/v1"\n' +
      '[troupe]\nworkspace = "/${DIR}/$DIR/{DIR}"',
  });
  assert.deepEqual(asked(config), ["openai sk-1 m-m @ https://llm.example/v1"]);
  assert.equal(config.workspace, "/w/$DIR/{DIR}");
});

Deno.test("F039: what a variable holds is not filled in again", () => {
  const config = load({ env: { A: "${B}", B: "x", OPENAI_API_KEY: "k" }, toml: '[llm]\nmodel = "${A}"' });
  assert.equal(config.endpoints[0]?.model, "${B}");
});

Deno.test("F040: a bad file is refused with file, line and column of every problem", () => {
  const file = "/here/troupe.toml";
  const cases: [toml: string, ...lines: string[]][] = [
    ["[llm]\nmodel = ", `${file}:2:9: Invalid TOML document: invalid value`],
    [
      "[llm]\nmodel = 1\nmodel = 2",
      `${file}:3:1: Invalid TOML document: trying to redefine an already defined table or value`,
    ],
    ['[llm]\n  modle = "m"', `${file}:2:3: [llm] modle is not a known key; did you mean "model"?`],
    ['[llm]\nmdoel = "m"', `${file}:2:1: [llm] mdoel is not a known key; did you mean "model"?`],
    ['\n[openia]\napi_key = "k"', `${file}:2:1: [openia] is not a known key; did you mean "openai"?`],
    [
      "[ollama]\napi_key = 1",
      `${file}:2:1: [ollama] api_key is not a known key; known are base_url`,
    ],
    [
      "turns = 3",
      `${file}:1:1: [turns] is not a known key; known are llm, openai, openrouter, anthropic, ollama, limits, ` +
      "policy, tools, python, server, a2a, mcp, troupe, prices",
    ],
    ["[tools]\ngrant = true", `${file}:2:1: [tools] grant must be a list`],
    [
      '[tools]\ngrant = ["FileRead", "Everything"]',
      `${file}:2:1: [tools] grant item 2 must be FileRead, FileWrite, Network, DatabaseRead, DatabaseWrite, ` +
      "ShellExec, SecretAccess or Custom(name)",
    ],
    ["[tools]\ngrants = []", `${file}:2:1: [tools] grants is not a known key; did you mean "grant"?`],
    [
      '[tools]\nhosts = ["https://api.example.com/v1"]',
      `${file}:2:1: [tools] hosts item 1 must be a host such as "api.example.com", with or without a port`,
    ],
    [
      '[[policy.rules]]\nverdict = "no"\nprogram = "rm"',
      `${file}:1:1: [policy] rules item 1 verdict: Invalid option: expected one of "allow"|"ask"|"deny"`,
    ],
    [
      '[[policy.rules]]\nverdict = "ask"\nprogram = "rm"\nargz = []',
      `${file}:1:1: [policy] rules item 1 has "argz", which is not a known key`,
    ],
    ["[python]\ntimeout = 0", `${file}:2:1: [python] timeout must be above 0`],
    ["[python]\nwarm = -1", `${file}:2:1: [python] warm must not be negative`],
    [
      "[python]\noutput_bytes = 2000000000",
      `${file}:2:1: [python] output_bytes must be at most 1073741824 bytes`,
    ],
    [
      '[python.packages]\nallow = ["numpy", "../x"]',
      `${file}:2:1: [python.packages] allow item 2 must be the name of a Python package`,
    ],
    [
      "[python.packages]\nallowed = []",
      `${file}:2:1: [python.packages] allowed is not a known key; did you mean "allow"?`,
    ],
    ['llm = "gpt-4o"', `${file}:1:1: [llm] must be a table`],
    [
      '[llm]\nprovider = "azure"',
      `${file}:2:1: [llm] provider must be one of openai, openrouter, ollama, anthropic`,
    ],
    ["[llm]\nmodel = 4", `${file}:2:1: [llm] model must be text`],
    ['[llm]\nmodel = " "', `${file}:2:1: [llm] model must not be empty`],
    ["llm.model = 4", `${file}:1:1: [llm] model must be text`],
    ["llm = { model = 4 }", `${file}:1:1: [llm] model must be text`],
    ["[limits]\nturns = 0", `${file}:2:1: [limits] turns must be at least 1`],
    ["[limits]\nturns = 1.5", `${file}:2:1: [limits] turns must be a whole number`],
    ["[limits]\ntokens = true", `${file}:2:1: [limits] tokens must be a whole number`],
    ["[limits]\nusd = -1", `${file}:2:1: [limits] usd must not be negative`],
    ["[limits]\nusd = inf", `${file}:2:1: [limits] usd must be a number of US dollars`],
    ['[limits]\nusd = "1"', `${file}:2:1: [limits] usd must be a number of US dollars`],
    ["[limits]\nwall_clock = 0", `${file}:2:1: [limits] wall_clock must be above 0`],
    ["[limits]\nwall_clock = 2025-01-01", `${file}:2:1: [limits] wall_clock must be a number of seconds`],
    [
      '[prices."gpt-4.1"]\ninput = 1',
      `${file}:1:1: [prices."gpt-4.1"] output must be a number of US dollars per million tokens`,
    ],
    [
      "[prices.m]\ninput = 1\noutput = 2\ncache = 3",
      `${file}:4:1: [prices.m] cache is not a known key; did you mean "cached"?`,
    ],
    ["[prices]\nm = 3", `${file}:2:1: [prices] m must be a table`],
    [
      '[ollama]\nbase_url = "localhost:11434"',
      `${file}:2:1: [ollama] base_url must be an address such as "https://host/v1", without a user, a query or a ` +
      "fragment",
    ],
    [
      '[openai]\napi_key = "${NOPE}"',
      `${file}:2:1: [openai] api_key needs the variable NOPE, which is not set`,
    ],
    [
      '[openai]\napi_key = "${toString}"',
      `${file}:2:1: [openai] api_key needs the variable toString, which is not set`,
    ],
    [
      '[openai]\napi_key = "${KEY"',
      `${file}:2:1: [openai] api_key has a "\${" that does not begin a \${NAME}`,
    ],
    ['[openai]\napi_key = "${}"', `${file}:2:1: [openai] api_key has a "\${" that does not begin a \${NAME}`],
    [
      "[llm]\nmodel = 1\n[limits]\nturns = 0",
      `${file}:2:1: [llm] model must be text`,
      `${file}:4:1: [limits] turns must be at least 1`,
    ],
    [
      '[llm]\nprovider = "anthropic"\n[anthropic]\napi_key = "k"',
      `${file}: [llm] provider: "anthropic" cannot be used directly; this version speaks the OpenAI-compatible ` +
      "protocol: set OPENAI_BASE_URL=https://api.anthropic.com/v1, OPENAI_API_KEY and LLM_MODEL instead",
    ],
  ];
  for (const [toml, ...lines] of cases) {
    const told = lines.length === 1 ? ` ${lines[0]}` : lines.map((line) => `\n  ${line}`).join("");
    assert.equal(refusal({ toml, env: { KEY: "k" } }), `Cannot use the configuration:${told}`, toml);
  }
});

Deno.test("F040: bad variables are named with where they come from, bad flags as they are typed", () => {
  const cases: [given: Given, line: string][] = [
    [{ env: { LLM_CONTEXT_WINDOW: "128k" } }, "LLM_CONTEXT_WINDOW: must be a whole number"],
    [{ env: { LLM_CONTEXT_WINDOW: "0" } }, "LLM_CONTEXT_WINDOW: must be at least 1"],
    [{ dotenv: "LLM_CONTEXT_WINDOW=1e5" }, "LLM_CONTEXT_WINDOW in /here/.env: must be a whole number"],
    [
      { dotenv: "LLM_API_KEY_3='a b'" },
      "LLM_API_KEY_3 in /here/.env: has a space or another character that no key has",
    ],
    [{ flags: { turns: "many" } }, "--turns: must be a whole number"],
    [{ flags: { turns: "" } }, "--turns: must be a whole number"],
    [{ flags: { wallClock: "-1" } }, "--wall-clock: must be a number of seconds"],
    [{ flags: { usd: "1,5" } }, "--usd: must be a number of US dollars"],
    [{ flags: { model: "" } }, "--model: must not be empty"],
    [{ flags: { provider: "azure" } }, "--provider: must be one of openai, openrouter, ollama, anthropic"],
  ];
  for (const [given, line] of cases) assert.equal(refusal(given), `Cannot use the configuration: ${line}`);
  for (
    const url of ["localhost:1", "ftp://h", "https://u:p@h/v1", "https://h/v1?key=k", "https://h/#x", "h"]
  ) {
    assert.match(refusal({ env: { LLM_BASE_URL: url } }), /LLM_BASE_URL: must be an address/, url);
    assert.match(refusal({ env: { LLM_BASE_URL_1: url } }), /LLM_BASE_URL_1: must be an address/, url);
  }
  assert.match(
    refusal({ flags: { provider: "anthropic" } }),
    /configuration: --provider: "anthropic" cannot/,
  );
});

Deno.test("no refusal and no printed configuration quotes a key", () => {
  const refused: Given[] = [
    { toml: '[openai]\napi_key = "sk-secret' },
    { toml: '[openai]\napi_key = "sk-secret value"' },
    { toml: '[openai]\napi_key = "sk-secret"\nbase_url = "https://sk-secret@h"' },
    { toml: '[openai]\napi_key = ["sk-secret"]' },
    { toml: '[llm]\nprovider = "sk-secret"' },
    { env: { OPENAI_API_KEY: "sk-secret value" } },
    { env: { LLM_API_KEY_1: "sk-secret\nvalue" } },
    { env: { LLM_BASE_URL: "https://sk-secret@h" } },
    { flags: { turns: "sk-secret" } },
  ];
  for (const given of refused) assert.doesNotMatch(refusal(given), /secret/, JSON.stringify(given));
  const config = load({ env: { OPENAI_API_KEY: "sk-secret" } });
  assert.doesNotMatch(JSON.stringify(config) + Deno.inspect(config, { depth: 9 }), /secret/);
});
