/**
 * `troupe complete`: completion scripts for bash, zsh, fish and PowerShell, and the words they ask for.
 *
 * @module
 */
import tab from "@bomb.sh/tab/commander";
import type { RootCommand } from "@bomb.sh/tab";
import type { Command } from "commander";
import type { RunRecord } from "../messages/journal.ts";
import { type OptionValues, settingsOf } from "./options.ts";
import { preview } from "./preview.ts";
import type { Surroundings } from "./surroundings.ts";

/** Commands whose argument is the id of a run. */
export const RUN_COMMANDS: readonly string[] = ["resume", "show", "replay"];

/** Commands whose argument is a file. */
const FILE_COMMANDS: readonly string[] = ["python"];

/** How an answer ends that leaves no room for files, and one that does. */
const NO_FILES = /:4\n$/, OR_FILES = ":0\n";

/** Those the completion library has scripts for. */
const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

/** Ids offered. */
const OFFERED = 20;

const EXAMPLES = `
Examples:
  $ source <(troupe complete bash)
  $ source <(troupe complete zsh)
  $ troupe complete fish | source
  $ troupe complete powershell | Out-String | Invoke-Expression

The scripts ask the program called "troupe", which must be on the PATH.`;

/** Adds the command `complete` to a program whose other commands are all there. */
export function addCompletions(program: Command): RootCommand {
  const words = tab(program);
  program.commands.find((command) => command.name() === "complete")?.addHelpText("after", EXAMPLES);
  const shell = words.commands.get("complete")?.arguments.get("shell");
  if (shell !== undefined) shell.handler = (complete) => SHELLS.forEach((name) => complete(name, ""));
  return words;
}

/** Answers what `complete` prints. `args` are those of the program, "complete" first. */
export async function complete(
  program: Command,
  words: RootCommand,
  args: readonly string[],
  openRuntime: Surroundings["openRuntime"],
): Promise<string> {
  const [, dashes, name = "", ...rest] = args;
  if (dashes === "--" && RUN_COMMANDS.includes(name) && !rest.at(-1)?.startsWith("-")) {
    const command = program.commands.find((candidate) => candidate.name() === name);
    if (command !== undefined) offer(words, name, await knownRuns(command, rest, openRuntime));
  }
  const text = printed(() => program.parse(args, { from: "user" }));
  // The script for bash says when not to complete files and forgets to say that it does otherwise.
  if (dashes === "bash") return text.replace(/^complete -F/m, "complete -o default -F");
  const wantsFile = dashes === "--" && FILE_COMMANDS.includes(name) && !rest.at(-1)?.startsWith("-");
  return wantsFile ? text.replace(NO_FILES, OR_FILES) : text;
}

function offer(words: RootCommand, name: string, runs: readonly RunRecord[]): void {
  const argument = words.commands.get(name)?.arguments.get("run");
  if (argument === undefined) return;
  argument.handler = (complete) => {
    for (const { run, status, task } of runs) complete(run, `${status}: ${preview(task, 40)}`);
  };
}

/** The newest runs; none where they cannot be read, for a person pressing Tab wants no error message. */
async function knownRuns(
  command: Command,
  words: readonly string[],
  openRuntime: Surroundings["openRuntime"],
): Promise<RunRecord[]> {
  try {
    command.parseOptions([...words]);
    const runtime = await openRuntime(settingsOf(command.opts<OptionValues>()));
    try {
      return await runtime.runs(OFFERED);
    } finally {
      await runtime.close();
    }
  } catch {
    return [];
  }
}

/** The completion library prints with `console.log` and nothing else; this hands back what it printed. */
function printed(work: () => void): string {
  const lines: string[] = [];
  const { log } = console;
  printWith((...parts) => lines.push(parts.join(" ")));
  try {
    work();
  } finally {
    printWith(log);
  }
  return lines.map((line) => `${line}\n`).join("");
}

function printWith(log: typeof console.log): void {
  // deno-lint-ignore no-console -- replaced for the time of one call, and put back
  console.log = log;
}
