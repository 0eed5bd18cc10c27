/**
 * What is wrong with a configuration, said so that it can be mended: where, what, and the nearest right word.
 * No message ever quotes a value, since any value may be a key.
 *
 * @module
 */
import type { z } from "zod";
import { Fault } from "../../protocols/messages/fault.ts";

/** One thing to mend. */
export interface Problem {
  /** File with line and column, or the name of a variable or flag. */
  readonly at: string;
  /** Continues the sentence that begins with `at`. */
  readonly what: string;
}

/** A configuration that cannot be used: code `config_invalid`, one line for each problem. */
export function invalid(problems: readonly Problem[]): Fault {
  const lines = problems.map(({ at, what }) => `${at}: ${what}`);
  const message = lines.length === 1 ? ` ${lines[0]}` : lines.map((line) => `\n  ${line}`).join("");
  return new Fault("config_invalid", `Cannot use the configuration:${message}`);
}

/** Where in a value a problem lies: names from the outside in. */
export type Path = readonly string[];

/** A failed check, as paths and how the sentence that begins with their name goes on. */
export function describe(
  error: z.ZodError,
  keysAt: (path: Path) => readonly string[] = () => [],
): { path: Path; what: string }[] {
  return error.issues.flatMap((issue) => {
    const listed = issue.path.findIndex((part) => typeof part === "number");
    if (listed >= 0) return inList(issue, listed);
    const path = issue.path.map(String);
    if (issue.code !== "unrecognized_keys") return [{ path, what: issue.message }];
    return issue.keys.map((key) => ({
      path: [...path, key],
      what: `is not a known key; ${suggestion(key, keysAt(path))}`,
    }));
  });
}

/** What is wrong with an item of a list, said of the list. */
function inList(issue: z.core.$ZodIssue, at: number): { path: Path; what: string }[] {
  const path = issue.path.slice(0, at).map(String);
  const item = `item ${Number(issue.path[at]) + 1}`;
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => ({ path, what: `${item} has "${key}", which is not a known key` }));
  }
  const below = issue.path.slice(at + 1).join(".");
  return [{ path, what: below === "" ? `${item} ${issue.message}` : `${item} ${below}: ${issue.message}` }];
}

/** How a setting of the file is called: `[llm] model`. */
export function nameOf(path: Path): string {
  const parts = path.map((part) => /^[\w-]+$/.test(part) ? part : JSON.stringify(part));
  const tables = parts.slice(0, -1);
  return tables.length === 0 ? `[${parts.join()}]` : `[${tables.join(".")}] ${parts.at(-1)}`;
}

function suggestion(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  const likely = close !== undefined && close.edits <= Math.max(2, word.length / 3);
  return likely ? `did you mean "${close.key}"?` : `known are ${known.join(", ")}`;
}

/** The key of `known` that takes the fewest edits to become `word`, with that number. */
function nearest(word: string, known: readonly string[]): { key: string; edits: number } | undefined {
  const candidates = known.map((key) => ({ key, edits: distance(word.toLowerCase(), key.toLowerCase()) }));
  return candidates.sort((one, other) => one.edits - other.edits)[0];
}

/** Letters to add, drop or change (Levenshtein). */
function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, letter] of [...from].entries()) {
    const above = row;
    row = [index + 1];
    for (let column = 1; column <= to.length; column++) {
      const change = (above[column - 1] ?? 0) + (letter === to[column - 1] ? 0 : 1);
      row.push(Math.min((above[column] ?? 0) + 1, (row[column - 1] ?? 0) + 1, change));
    }
  }
  return row[to.length] ?? 0;
}
