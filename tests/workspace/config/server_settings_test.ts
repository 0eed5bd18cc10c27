import assert from "node:assert/strict";
import { loadConfig } from "../../../workspace/config/load.ts";
import { keysOfFile } from "../../../workspace/config/schema.ts";
import type { ServerSettings } from "../../../workspace/config/server_settings.ts";

const KEY = "ann-0123456789abcdef";

function load(toml = "", env: Record<string, string> = {}) {
  const readText = (path: string) => path === "/here/troupe.toml" ? toml : undefined;
  return loadConfig({ cwd: "/here", home: undefined, env, flags: {}, readText });
}

function server(toml: string): ServerSettings {
  return load(toml).server;
}

Deno.test("F078-F083: what holds when nothing is said", () => {
  assert.deepEqual(server(""), {
    host: "127.0.0.1",
    port: 9999,
    allowedHosts: [],
    origins: [],
    bodyBytes: 4_194_304,
    headers: { "x-gateway": "troupe", "x-powered-by": "troupe" },
    a2a: { timeoutMs: 120_000, ratePerMinute: 10, apiKeys: new Map(), pushHosts: [] },
    mcp: { timeoutMs: 60_000, ratePerMinute: 20, idleMs: 1_800_000 },
  });
});

Deno.test("everything of serving can be set, and keys come from the environment", () => {
  const toml = `[server]
host = "0.0.0.0"
port = 0
public_url = "https://troupe.example.com/agent/"
allowed_hosts = ["troupe.internal:3001"]
origins = ["https://ide.example.com", "vscode-webview://abc", "http://[::1]:6274"]
body_bytes = 1000
headers = { X-Gateway = "edge", x-powered-by = "", x-own = "1" }
[server.a2a]
timeout = 0.5
rate_per_minute = 0
push_hosts = ["localhost:9000"]
api_keys = { ann = "\${ANNS_KEY}" }
[server.mcp]
timeout = 30
rate_per_minute = 1
idle_minutes = 0.5
[server.mcp.oauth]
mode = "required"
issuer = "https://login.example.com/"
audiences = ["rig-rlm-mcp"]
jwks_url = "https://login.example.com/jwks.json"
scopes = ["mcp:call"]
`;
  const { server, keys } = load(toml, { ANNS_KEY: KEY });
  const { a2a: { apiKeys, ...a2a }, ...rest } = server;
  assert.deepEqual([...apiKeys].map(([name, key]) => [name, key.reveal()]), [["ann", KEY]]);
  assert.equal(keys.get("server.a2a.api_keys.ann")?.reveal(), KEY);
  assert.ok(!JSON.stringify(server).includes(KEY));
  assert.deepEqual(a2a, { timeoutMs: 500, ratePerMinute: 0, pushHosts: ["localhost:9000"] });
  assert.deepEqual(rest, {
    host: "0.0.0.0",
    port: 0,
    publicUrl: "https://troupe.example.com/agent",
    allowedHosts: ["troupe.internal:3001"],
    origins: ["https://ide.example.com", "vscode-webview://abc", "http://[::1]:6274"],
    bodyBytes: 1000,
    headers: { "x-gateway": "edge", "x-own": "1" },
    mcp: {
      timeoutMs: 30_000,
      ratePerMinute: 1,
      idleMs: 30_000,
      oauth: {
        issuer: "https://login.example.com/",
        audiences: ["rig-rlm-mcp"],
        jwksUrl: "https://login.example.com/jwks.json",
        scopes: ["mcp:call"],
      },
    },
  });
});

Deno.test("tokens are not asked for unless that is said", () => {
  const oauth = `[server.mcp.oauth]\nissuer = "https://login.example.com"\n`;
  assert.equal(server(oauth).mcp.oauth, undefined);
  assert.equal(server(`${oauth}mode = "off"`).mcp.oauth, undefined);
});

Deno.test("what is wrong is said with its place and never quoted", () => {
  const cases: [toml: string, says: RegExp][] = [
    ["[server]\nport = 65536", /troupe\.toml:2:1: \[server\] port must be at most 65535/],
    ["[server]\nport = -1", /must not be negative/],
    ['[server]\nport = "9999"', /must be a whole number/],
    ['[server]\npublic_url = "troupe.example.com"', /public_url must be an address/],
    ['[server]\nallowed_hosts = ["https://troupe.internal"]', /item 1 must be a host/],
    ['[server]\norigins = ["*"]', /origins item 1 must be an origin/],
    ['[server]\norigins = ["null"]', /must be an origin/],
    ['[server]\norigins = ["https://ide.example.com/"]', /without a path/],
    ['[server]\norigins = ["https://IDE.example.com"]', /in small letters/],
    ["[server]\nbody_bytes = 0", /must be at least 1/],
    ['[server.headers]\n"bad name" = "x"', /headers\]? "bad name" is not a name/],
    ['[server.headers]\nx-own = "a\\r\\nSet-Cookie: x"', /has a character that no header has/],
    ["[server]\nhots = 1", /did you mean "host"\?/],
    ["[server.a2a]\ntimeout = 0", /\[server\.a2a\] timeout must be above 0/],
    ["[server.a2a]\ntimeout = 1000000", /must be at most 86400 seconds/],
    ["[server.a2a]\nrate_per_minute = 1.5", /must be a whole number/],
    ["[server.a2a]\nratepm = 1", /known are|did you mean/],
    ['[server.a2a.api_keys]\nann = "short"', /api_keys\] ann must have at least 16 characters/],
    ['[server.a2a.api_keys]\nann = "${NO_SUCH_KEY}"', /needs the variable NO_SUCH_KEY, which is not set/],
    ['[server.a2a.api_keys]\n"a b" = "0123456789abcdef"', /"a b" is not a name/],
    ['[server.mcp.oauth]\nmode = "on"', /must be "required" or "off"/],
    [
      '[server.mcp.oauth]\nmode = "required"',
      /mode is "required", which needs issuer, audiences, jwks_url too/,
    ],
    ["[server.mcp.oauth]\naudiences = []", /must name at least one/],
    ['[server.mcp.oauth]\nscopes = ["a b"]', /must be a scope, without spaces/],
    ['[server.mcp.oauth]\nissuer = "login"', /must be the address/],
  ];
  for (const [toml, says] of cases) {
    assert.throws(() => server(toml), { code: "config_invalid", message: says }, toml);
  }
});

Deno.test("the keys of every table within are known, those that people choose are not", () => {
  assert.deepEqual(keysOfFile(["server", "a2a"]), ["timeout", "rate_per_minute", "api_keys", "push_hosts"]);
  assert.deepEqual(keysOfFile(["server", "a2a", "api_keys"]), []);
  assert.ok(keysOfFile(["server", "mcp", "oauth"]).includes("jwks_url"));
  assert.deepEqual(keysOfFile(["prices", "any"]), ["input", "cached", "output"]);
  assert.deepEqual(keysOfFile(["server", "nothing", "toString"]), []);
});
