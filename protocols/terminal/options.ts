/**
 * The options commands share, and how their values are read.
 *
 * @module
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Limits } from "../messages/run.ts";
import { parseUsd } from "./money.ts";
import type { RuntimeSettings } from "../../workspace/runtime/open.ts";

/** How a run is shown. */
export interface OutputOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
  readonly debug: boolean;
}

/** The values of the options as commander collects them. */
export interface OptionValues extends Partial<OutputOptions> {
  readonly model?: string;
  readonly baseUrl?: string;
  readonly program?: "react" | "textual";
  readonly executor?: "pyodide" | "pyo3" | "none";
  readonly workspace?: string;
  readonly db?: string;
  readonly config?: string;
  readonly maxTurns?: number;
  readonly maxTokens?: number;
  /** Billionths of a dollar. */
  readonly maxUsd?: number;
  /** Milliseconds. */
  readonly timeout?: number;
  readonly limit?: number;
  readonly assume?: "done" | "not-done";
  readonly audit?: boolean;
  readonly port?: number;
  readonly host?: string;
  readonly publicUrl?: string;
  readonly files?: boolean;
}

/** Which model. */
export function modelOptions(command: Command): Command {
  return command
    .option("--model <id>", "model, as its provider names it")
    .option("--base-url <url>", "base URL of an OpenAI-compatible API");
}

/** How the model works. */
export function programOptions(command: Command): Command {
  return command
    .addOption(
      new Option("--program <name>", "native tool calls, or Thought/Action lines for models without them")
        .choices(["react", "textual"]),
    )
    .addOption(
      new Option("--executor <name>", "what runs Python (default: pyodide)").choices([
        "pyodide",
        "pyo3",
        "none",
      ]),
    );
}

/** What a run may use. */
export function limitOptions(command: Command): Command {
  return command
    .option("--max-turns <n>", "inferences (default: 25)", wholeNumber)
    .option("--max-tokens <n>", "input and output tokens, sub-agents included", wholeNumber)
    .option("--max-usd <amount>", "dollars, sub-agents included", dollars)
    .option("--timeout <seconds>", "wall clock from the first start", seconds);
}

/** What a person found out about calls that may or may not have happened. */
export function assumeOption(command: Command): Command {
  const what = "of a blocked run: whether the call it waits for was done";
  return command.addOption(new Option("--assume <answer>", what).choices(["done", "not-done"]));
}

/** What of a run is shown. */
export function auditOption(command: Command): Command {
  return command.option(
    "--audit",
    "what its tools were allowed and denied, by what and why, and nothing else",
  );
}

/** Where to listen. */
export function addressOptions(command: Command): Command {
  return command
    .option("--port <n>", "port, 0 for a free one (default: 9999)", port)
    .option("--host <address>", "address to listen at (default: 127.0.0.1, this machine only)")
    .option("--public-url <url>", "what clients call the server, when it is behind another", publicUrl);
}

/** Where things are kept. */
export function storageOptions(command: Command): Command {
  return command
    .option("--workspace <dir>", "the folder agents may work in")
    .option("--db <file>", "the file runs are kept in")
    .option("--config <file>", "configuration file");
}

/** How Python runs. */
export function pythonOptions(command: Command): Command {
  return lookOptions(
    command
      .option("--timeout <seconds>", "how long code may run (default: 30, at most 300)", pythonSeconds)
      .option("--json", "the whole result as one JSON document on stdout, and nothing else")
      .option("--workspace <dir>", "the folder whose files are in /workspace, and written back")
      .option("--no-files", "leave the files of that folder alone")
      .option("--config <file>", "configuration file"),
  );
}

/** How a run is shown. */
export function outputOptions(command: Command): Command {
  return lookOptions(
    command
      .addOption(
        new Option("--json", "one JSON event per line on stdout, and nothing else").conflicts("quiet"),
      )
      .option("--quiet", "nothing but the answer, and errors"),
  );
}

/** How what was kept is shown. */
export function listingOptions(command: Command): Command {
  return lookOptions(command.option("--json", "JSON, one document per line"));
}

/** How lines look. */
export function lookOptions(command: Command): Command {
  return command
    .option("--no-color", "no colour, as with NO_COLOR=1")
    .option("--debug", "debug messages, and stack traces of errors");
}

/** A whole number from 1 on. @throws {InvalidArgumentError} */
export function wholeNumber(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= 1 && Number.isSafeInteger(number)) return number;
  throw new InvalidArgumentError("It must be a whole number from 1 on.");
}

function port(text: string): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number <= 65_535) return number;
  throw new InvalidArgumentError("It must be a number from 0 to 65535.");
}

function publicUrl(text: string): string {
  if (URL.canParse(text) && /^https?:\/\/[^?#@]+$/i.test(text)) return text.replace(/\/+$/, "");
  throw new InvalidArgumentError('It must be an address such as "https://troupe.example.com".');
}

/** The options that say where runs are kept, for a command line to be copied: " --db 'my runs.db'", or nothing. */
export function keptAt({ db, config }: OptionValues): string {
  return Object.entries({ db, config })
    .map(([name, value]) => value === undefined ? "" : ` --${name} ${quoted(value)}`)
    .join("");
}

/** The limits that were given. */
export function limitsOf({ maxTurns, maxTokens, maxUsd, timeout }: OptionValues): Partial<Limits> {
  return {
    ...(maxTurns === undefined ? {} : { turns: maxTurns }),
    ...(maxTokens === undefined ? {} : { tokens: maxTokens }),
    ...(maxUsd === undefined ? {} : { nanoUsd: maxUsd }),
    ...(timeout === undefined ? {} : { wallMs: timeout }),
  };
}

/** What the runtime is told. `pyo3` is the other name of `pyodide`. */
export function settingsOf(values: OptionValues): RuntimeSettings {
  const { model, baseUrl, program, executor, workspace, db, config } = values;
  return {
    model,
    baseUrl,
    program,
    executor: executor === "pyo3" ? "pyodide" : executor,
    workspace,
    db,
    config,
  };
}

/** How things are to be shown. */
export function outputOf(
  { json = false, quiet = false, color = true, debug = false }: OptionValues,
): OutputOptions {
  return { json, quiet, color, debug };
}

/** A word as a shell takes it. */
function quoted(word: string): string {
  return /^[\w@%+=:,./~-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function dollars(text: string): number {
  const nanoUsd = parseUsd(text);
  if (nanoUsd !== undefined) return nanoUsd;
  throw new InvalidArgumentError("It must be an amount like 0.25, with at most nine decimals.");
}

function pythonSeconds(text: string): number {
  const ms = seconds(text);
  if (ms >= 100 && ms <= 300_000) return ms;
  throw new InvalidArgumentError("It must be a number of seconds from 0.1 to 300.");
}

function seconds(text: string): number {
  const ms = Math.round(Number(text) * 1000);
  if (/^\d+(\.\d+)?$/.test(text) && ms >= 1 && Number.isSafeInteger(ms)) return ms;
  throw new InvalidArgumentError("It must be a number of seconds above 0, like 90 or 1.5.");
}
