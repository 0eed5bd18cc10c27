/**
 * The commander program: parsing, help and suggestions.
 *
 * @module
 */
import { Command } from "commander";
import { COMMANDS, type CommandSpec } from "./commands.ts";
import { oneLine } from "./harmless.ts";
import type { Piece } from "./pieces.ts";
import type { CommandBody } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

const EXIT_CODES_HELP = `
Exit codes:
  0 answered  1 failed  2 usage or configuration  3 blocked on a person
  4 a limit ended it  5 denied by policy  130 interrupted`;

/** What commander calls back. */
export interface ProgramCalls {
  /** Carries out a command whose options are parsed. */
  perform(body: CommandBody, command: Command): Promise<void>;
  /** Takes help, version and usage errors. */
  print(piece: Piece): void;
}

/** Builds the program; parsing throws commander's `CommanderError` where it would end the process. */
export function buildProgram(
  { stdout, stderr, version, command: calledAs }: Surroundings,
  { perform, print }: ProgramCalls,
): Command {
  const program = new Command("troupe")
    .description("Troupe runs AI agents as supervised actors, each with exactly the rights it was handed.")
    .version(version)
    .exitOverride()
    .configureOutput({
      writeOut: (text) => print({ to: "stdout", text }),
      writeErr: (text) => print({ to: "stderr", text }),
      getOutHelpWidth: () => stdout.columns(),
      getErrHelpWidth: () => stderr.columns(),
      getOutHasColors: () => false,
      getErrHasColors: () => false,
      outputError: (message, write) => write(usageError(message, calledAs)),
    })
    .addHelpText(
      "after",
      `${EXIT_CODES_HELP}\n${examples(calledAs, ["demo", ...COMMANDS[0]?.examples ?? []])}`,
    );
  for (const spec of COMMANDS) addCommand(program, spec, calledAs, perform);
  return program;
}

function addCommand(
  program: Command,
  spec: CommandSpec,
  calledAs: string,
  perform: ProgramCalls["perform"],
): void {
  const command = program.command(spec.name).description(spec.summary);
  if (spec.argument !== undefined) command.argument(...spec.argument);
  for (const add of spec.options) add(command);
  command
    .addHelpText("after", examples(calledAs, spec.examples))
    .configureOutput({
      outputError: (message, write) => write(usageError(message, `${calledAs} ${spec.name}`)),
    })
    .action(async () => await perform(spec.body, command));
}

function examples(calledAs: string, lines: readonly string[]): string {
  return ["", "Examples:", ...lines.map((line) => `  $ ${calledAs} ${line}`)].join("\n");
}

/** Commander's message, with its suggestion, as one line. */
function usageError(message: string, calledAs: string): string {
  return `troupe: ${oneLine(message.replace(/^error: /, "")).replace(/\.$/, "")}; see: ${calledAs} --help\n`;
}
