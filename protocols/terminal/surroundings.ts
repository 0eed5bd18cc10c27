/**
 * Everything the shell gets from outside. Tests hand it their own.
 *
 * @module
 */
import type { Python, PythonChoices } from "../../workspace/python/open_python.ts";
import type { RuntimeSettings } from "../../workspace/runtime/open.ts";
import type { Runtime } from "../../workspace/runtime/runtime.ts";
import type { Service } from "../../workspace/service/service.ts";
import type { Keyboard } from "./keyboard.ts";

/** Where text goes. */
export interface Sink {
  /** Writes all of it, waiting while the reader is slow. Answers false once the reader is gone; never throws for that. */
  write(text: string): Promise<boolean>;
  /** Whether a person looks at it. */
  readonly terminal: boolean;
  /** Width in characters; 80 when it is no terminal. */
  columns(): number;
}

/** Time as the shell sees it. */
export interface ShellClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls `tick` every `ms` milliseconds until the returned function is called. */
  every(ms: number, tick: () => void): () => void;
}

/** The outside world of the shell. */
export interface Surroundings {
  readonly stdout: Sink;
  readonly stderr: Sink;
  /** Chunks of the standard input. */
  stdin(): AsyncIterable<Uint8Array>;
  /** Whether a person types them. */
  readonly stdinTerminal: boolean;
  /** Takes the terminal over for statements that a person types. */
  openKeyboard(): Keyboard;
  /** A text file. @throws {Fault} code `usage` when it cannot be read. */
  readText(path: string): Promise<string>;
  /** A variable of the environment. */
  env(name: string): string | undefined;
  /** Calls back for each request to stop (SIGINT, SIGTERM) until the returned function is called. */
  onSignal(listener: () => void): () => void;
  readonly clock: ShellClock;
  /** @throws {Fault} when the configuration cannot be used. */
  openRuntime(settings: RuntimeSettings): Promise<Runtime>;
  /** `report` hears what no caller can be told. @throws {Fault} when the configuration cannot be used. */
  openService(settings: RuntimeSettings, report: (message: string) => void): Promise<Service>;
  /** @throws {Fault} when the configuration cannot be used. */
  openPython(choices: PythonChoices): Promise<Python>;
  /** Version of this program. */
  readonly version: string;
  /** The command line another program starts this one with, before the name of a command. Absolute. */
  readonly program: readonly string[];
  /** How people call this program in their shell, as printed in hints. */
  readonly command: string;
}
