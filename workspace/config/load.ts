/**
 * The configuration: everything a person can set, found, checked and put together in one place before any
 * work begins. What is said later wins: defaults, then the configuration file, `.env`, the environment, flags.
 *
 * @module
 */
import { isAbsolute, join, relative, resolve } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";
import type { Limits } from "../../protocols/messages/run.ts";
import type { Prices } from "../prices/prices.ts";
import { a2aAgents, type A2aAgentSettings } from "./a2a_agents.ts";
import { chooseEndpoints, type Endpoint, type NoEndpoint, ollamaEndpoint } from "./endpoints.ts";
import { readEnvironment } from "./environment.ts";
import { configPaths, type Environment, findConfigFile, namedConfigFile, type ReadText } from "./file.ts";
import { mcpServers, type McpServerSettings } from "./mcp_servers.ts";
import { describe, invalid } from "./problem.ts";
import { type ConfigFile, Flags, type FlagTexts } from "./schema.ts";
import { keysOf, type Secret } from "./secret.ts";
import { type ServerSettings, serverSettings } from "./server_settings.ts";
import { type PythonSettings, pythonSettings, type ToolSettings, toolSettings } from "./tool_settings.ts";

/** Where a configuration comes from. */
export interface ConfigInput {
  /** The folder Troupe was started in; absolute. */
  readonly cwd: string;
  /** The person's own folder; absolute; undefined where there is none. */
  readonly home: string | undefined;
  /** The real environment, without `.env`. */
  readonly env: Environment;
  /** {@linkcode readTextFile}, or a twin of it. */
  readonly readText: ReadText;
  /** The command line. */
  readonly flags: FlagTexts;
  /** The configuration file a person named, instead of those that are looked for. */
  readonly file?: string;
  /** The folder of Troupe's own source, when it runs from source. */
  readonly sourceRoot?: string;
}

/** A checked configuration. All paths are absolute. */
export interface Config {
  /** In the order they are tried; empty when there is nothing to ask, and then `noEndpoint` says why. */
  readonly endpoints: readonly Endpoint[];
  /** Present exactly when `endpoints` is empty. */
  readonly noEndpoint?: NoEndpoint;
  /** `turns` is 25 unless set; the others are without bound unless set. */
  readonly limits: Limits;
  /** Tokens a model can take in at once. Default 128 000. */
  readonly contextWindow: number;
  /** Prices of the file, which win over those that come with Troupe. */
  readonly prices: Prices;
  /** The only folder agents may write in. Default `./workspace`. */
  readonly workspace: string;
  /** The database file. Default `$XDG_STATE_HOME/troupe/troupe.db`, else `~/.local/state/troupe/troupe.db`. */
  readonly db: string;
  /** Default `./specs`. */
  readonly specDir: string;
  /** Rounds of a loop over specifications; absent means without bound. */
  readonly maxIterations?: number;
  /** What tools may be handed. */
  readonly tools: ToolSettings;
  /** How Python runs. */
  readonly python: PythonSettings;
  /** Agents that work elsewhere, by name. */
  readonly a2aAgents: readonly A2aAgentSettings[];
  /** MCP servers whose tools are used, by name. */
  readonly mcpServers: readonly McpServerSettings[];
  /** How Troupe serves. */
  readonly server: ServerSettings;
  /** Folder for what can be made again. Default `$XDG_CACHE_HOME/troupe`, else `~/.cache/troupe`. */
  readonly cache: string;
  /** Every key there is, in use or not, by the name of its variable or setting. */
  readonly keys: ReadonlyMap<string, Secret>;
  /** The configuration file that was used. */
  readonly file?: string;
}

const DEFAULT_TURNS = 25;

/**
 * Finds, checks and merges the configuration. Reads nothing but through `readText`.
 * @throws {Fault} code `config_invalid`, a line for each problem, none of which quotes a value.
 */
