import assert from "node:assert/strict";
import { join } from "node:path";
import { loadConfig, readTextFile } from "../../../workspace/config/load.ts";
import { ConfigFile, keysOfFile } from "../../../workspace/config/schema.ts";

const example = new URL("../../../examples/troupe.toml.example", import.meta.url);
const env = {
  OPENAI_API_KEY: "sk-1",
  OPENROUTER_API_KEY: "sk-or-1",
  ANTHROPIC_API_KEY: "k",
  TROUPE_KEY_OF_ANN: "a-key-of-sixteen",
  WEATHER_TOKEN: "w-1",
  SEARCH_TOKEN: "t",
};

Deno.test("files are read where they are looked for", () => {
  const home = Deno.makeTempDirSync();
  const cwd = Deno.makeTempDirSync();
  try {
    Deno.mkdirSync(join(home, ".config", "troupe"), { recursive: true });
    Deno.writeTextFileSync(join(home, ".config", "troupe", "config.toml"), '\uFEFF[llm]\r\nmodel = "m"\r\n');
    Deno.writeTextFileSync(join(cwd, ".env"), "\uFEFFOPENAI_API_KEY=sk-1\r\n");
    const config = loadConfig({ cwd, home, env: {}, flags: {}, readText: readTextFile });
    assert.equal(config.file, join(home, ".config", "troupe", "config.toml"));
    assert.deepEqual(config.endpoints.map(({ model, apiKey }) => [model, apiKey.reveal()]), [["m", "sk-1"]]);
  } finally {
    Deno.removeSync(home, { recursive: true });
    Deno.removeSync(cwd, { recursive: true });
  }
});

Deno.test("what is not there reads as nothing, what cannot be read is a fault", () => {
  const folder = Deno.makeTempDirSync();
  try {
    Deno.writeTextFileSync(join(folder, "file"), "");
    assert.equal(readTextFile(join(folder, "none")), undefined);
    assert.equal(readTextFile(join(folder, "file", "none")), undefined);
    assert.equal(readTextFile(join(folder, "file")), "");
    assert.throws(() => readTextFile(folder), { code: "config_unreadable" });
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
});

Deno.test("F034: the example is a configuration that changes nothing", () => {
  const load = (toml: string | undefined) =>
    loadConfig({
      cwd: "/here",
      home: "/home/ann",
      env,
      flags: {},
      readText: (path) => path === "/here/troupe.toml" ? toml : undefined,
    });
  const { file, ...copied } = load(Deno.readTextFileSync(example));
  assert.equal(file, "/here/troupe.toml");
  assert.deepEqual(copied, load(undefined));
});

Deno.test("F034: every setting of the example is right, and every setting is in the example", () => {
  const toml = Deno.readTextFileSync(example).replace(/^# (?=\[|\w+ = )/gm, "");
  const config = loadConfig({
    cwd: "/here",
    home: "/home/ann",
    env,
    flags: {},
    readText: (path) => path === "/here/troupe.toml" ? toml : undefined,
  });
  assert.equal(config.limits.wallMs, 600_000);
  assert.equal(config.maxIterations, 10);
  for (const section of Object.keys(ConfigFile.shape)) {
    const text = toml.split(/^\[/m).find((part) => part.startsWith(section)) ?? "";
    for (const key of keysOfFile([section])) {
      const inner = new RegExp(`^\\[+${section}\\.${key}(\\.[\\w-]+)?\\]+$`, "m").test(toml);
      if (!inner) assert.match(text, new RegExp(`^${key} = `, "m"), `${section}.${key}`);
    }
  }
});
