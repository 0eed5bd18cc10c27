/**
 * The configuration file: where it is looked for, how `${NAME}` is filled in, where in it a problem lies.
 *
 * @module
 */
import { join } from "node:path";
import { parse, TomlError } from "smol-toml";
import { Fault } from "../../protocols/messages/fault.ts";
import { describe, invalid, nameOf, type Path, type Problem } from "./problem.ts";
import { ConfigFile, keysOfFile } from "./schema.ts";

/** Reads a text file; undefined when there is none. */
export type ReadText = (path: string) => string | undefined;

/** Variables by name. */
export type Environment = Readonly<Record<string, string>>;

/** The file that is used, checked. */
export interface FoundFile {
  /** Absolute. */
  readonly path: string;
  /** Checked, variables filled in. */
  readonly content: ConfigFile;
}

/**
 * The file a person named.
 * @throws {Fault} code `config_unreadable` when it is not there, and as {@linkcode findConfigFile}.
 */
export function namedConfigFile(path: string, readText: ReadText, environment: Environment): FoundFile {
  const found = findConfigFile([path], readText, environment);
  if (found !== undefined) return found;
  throw new Fault("config_unreadable", `Cannot read the configuration file ${path}: there is none`);
}

/** Where a configuration file may be, the first found wins. */
export function configPaths(cwd: string, home: string | undefined): string[] {
  const own = home === undefined
    ? []
    : [join(home, ".config", "troupe", "config.toml"), join(home, ".troupe", "config.toml")];
  return [join(cwd, "troupe.toml"), ...own];
}

/**
 * The first of `paths` that exists, with `${NAME}` replaced from `environment`; undefined when none does.
 * @throws {Fault} code `config_invalid`, with file, line and column of every problem.
 */
export function findConfigFile(
  paths: readonly string[],
  readText: ReadText,
  environment: Environment,
): FoundFile | undefined {
  for (const path of paths) {
    const toml = readText(path);
    if (toml !== undefined) return { path, content: parseConfigFile(path, toml, environment) };
  }
}

function parseConfigFile(file: string, toml: string, environment: Environment): ConfigFile {
  const locate = ({ path, what }: { path: Path; what: string }): Problem => ({
    at: [file, ...position(toml, path) ?? position(toml, path.slice(0, -1)) ?? []].join(":"),
    what: `${nameOf(path)} ${what}`,
  });
  const unset: { path: Path; what: string }[] = [];
  const filled = substitute(parseToml(file, toml), environment, [], unset);
  if (unset.length > 0) throw invalid(unset.map(locate));
  const checked = ConfigFile.safeParse(filled);
  if (checked.success) return checked.data;
  throw invalid(describe(checked.error, keysOfFile).map(locate));
}

function parseToml(file: string, toml: string): Record<string, unknown> {
  try {
    return parse(toml);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    // The lines after the first quote the file, in which there may be a key.
    const what = error.message.split("\n", 1)[0] ?? "";
    throw invalid([{ at: `${file}:${error.line}:${error.column}`, what }]);
  }
}

/** `value` with every `${NAME}` in its texts replaced; what cannot be is added to `unset`. */
function substitute(
  value: unknown,
  environment: Environment,
  path: Path,
  unset: { path: Path; what: string }[],
): unknown {
  if (typeof value === "string") {
    return value.replace(/\$\{([^}]*)(\}?)/g, (_, name: string, end: string) => {
      const found = Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (found !== undefined && end !== "") return found;
      const what = end === "" || !/^[A-Za-z_]\w*$/.test(name)
        ? 'has a "${" that does not begin a ${NAME}'
        : `needs the variable ${name}, which is not set`;
      unset.push({ path, what });
      return "";
    });
  }
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  // In a rule about commands it is the command's.
  if (Array.isArray(value)) {
    return path[0] === "policy" ? value : value.map((item) => substitute(item, environment, path, unset));
  }
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, substitute(inner, environment, [...path, key], unset)]),
  );
}

/** Line and column at which the key of that path is written, where that is plain to see. */
function position(toml: string, path: Path): [line: number, column: number] | undefined {
  const wanted = path.join(".");
  if (wanted === "") return undefined;
  let table = "";
  for (const [index, line] of toml.split("\n").entries()) {
    const header = /^\s*\[{1,2}([^[\]]+)\]/.exec(line)?.[1];
    const key = /^\s*([^=#[\]]+?)\s*=/.exec(line)?.[1];
    if (header !== undefined) table = plain(header);
    const here = header !== undefined
      ? table
      : key !== undefined
      ? [table, plain(key)].filter(Boolean).join(".")
      : "";
    if (here === wanted) return [index + 1, line.search(/\S/) + 1];
  }
}

/** A key without the quotes and spaces TOML allows around its parts. */
function plain(key: string): string {
  return key.replace(/["']/g, "").replace(/\s*\.\s*/g, ".").trim();
}
