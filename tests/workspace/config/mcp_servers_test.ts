import assert from "node:assert/strict";
import type { Fault } from "../../../protocols/messages/fault.ts";
import { type Config, loadConfig } from "../../../workspace/config/load.ts";

const ENV = {
  PATH: "/bin",
  HOME: "/home/ann",
  LANG: "C",
  OPENAI_API_KEY: "sk-parents-own",
  TOKEN: "plum-plum-plum",
};

function load(toml: string, env: Record<string, string> = ENV): Config {
  const files: Record<string, string> = { "/here/troupe.toml": toml, "/here/.env": "OTHER=fig-fig-fig" };
  return loadConfig({ cwd: "/here", home: "/home/ann", env, flags: {}, readText: (path) => files[path] });
}

function refusal(toml: string): string {
  try {
    load(toml);
  } catch (error) {
    const { code, message } = error as Fault;
    assert.equal(code, "config_invalid", String(error));
    return message.replaceAll("/here/troupe.toml:", "");
  }
  throw new assert.AssertionError({ message: `accepted ${toml}` });
}

Deno.test("MCP servers are programs or addresses, by name", () => {
  assert.deepEqual(load("").mcpServers, []);
  const { mcpServers, keys } = load(`
[mcp.servers.web]
url = "https://mcp.example/mcp?space=1&api_key=pear-pear"
headers = { Authorization = "Bearer \${TOKEN}", X-Team = "blue" }
timeout = 1.5

[mcp.servers.files-2]
command = "npx"
args = ["-y", "server", "--key=\${OTHER}"]
env = { API_KEY = "\${TOKEN}", DEBUG = "" }
cwd = "~/files"

[mcp.servers.local]
command = "./tools/server"

[mcp.servers.off]
command = "x"
disabled = true
`);
  const inherited = { PATH: "/bin", HOME: "/home/ann", LANG: "C" };
  const shown = mcpServers.map(({ name, timeoutMs, reach }) => {
    const secrets = "url" in reach ? reach.headers : reach.env;
    const values = Object.fromEntries(
      Object.entries(secrets).map(([name, secret]) => [name, secret.reveal()]),
    );
    return { name, timeoutMs, ...reach, ...("url" in reach ? { headers: values } : { env: values }) };
  });
  assert.deepEqual(shown, [
    {
      name: "files-2",
      timeoutMs: 60_000,
      command: "npx",
      args: ["-y", "server", "--key=fig-fig-fig"],
      env: { API_KEY: "plum-plum-plum", DEBUG: "" },
      inherited,
      cwd: "/home/ann/files",
    },
    {
      name: "local",
      timeoutMs: 60_000,
      command: "/here/tools/server",
      args: [],
      env: {},
      inherited,
      cwd: "/here",
    },
    {
      name: "web",
      timeoutMs: 1_500,
      url: "https://mcp.example/mcp?space=1&api_key=pear-pear",
      headers: { Authorization: "Bearer plum-plum-plum", "X-Team": "blue" },
    },
  ]);
  assert.doesNotMatch(JSON.stringify(mcpServers[2]), /plum/);
  assert.deepEqual(
    [...keys].filter(([name]) => name.startsWith("mcp.")).map(([name, secret]) => [name, secret.reveal()]),
    [["mcp.servers.files-2.env.API_KEY", "plum-plum-plum"], ["mcp.servers.web.url.api_key", "pear-pear"]],
    "the same key is known once, and what is none is not",
  );
});

Deno.test("what is wrong with an MCP server is said where it stands", () => {
  const cases: [toml: string, message: string][] = [
    ["[mcp.servers.a]", "1:1: [mcp.servers.a] command is missing: give a command or a url"],
    [
      '[mcp.servers.a]\ncommand = "x"\nurl = "http://x"',
      "3:1: [mcp.servers.a] url cannot stand beside command: give one",
    ],
    ['[mcp.servers.a]\nurl = "http://x"\nargs = []', "3:1: [mcp.servers.a] args needs command"],
    ['[mcp.servers.a]\ncommand = "x"\nheaders = {}', "3:1: [mcp.servers.a] headers needs url"],
    [
      '[mcp.servers.a_b]\ncommand = "x"',
      "1:1: [mcp.servers] a_b must be named with small letters, digits and - between them, at most 30, without _",
    ],
    ['[mcp.servers.a]\ncommand = ""', "2:1: [mcp.servers.a] command must not be empty"],
    [
      '[mcp.servers.a]\ncomand = "x"',
      '2:1: [mcp.servers.a] comand is not a known key; did you mean "command"?',
    ],
    [
      '[mcp.servers.a]\nurl = "ftp://x"',
      '2:1: [mcp.servers.a] url must be an address such as "https://host/mcp", without a user or a fragment',
    ],
    [
      '[mcp.servers.a]\nurl = "https://ann:plum@x/"',
      '2:1: [mcp.servers.a] url must be an address such as "https://host/mcp", without a user or a fragment',
    ],
    [
      '[mcp.servers.a]\nurl = "http://x"\nheaders = { "a b" = "c" }',
      '[mcp.servers.a.headers] "a b" must be the name of a header',
    ],
    [
      '[mcp.servers.a]\nurl = "http://x"\nheaders = { a = "c\\r\\nd: e" }',
      "[mcp.servers.a.headers] a has a character that no header has",
    ],
    [
      '[mcp.servers.a]\ncommand = "x"\nenv = { "A=B" = "c" }',
      '[mcp.servers.a.env] "A=B" must be the name of a variable',
    ],
    ['[mcp.servers.a]\ncommand = "x"\nenv = { A = 1 }', "[mcp.servers.a.env] A must be text"],
    [
      '[mcp.servers.a]\ncommand = "x"\nargs = ["${NO}"]',
      "3:1: [mcp.servers.a] args needs the variable NO, which is not set",
    ],
    ['[mcp.servers.a]\ncommand = "x"\ntimeout = 0', "2:1: [mcp.servers.a] timeout must be above 0"],
    ["[mcp]\nserver = 1", '2:1: [mcp] server is not a known key; did you mean "servers"?'],
  ];
  for (const [toml, message] of cases) {
    const said = refusal(toml);
    assert.ok(said.includes(message.replace(/^\d+:\d+: /, "")), `${toml}\n${said}`);
  }
});
