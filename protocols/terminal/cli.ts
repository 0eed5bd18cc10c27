/**
 * One command line, from its arguments to the exit code of the process.
 *
 * @module
 */
import { type Command, CommanderError } from "commander";
import { Fault } from "../messages/fault.ts";
import { addCompletions, complete } from "./completions.ts";
import { EXIT_CODES, faultExitCode, INTERRUPTED, USAGE } from "./exit_codes.ts";
import { faultText } from "./faults.ts";
import { Interrupts } from "./interrupts.ts";
import { type OptionValues, outputOf, settingsOf } from "./options.ts";
import { steerable } from "./paint.ts";
import type { Piece } from "./pieces.ts";
import { buildProgram } from "./program.ts";
import type { Runtime } from "../../workspace/runtime/runtime.ts";
import { Screen } from "./screen.ts";
import type { CommandBody } from "./stage.ts";
import type { Surroundings } from "./surroundings.ts";

/**
 * Runs a command line and answers the exit code; never throws. Told twice to stop it answers at once, and
 * work may be left undone: the process is then to be ended.
 */
export async function runCli(args: readonly string[], outside: Surroundings): Promise<number> {
  const shell = new Shell(outside);
  try {
    return await Promise.race([shell.run(args), shell.forced()]);
  } finally {
    shell.interrupts.close();
  }
}

class Shell {
  readonly interrupts: Interrupts;
  readonly #outside: Surroundings;
  #screen: Screen;
  #exitCode: number = EXIT_CODES.answered;

  constructor(outside: Surroundings) {
    this.#outside = outside;
    this.interrupts = new Interrupts(outside);
    this.#screen = this.#newScreen(false);
  }

  async run(args: readonly string[]): Promise<number> {
    const printed: Piece[] = [];
    const program = buildProgram(this.#outside, {
      perform: (body, command) => this.#perform(body, command),
      print: (piece) => printed.push(piece),
    });
    const words = addCompletions(program);
    try {
      if (args[0] === "complete") {
        const text = await complete(program, words, args, (settings) => this.#outside.openRuntime(settings));
        printed.push({ to: "stdout", text });
      } else {
        await program.parseAsync([...args], { from: "user" });
      }
    } catch (thrown) {
      this.#exitCode = await this.#report(thrown, false);
    }
    try {
      await this.#screen.write(printed);
    } catch (thrown) {
      this.#exitCode = await this.#report(thrown, false);
    }
    return this.#exitCode;
  }

  /** Answers when the process is to end at once. */
  async forced(): Promise<number> {
    await this.interrupts.forced;
    await this.#screen.abandon();
    return INTERRUPTED;
  }

  async #perform(body: CommandBody, command: Command): Promise<void> {
    const options = command.opts<OptionValues>();
    const { json, quiet, debug } = outputOf(options);
    const screen = this.#screen = this.#newScreen(!json && !quiet);
    const { interrupts } = this;
    const outside = this.#outside;
    let opened: Promise<Runtime> | undefined;
    const runtime = () => opened ??= outside.openRuntime(settingsOf(options));
    try {
      this.#exitCode = await body({ outside, options, screen, interrupts, runtime }, command.args[0]);
    } catch (thrown) {
      this.#exitCode = await this.#report(thrown, debug);
    }
    await screen.end();
    await opened?.then((open) => open.close(), () => {});
  }

  /** Prints an error, unless commander has, and answers its exit code. */
  async #report(thrown: unknown, debug: boolean): Promise<number> {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? EXIT_CODES.answered : USAGE;
    await this.#screen.write([{ to: "stderr", text: faultText(thrown, this.#outside.command, debug) }]);
    return faultExitCode(Fault.of(thrown).code);
  }

  #newScreen(spinner: boolean): Screen {
    const { stdout, stderr, clock, env } = this.#outside;
    return new Screen(stdout, stderr, clock, spinner && steerable(stderr, env));
  }
}
