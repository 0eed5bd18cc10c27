/**
 * A person who types statements: lines with editing and history, prompts, Ctrl-C and Ctrl-D.
 *
 * The terminal gives each key at once, also between two statements: what is typed ahead is kept, and Ctrl-C reaches this
 * program alone and not the processes it started.
 *
 * @module
 */
import process from "node:process";
import { createInterface, type Interface } from "node:readline";

/** What was typed: a statement, Ctrl-C, or Ctrl-D. */
export type Typed = { readonly text: string } | "interrupted" | "ended";

/** Prompts of the first line of a statement and of those that follow it. */
export interface Prompts {
  readonly first: string;
  readonly next: string;
}

/** Who types. */
export interface Keyboard {
  /** The next statement: lines as long as `goesOn` says so of those there are. */
  statement(prompts: Prompts, goesOn: (text: string) => boolean): Promise<Typed>;
  /** Called by Ctrl-C while no statement is asked for. Without one it is the answer to the next that is. */
  onInterrupt: (() => void) | undefined;
  /** Gives the terminal back. */
  close(): void;
}

/** The statement that is asked for. */
interface Asked {
  readonly prompts: Prompts;
  readonly goesOn: (text: string) => boolean;
  readonly answer: (typed: Typed) => void;
}

/** Lines that can be called back. */
const HISTORY = 1_000;

/** The terminal of this process. Prompts go to stderr, so that stdout is what the statements print. */
export class TerminalKeyboard implements Keyboard {
  onInterrupt: (() => void) | undefined;
  readonly #lines: Interface;
  /** Typed while no statement was asked for. */
  readonly #ahead: string[] = [];
  #asked: Asked | undefined;
  #text: string[] = [];
  /** Ctrl-C came where nobody took it. */
  #interrupted = false;
  #ended = false;

  constructor() {
    const { stdin: input, stderr: output } = process;
    this.#lines = createInterface({
      input,
      output,
      terminal: true,
      historySize: HISTORY,
      removeHistoryDuplicates: true,
    });
    this.#lines.on("line", (line: string) => {
      if (this.#asked === undefined) this.#ahead.push(line);
      else this.#take(line);
    });
    this.#lines.on("SIGINT", () => this.#interrupt());
    this.#lines.on("close", () => {
      this.#ended = true;
      if (this.#ahead.length === 0) this.#answer("ended");
    });
  }

  statement(prompts: Prompts, goesOn: (text: string) => boolean): Promise<Typed> {
    const { promise, resolve: answer } = Promise.withResolvers<Typed>();
    this.#asked = { prompts, goesOn, answer };
    this.#prompt();
    if (this.#interrupted) this.#interrupt();
    while (this.#asked !== undefined && this.#ahead.length > 0) {
      const line = this.#ahead.shift()!;
      process.stderr.write(`${line}\n`); // beside its prompt, where it belongs
      this.#take(line);
    }
    if (this.#ended) this.#answer("ended");
    return promise;
  }

  close(): void {
    this.#lines.close();
  }

  /** At once, so that the prompt stands before the rest of a text that was pasted. */
  #take(line: string): void {
    this.#text.push(line);
    const text = this.#text.join("\n");
    if (this.#asked!.goesOn(text)) return this.#prompt();
    this.#answer({ text });
  }

  #interrupt(): void {
    if (this.#asked === undefined) {
      this.#ahead.length = 0;
      this.#interrupted = this.onInterrupt === undefined;
      return this.onInterrupt?.();
    }
    this.#interrupted = false;
    Object.assign(this.#lines, { line: "", cursor: 0 }); // what stands there stays, and is not to be run
    process.stderr.write("\n");
    this.#answer("interrupted");
  }

  #answer(typed: Typed): void {
    const asked = this.#asked;
    this.#asked = undefined;
    this.#text = [];
    asked?.answer(typed);
  }

  #prompt(): void {
    if (this.#ended) return;
    const { first, next } = this.#asked!.prompts;
    this.#lines.setPrompt(this.#text.length === 0 ? first : next);
    this.#lines.prompt();
  }
}
