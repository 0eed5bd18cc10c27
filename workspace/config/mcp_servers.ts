/**
 * What the configuration says of MCP servers whose tools are used: `[mcp.servers.<name>]`.
 *
 * @module
 */
import { z } from "zod";
import type { Environment } from "./file.ts";
import { Secret } from "./secret.ts";
import { list, seconds, table, text } from "./values.ts";

/** A program of this machine that speaks over its standard input and output. */
export interface StdioServer {
  /** An absolute path, or a name to be looked for in PATH. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables it is given beside {@linkcode StdioServer.inherited}. Any of them may be a key. */
  readonly env: Readonly<Record<string, Secret>>;
  /** What it is given of the real environment: where programs and its own files are, whose they are, the language. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Absolute path of the folder it starts in. Default the one Troupe was started in. */
  readonly cwd: string;
}

/** A server at an address, spoken to by Streamable HTTP. */
export interface HttpServer {
  /** Its address. */
  readonly url: string;
  /** Sent with each request. Any of them may be a key. */
  readonly headers: Readonly<Record<string, Secret>>;
}

/** A server whose tools are used. */
export interface McpServerSettings {
  /** Its tools are named after it: `<name>_<tool>`. */
  readonly name: string;
  /** How it is reached. */
  readonly reach: StdioServer | HttpServer;
  /** Milliseconds a call may take without a sign of progress. Default 60 000. */
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT_MS = 60_000;
/** A gateway in front tells server and tool apart by the first "_". */
const NAME = /^[a-z\d](?:[a-z\d-]{0,28}[a-z\d])?$/;
const INHERITED = ["PATH", "HOME", "USER", "LOGNAME", "LANG", "TMPDIR"];
/** What variables and headers with a key in them are called. */
const KEY_NAME = /key|token|secret|passw|auth|credential|cookie|session/i;

const variables = z.record(z.string(), z.string({ error: "must be text" }), { error: "must be a table" });
const url = text.refine(isServerAddress, {
  error: 'must be an address such as "https://host/mcp", without a user or a fragment',
});
const timeout = seconds.max(86_400, { error: "must be at most 86400 seconds" });

const server = table({
  command: text.optional(),
  args: list(z.string({ error: "must be text" })).optional(),
  env: variables.superRefine((env, context) => named(env, /^[A-Za-z_]\w*$/, "a variable", context))
    .optional(),
  cwd: text.optional(),
  url: url.optional(),
  headers: variables.superRefine((all, context) => {
    named(all, /^[\w!#$%&'*+.^`|~-]+$/, "a header", context);
    for (const [name, value] of Object.entries(all)) {
      if (!/^[\t\x20-\x7e]*$/.test(value)) wrong(context, name, "has a character that no header has");
    }
  }).optional(),
  timeout: timeout.optional(),
  disabled: z.boolean({ error: "must be true or false" }).optional(),
}).superRefine((given, context) => {
  const { command, url } = given;
  if (command === undefined && url === undefined) {
    wrong(context, "command", "is missing: give a command or a url");
  }
  if (command !== undefined && url !== undefined) {
    wrong(context, "url", "cannot stand beside command: give one");
  }
  for (const key of ["args", "env", "cwd"] as const) {
    if (given[key] !== undefined && command === undefined) wrong(context, key, "needs command");
  }
  if (given.headers !== undefined && url === undefined) wrong(context, "headers", "needs url");
});

/** The section `[mcp]` of the file. */
export const mcpSection = table({
  servers: z.record(z.string(), server, { error: "must be a table" }).superRefine((servers, context) => {
    for (const name of Object.keys(servers)) {
      if (!NAME.test(name)) {
        wrong(
          context,
          name,
          "must be named with small letters, digits and - between them, at most 30, without _",
        );
      }
    }
  }).optional(),
});
type Section = z.infer<typeof mcpSection>;

/** Where the servers' settings are completed from. */
export interface McpSurroundings {
  /** The environment. */
  readonly environment: Environment;
  /** Absolute path of one that was given. */
  path(given: string): string;
}

/** The servers of the section that are not disabled, by name. */
export function mcpServers(
  { servers = {} }: Section = {},
  { environment, path }: McpSurroundings,
): McpServerSettings[] {
  const inherited = Object.fromEntries(
    INHERITED.filter((name) => Object.hasOwn(environment, name)).map((name) => [name, environment[name]!]),
  );
  return Object.entries(servers).filter(([, { disabled }]) => disabled !== true).map(([name, given]) => ({
    name,
    reach: given.url !== undefined ? { url: given.url, headers: secret(given.headers) } : {
      command: given.command!.includes("/") ? path(given.command!) : given.command!,
      args: given.args ?? [],
      env: secret(given.env),
      inherited,
      cwd: path(given.cwd ?? "."),
    },
    timeoutMs: given.timeout === undefined ? DEFAULT_TIMEOUT_MS : Math.ceil(given.timeout * 1000),
  })).toSorted((one, other) => one.name < other.name ? -1 : 1);
}

/** What is taken for a key in the section, by the names of its settings: values whose name says so. */
export function mcpKeys({ servers = {} }: Section = {}): [name: string, value: string][] {
  return Object.entries(servers).flatMap(([server, { env = {}, headers = {}, url }]) => {
    const query = url === undefined ? {} : Object.fromEntries(new URL(url).searchParams);
    const all = [...entriesOf("env", env), ...entriesOf("headers", headers), ...entriesOf("url", query)];
    return all.filter(([at]) => KEY_NAME.test(at)).map(([at, value]): [string, string] => [
      `mcp.servers.${server}.${at}`,
      value.replace(/^(?:Bearer|Basic|Token)\s+/i, ""),
    ]);
  });
}

function entriesOf(table: string, values: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(values).map(([name, value]) => [`${table}.${name}`, value]);
}

function secret(values: Readonly<Record<string, string>> = {}): Record<string, Secret> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));
}

function named(
  values: Readonly<Record<string, string>>,
  pattern: RegExp,
  what: string,
  context: z.RefinementCtx,
): void {
  for (const name of Object.keys(values)) {
    if (!pattern.test(name)) wrong(context, name, `must be the name of ${what}`);
  }
}

function wrong(context: z.RefinementCtx, at: string, message: string): void {
  context.addIssue({ code: "custom", path: [at], message });
}

function isServerAddress(value: string): boolean {
  const url = URL.canParse(value) ? new URL(value) : undefined;
  return url !== undefined && (url.protocol === "http:" || url.protocol === "https:") &&
    url.username === "" && url.password === "" && url.hash === "";
}
