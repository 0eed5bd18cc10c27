/**
 * The configurations for agentgateway hold the policies Troupe has itself. That they are valid against agentgateway's
 * own schema (1.4.1) was checked by hand when they were written: the schema is 340 KB, and its YAML needs a library.
 *
 * @module
 */
import assert from "node:assert/strict";
import { serverSettings } from "../../workspace/config/server_settings.ts";

const FOLDER = new URL("../../examples/agentgateway/", import.meta.url);
const FILES = ["agentgateway-a2a.yaml", "agentgateway-mcp.yaml", "agentgateway-mcp-multiplex.yaml"] as const;
const ROUTE = "binds.0.listeners.0.routes.0";
const settings = serverSettings();

/**
 * The values of a file in block style by their path, "binds.0.port". Only what these files use: lists below their key,
 * values of one line.
 */
function valuesOf(text: string): Map<string, string> {
  const values = new Map<string, string>();
  /** Keys and places in lists that lead here, with the column each stands at. */
  const path: { column: number; part: string | number }[] = [];
  for (const line of text.split("\n")) {
    if (/^\s*(#.*)?$/.test(line)) continue;
    let [, indent = "", rest = ""] = /^( *)(.*)$/.exec(line)!;
    let column = indent.length;
    while (path.length > 0 && path.at(-1)!.column > column) path.pop();
    while (rest.startsWith("- ")) {
      const last = path.at(-1);
      if (last?.column === column && typeof last.part === "number") last.part++;
      else path.push({ column, part: 0 });
      column += 2;
      rest = rest.slice(2);
      while (path.at(-1)!.column >= column) path.pop();
    }
    const [, key, value = ""] = /^([\w-]+):(?: (.*))?$/.exec(rest) ?? [];
    if (key !== undefined) {
      while (path.length > 0 && path.at(-1)!.column >= column) path.pop();
      path.push({ column, part: key });
    }
    const said = key === undefined ? rest : value;
    if (said !== "") values.set(path.map(({ part }) => part).join("."), said.replace(/^"(.*)"$/, "$1"));
  }
  return values;
}

async function read(file: string): Promise<Map<string, string>> {
  return valuesOf(await Deno.readTextFile(new URL(file, FOLDER)));
}

/** All values below a path, in order. */
function below(values: Map<string, string>, path: string): string[] {
  return [...values].filter(([key]) => key.startsWith(`${path}.`)).map(([, value]) => value);
}

Deno.test("the reader reads what these files are written in", () => {
  const text =
    'a:\n- b: 1\n  c:\n    d: "x y"\n    e:\n    - f\n    - g: 2\n# z: 3\n- h: {}\n  # i: 4\nj: http://k:1/l\n';
  assert.deepEqual([...valuesOf(text)], [
    ["a.0.b", "1"],
    ["a.0.c.d", "x y"],
    ["a.0.c.e.0", "f"],
    ["a.0.c.e.1.g", "2"],
    ["a.1.h", "{}"],
    ["j", "http://k:1/l"],
  ]);
});

Deno.test("each gateway listens at 3001, with the time, the rate and the headers that Troupe has itself", async () => {
  for (const file of FILES) {
    const values = await read(file);
    const { timeoutMs, ratePerMinute } = file.includes("a2a") ? settings.a2a : settings.mcp;
    const policy = (name: string) => values.get(`${ROUTE}.policies.${name}`);
    assert.equal(values.get("binds.0.port"), "3001", file);
    assert.equal(policy("timeout.requestTimeout"), `${timeoutMs / 1000}s`, file);
    assert.equal(policy("timeout.backendRequestTimeout"), `${timeoutMs / 1000}s`, file);
    assert.equal(policy("localRateLimit.0.maxTokens"), `${ratePerMinute}`, file);
    assert.equal(policy("localRateLimit.0.tokensPerFill"), `${ratePerMinute}`, file);
    assert.equal(policy("localRateLimit.0.fillInterval"), "60s", file);
    for (const header of Object.keys(settings.headers)) {
      assert.ok(policy(`responseHeaderModifier.set.${header}`), `${file}: ${header}`);
    }
    const origins = below(values, `${ROUTE}.policies.cors.allowOrigins`);
    assert.ok(origins.length > 0 && !origins.includes("*"), file);
    // Signing in and tracing are there for who wants them, and off.
    assert.deepEqual(
      [...values.keys()].filter((key) => /mcpAuthentication|tracing|backendAuth/.test(key)),
      [],
      file,
    );
  }
});

Deno.test("A2A: agent cards are rewritten, JSON-RPC is reached at the base too, and goes to where Troupe listens", async () => {
  const values = await read("agentgateway-a2a.yaml");
  assert.equal(values.get(`${ROUTE}.policies.a2a`), "{}");
  assert.deepEqual(below(values, `${ROUTE}.matches`), ["/", "/a2a", "/.well-known"]);
  assert.equal(values.get(`${ROUTE}.backends.0.host`), `${settings.host}:${settings.port}`);
  const headers = below(values, `${ROUTE}.policies.cors.allowHeaders`);
  for (const header of ["content-type", "authorization", "a2a-version", "x-api-key"]) {
    assert.ok(headers.includes(header), header);
  }
});

Deno.test("MCP: Troupe's endpoint is a target, alone or beside another, and no target has a low line in its name", async () => {
  for (const [file, names] of [[FILES[1], ["troupe"]], [FILES[2], ["troupe", "everything"]]] as const) {
    const values = await read(file);
    const found = [...values].filter(([key]) => /\.targets\.\d+\.name$/.test(key)).map(([, name]) => name);
    assert.deepEqual(found, names, file);
    assert.ok(found.every((name) => !name.includes("_")));
    assert.equal(
      values.get(`${ROUTE}.backends.0.mcp.targets.0.mcp.host`),
      `http://${settings.host}:${settings.port}/mcp`,
      file,
    );
    const exposed = below(values, `${ROUTE}.policies.cors.exposeHeaders`);
    assert.ok(exposed.includes("mcp-session-id") && exposed.includes("www-authenticate"), file);
    const text = await Deno.readTextFile(new URL(file, FOLDER));
    for (const line of ["mcpAuthentication:", "mode: strict", "- rig-rlm-mcp", "jwks:", "issuer: "]) {
      assert.match(text, new RegExp(`^ *# *${line}`, "m"), `${file}: ${line}`);
    }
  }
});
