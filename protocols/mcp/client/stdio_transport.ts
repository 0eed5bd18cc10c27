/**
 * A server that is a program of this machine: messages as lines over its standard input and output.
 *
 * The library's own transport would do with the same permission, to run that one program. This one differs in three
 * things: the environment is exactly what it is handed, the program has a session of its own (a Ctrl-C on the terminal is
 * not for it), and all it started ends with it, which a {@linkcode Guardian} sees to.
 *
 * @module
 */
import type { JSONRPCMessage, Transport } from "@modelcontextprotocol/client";
import { LineWriter, readLines } from "../../../supervisor/process/lines.ts";
import { MESSAGE_BYTES } from "./bounds.ts";
import type { Library } from "./library.ts";
import { within } from "./patience.ts";

/** A program to start, as plain data. */
export interface ServerProgram {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute path. */
  readonly cwd: string;
}

/** Sees to it that nothing is left of a program. */
export interface Guardian {
  /** A variable of the environment by which it knows what belongs to the program. */
  readonly mark: Readonly<Record<string, string>>;
  /** Tells which process is the first. */
  lead(pid: number): void;
  /** Ends whatever of it still runs. */
  end(): Promise<void>;
}

/** Milliseconds a server has to end by itself once there is nothing more to read for it. */
const POLITE_MS = 500;
/** Milliseconds it has after it was asked by a signal, where nobody guards it. */
const TERM_MS = 1_000;
/** Characters kept of the end of what it writes to its standard error. */
const LAST_WORDS = 1_000;

/** See the module's words. */
export class StdioTransport implements Transport {
  onclose?: () => void;
  onerror?: (error: Error) => void;
  onmessage?: (message: JSONRPCMessage) => void;
  /** That both are there tells the library that silence before the handshake means an old server, not a dead one. */
  readonly stderr = null;
  pid: number | null = null;
  /** Why it ended by itself, "its process ended with exit code 1"; undefined while it runs, and when it was closed. */
  ending: string | undefined;
  readonly #library: Library;
  readonly #program: ServerProgram;
  readonly #guardian: Guardian | null;
  #process: Deno.ChildProcess | undefined;
  #input: LineWriter | undefined;
  #lastWords = "";
  #closed: Promise<void> | undefined;

  /** Starts nothing yet. Without a guardian only the program itself is ended. */
  constructor(library: Library, program: ServerProgram, guardian: Guardian | null) {
    this.#library = library;
    this.#program = program;
    this.#guardian = guardian;
  }

  // deno-lint-ignore require-await -- what cannot be started rejects, as the library expects
  async start(): Promise<void> {
    const { program, args, env, cwd } = this.#program;
    const process = this.#process = new Deno.Command(program, {
      args: [...args],
      env: { ...env, ...this.#guardian?.mark },
      clearEnv: true,
      cwd,
      detached: true, // a session of its own
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.pid = process.pid;
    this.#guardian?.lead(process.pid);
    this.#input = new LineWriter(process.stdin, () => {}); // a broken pipe is a dead program, which is heard of below
    void this.#listen(process);
    void this.#overhear(process.stderr);
  }

  // deno-lint-ignore require-await -- as above
  async send(message: JSONRPCMessage): Promise<void> {
    if (this.#closed !== undefined || this.#input === undefined) {
      throw new Error(this.ending ?? "it is closed");
    }
    this.#input.write(JSON.stringify(message));
  }

  /** Ends the program: politely, by a signal, by force. Resolves when nothing of it is left. */
  close(): Promise<void> {
    return this.#closed ??= this.#end();
  }

  async #listen(process: Deno.ChildProcess): Promise<void> {
    let reason: string | undefined;
    try {
      await readLines(process.stdout, (line) => this.#take(line), MESSAGE_BYTES);
    } catch (error) {
      reason = `what it says cannot be read (${error instanceof Error ? error.message : String(error)})`;
    }
    // Whoever closes its output has ended; what it left running is ended with it.
    const status = await within(POLITE_MS, process.status);
    if (this.#closed === undefined) this.ending = reason ?? this.#howEnded(status);
    await this.close();
  }

  #take(line: string): void {
    if (line.trim() === "") return;
    let message: JSONRPCMessage;
    try {
      message = this.#library.deserializeMessage(line);
    } catch (error) {
      // Many programs say something there that is no message.
      return this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
    // The library hears of progress a moment later than of an answer, and then forgets it.
    if ("method" in message) this.#deliver(message);
    else setTimeout(() => this.#deliver(message), 0);
  }

  /** What the library cannot bear is no reason to die. */
  #deliver(message: JSONRPCMessage): void {
    try {
      this.onmessage?.(message);
    } catch (error) {
      this.onerror?.(error instanceof Error ? error : new Error(String(error)));
    }
  }

  async #overhear(stderr: ReadableStream<Uint8Array>): Promise<void> {
    for await (const text of stderr.pipeThrough(new TextDecoderStream())) {
      this.#lastWords = (this.#lastWords + text).slice(-LAST_WORDS);
    }
  }

  #howEnded(status: Deno.CommandStatus | undefined): string {
    if (status === undefined) return "its process closed its output";
    if (status.signal !== null) return `its process was ended by ${status.signal}`;
    const last = this.#lastWords.trim().split("\n").at(-1)!.trim().slice(0, 300);
    return `its process ended with exit code ${status.code}${last === "" ? "" : `, saying "${last}"`}`;
  }

  async #end(): Promise<void> {
    if (this.#process !== undefined) await this.#endProcess(this.#process);
    await this.#guardian?.end();
    this.onclose?.();
  }

  async #endProcess(process: Deno.ChildProcess): Promise<void> {
    await this.#input?.close();
    if (await within(POLITE_MS, process.status) !== undefined) return;
    signal(process, "SIGTERM");
    if (this.#guardian !== null || await within(TERM_MS, process.status) !== undefined) return;
    signal(process, "SIGKILL");
  }
}

function signal(process: Deno.ChildProcess, name: Deno.Signal): void {
  try {
    process.kill(name);
  } catch (error) {
    // It ended this moment.
    if (!(error instanceof TypeError) && !(error instanceof Deno.errors.NotFound)) throw error;
  }
}
