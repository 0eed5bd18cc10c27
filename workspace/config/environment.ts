/**
 * The environment as Troupe sees it: the real one over `.env`.
 *
 * A variable set to nothing counts as not set, so `NAME= troupe run ...` switches off what `.env` says.
 *
 * @module
 */
import { join } from "node:path";
import { parse } from "dotenv";
import type { Environment, ReadText } from "./file.ts";
import { describe, invalid, type Problem } from "./problem.ts";
import { NumberedVariables, Variables } from "./schema.ts";

/** The variables, as they are and checked. */
export interface CheckedEnvironment {
  /** All of them, for `${NAME}` in the file. */
  readonly all: Environment;
  /** Those that mean something to Troupe. */
  readonly known: Variables;
  /** `LLM_API_KEY_1` with `LLM_BASE_URL_1` and so on, by number up to 9999; gaps are fine. */
  readonly numbered: readonly NumberedVariables[];
}

/**
 * Reads `.env` in `cwd`, puts `env` over it and checks what is known of both.
 * @throws {Fault} code `config_invalid`, naming each bad variable and where it comes from.
 */
export function readEnvironment(cwd: string, env: Environment, readText: ReadText): CheckedEnvironment {
  const dotenv = join(cwd, ".env");
  const all = withoutEmpty({ ...parse(readText(dotenv) ?? ""), ...env });
  const problems: Problem[] = [];
  const where = (name: string) => Object.hasOwn(env, name) ? name : `${name} in ${dotenv}`;

  const known = Variables.safeParse(all);
  for (const { path, what } of known.success ? [] : describe(known.error)) {
    problems.push({ at: where(path.join(".")), what });
  }
  const numbered = numbers(all).map((number) => {
    const names = { key: `LLM_API_KEY_${number}`, url: `LLM_BASE_URL_${number}` };
    const pair = NumberedVariables.safeParse({ key: all[names.key], url: all[names.url] });
    for (const issue of pair.error?.issues ?? []) {
      problems.push({ at: where(issue.path[0] === "key" ? names.key : names.url), what: issue.message });
    }
    return pair.data ?? {};
  });
  if (!known.success || problems.length > 0) throw invalid(problems);
  return { all, known: known.data, numbered };
}

function withoutEmpty(variables: Record<string, string | undefined>): Environment {
  const set: [string, string][] = [];
  for (const [name, value] of Object.entries(variables)) {
    if (value !== undefined && value.trim() !== "") set.push([name, value]);
  }
  return Object.fromEntries(set);
}

/** The numbers in use, ascending. */
function numbers(variables: Environment): number[] {
  const found = Object.keys(variables).map((name) =>
    /^LLM_(?:API_KEY|BASE_URL)_([1-9]\d{0,3})$/.exec(name)?.[1]
  );
  return [...new Set(found.filter((digits) => digits !== undefined).map(Number))].sort((one, other) =>
    one - other
  );
}