export function loadConfig(input: ConfigInput): Config {
  const { cwd, home, env, readText } = input;
  const flags = checkFlags(input.flags);
  const environment = readEnvironment(cwd, env, readText);
  const file = input.file === undefined
    ? findConfigFile(configPaths(cwd, home), readText, environment.all)
    : namedConfigFile(resolve(cwd, fromHome(input.file, home)), readText, environment.all);
  const { known } = environment;
  const { troupe = {}, limits, prices = {}, python, server } = file?.content ?? {};
  const path = (given: string) => resolve(cwd, fromHome(given, home));
  const workspace = flags.workspace ?? known.WORKSPACE_DIR ?? troupe.workspace;
  const db = flags.db ?? troupe.db;
  return {
    ...chooseEndpoints({ flags, environment, file }),
    limits: mergeLimits(flags, limits),
    contextWindow: known.LLM_CONTEXT_WINDOW,
    prices,
    workspace: workspace === undefined ? defaultWorkspace(cwd, input.sourceRoot) : path(workspace),
    db: db === undefined ? defaultDb(cwd, home, known.XDG_STATE_HOME) : path(db),
    cache: cacheFolder(cwd, home, known.XDG_CACHE_HOME),
    tools: toolSettings(file?.content),
    python: pythonSettings(python),
    a2aAgents: a2aAgents(file?.content.a2a),
    mcpServers: mcpServers(file?.content.mcp, { environment: environment.all, path }),
    server: serverSettings(server),
    keys: keysOf(environment, file?.content),
    specDir: path(troupe.spec_dir ?? "specs"),
    ...(troupe.max_iterations === undefined ? {} : { maxIterations: troupe.max_iterations }),
    ...(file === undefined ? {} : { file: file.path }),
  };
}

/** The endpoint of an Ollama that answered a probe: the model asked for by name, else the one it has. */
export function localEndpoint(config: Config, baseUrl: string, found: { model: string }): Endpoint {
  return ollamaEndpoint(
    baseUrl,
    config.noEndpoint?.model ?? found.model,
    config.contextWindow,
    config.prices,
  );
}

/**
 * Reads a text file; undefined when there is none.
 * @throws {Fault} code `config_unreadable` when there is something that cannot be read.
 */
export function readTextFile(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path).replace(/^\uFEFF/, ""); // some editors begin files with a mark
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return undefined;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Fault("config_unreadable", `Cannot read ${path}: ${reason}`, { cause: error });
  }
}

function checkFlags(texts: FlagTexts): Flags {
  const checked = Flags.safeParse(texts);
  if (checked.success) return checked.data;
  throw invalid(describe(checked.error).map(({ path, what }) => ({ at: flagName(path.join()), what })));
}

/** `wallClock` as it is typed: `--wall-clock`. */
function flagName(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

function mergeLimits(flags: Flags, file: ConfigFile["limits"] = {}): Limits {
  const tokens = flags.tokens ?? file.tokens;
  const usd = flags.usd ?? file.usd;
  const seconds = flags.wallClock ?? file.wall_clock;
  return {
    turns: flags.turns ?? file.turns ?? DEFAULT_TURNS,
    ...(tokens === undefined ? {} : { tokens }),
    ...(usd === undefined ? {} : { nanoUsd: Math.round(usd * 1e9) }),
    ...(seconds === undefined ? {} : { wallMs: Math.ceil(seconds * 1000) }),
  };
}

function fromHome(path: string, home: string | undefined): string {
  if (home === undefined || !(path === "~" || path.startsWith("~/"))) return path;
  return join(home, path.slice(1));
}

/** `./workspace`, but never within Troupe's own source: an agent must not write into the program it runs in. */
function defaultWorkspace(cwd: string, sourceRoot: string | undefined): string {
  const usual = join(cwd, "workspace");
  if (sourceRoot === undefined) return usual;
  const below = relative(sourceRoot, usual);
  const inside = below !== ".." && !below.startsWith("../") && !isAbsolute(below);
  return inside ? join(sourceRoot, ".troupe", "workspace") : usual;
}

function defaultDb(cwd: string, home: string | undefined, stateHome: string | undefined): string {
  // The XDG specification says to ignore a relative path.
  if (stateHome !== undefined && isAbsolute(stateHome)) return join(stateHome, "troupe", "troupe.db");
  return home === undefined
    ? join(cwd, ".troupe", "troupe.db")
    : join(home, ".local", "state", "troupe", "troupe.db");
}

function cacheFolder(cwd: string, home: string | undefined, cacheHome: string | undefined): string {
  if (cacheHome !== undefined && isAbsolute(cacheHome)) return join(cacheHome, "troupe");
  return home === undefined ? join(cwd, ".troupe", "cache") : join(home, ".cache", "troupe");
}
