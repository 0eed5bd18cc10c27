/**
 * What a command of the shell works with.
 *
 * @module
 */
import type { Interrupts } from "./interrupts.ts";
import type { OptionValues } from "./options.ts";
import type { Runtime } from "../../workspace/runtime/runtime.ts";
import type { Screen } from "./screen.ts";
import type { Surroundings } from "./surroundings.ts";

/** Made for one command, and taken down after it. */
export interface Stage {
  readonly outside: Surroundings;
  readonly options: OptionValues;
  readonly screen: Screen;
  readonly interrupts: Interrupts;
  /** Opens the runtime that the options ask for, once. */
  runtime(): Promise<Runtime>;
}

/** A command: does its work and answers the exit code. `argument` is its first argument. */
export type CommandBody = (stage: Stage, argument: string | undefined) => Promise<number>;
