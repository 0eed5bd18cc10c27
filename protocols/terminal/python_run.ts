/**
 * One run of Python code at the terminal: what it prints while it runs, what came of it, and how it is stopped.
 *
 * @module
 */
import type { PythonError } from "../messages/python.ts";
import type { Channel } from "../messages/tool.ts";
import type { Python, PythonResult } from "../../workspace/python/open_python.ts";
import { EXIT_CODES, faultExitCode } from "./exit_codes.ts";
import { harmless } from "./harmless.ts";
import { noteLine, type Piece } from "./pieces.ts";
import type { Stage } from "./stage.ts";

/** How the tool marks that not all of an output was kept. */
const DROPPED = /\n\[(\d+) bytes dropped\]$/;

/** Runs code, at most once. */
export class CodeRun {
  readonly #stage: Stage;
  readonly #python: Python;
  readonly #silent: boolean;
  readonly #stop = new AbortController();
  /** What was shown of each output, and where it stands. */
  readonly #shown: Record<Channel, string> = { stdout: "", stderr: "" };
  /** All that was shown until now is written. */
  #written: Promise<void> = Promise.resolve();
  /** Nobody reads what is printed, or it cannot be written. */
  #unread = false;
  #failure: unknown;

  /** A `silent` one shows nothing of what is printed. */
  constructor(stage: Stage, python: Python, silent = false) {
    this.#stage = stage;
    this.#python = python;
    this.#silent = silent;
  }

  /** Whether what was printed last ends within a line. */
  get withinLine(): boolean {
    return /[^\n]$/.test(this.#shown.stdout);
  }

  /** Stops the code. */
  stop(): void {
    this.#stop.abort();
  }

  /** Runs code to its end; undefined when it was stopped. */
  async run(code: string, session?: string): Promise<PythonResult | undefined> {
    const { interrupts, screen, options: { timeout: timeoutMs } } = this.#stage;
    const { signal } = this.#stop;
    interrupts.firstly(() => this.stop());
    try {
      const onOutput = (channel: Channel, text: string) => this.#show(channel, text);
      const onPreparing = () => void screen.write([{ to: "stderr", text: "Preparing Python (once) ...\n" }]);
      const result = await this.#python.run(code, { session, timeoutMs, signal, onOutput, onPreparing });
      if (!signal.aborted) return result;
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      interrupts.firstly(undefined);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#unread) return undefined;
    await screen.write([{ to: "stderr", text: `${this.withinLine ? "\n" : ""}KeyboardInterrupt\n` }]);
  }

  /** What was printed beyond what is shown while code runs. */
  async showRest({ stdout, stderr }: Pick<PythonResult, Channel>): Promise<void> {
    for (const [channel, text] of [["stdout", stdout], ["stderr", stderr]] as const) {
      const rest = text.slice(this.#shown[channel].length);
      const dropped = DROPPED.exec(rest)?.[1];
      this.#show(channel, rest.replace(DROPPED, ""));
      const lost = `${channel}: ${dropped} bytes more were printed and not kept`;
      if (dropped !== undefined) await this.#stage.screen.write(noteLine(lost));
    }
    await this.#written;
  }

  /** What went wrong with it and with its files, on stderr; answers the exit code. */
  async showError(result: PythonResult, rename: (traceback: string) => string): Promise<number> {
    const { error, files, filesOmitted = 0 } = result;
    const pieces: Piece[] = error === undefined ? [] : errorPieces(error, rename);
    for (const { path, change, reason = "" } of files) {
      if (change === "refused") pieces.push(...noteLine(`${path} was not written: ${reason}`));
    }
    if (filesOmitted > 0) {
      pieces.push(...noteLine(`${filesOmitted} files were too many or too large to be kept`));
    }
    await this.#stage.screen.write(pieces);
    return this.exitCode(result);
  }

  /** What a program with that result ends with. */
  exitCode({ error }: PythonResult): number {
    if (error === undefined) return EXIT_CODES.answered;
    const { kind, message } = error;
    const [, status] = EXIT.exec(message) ?? [];
    if (kind === "exception" && status !== undefined) return Number(status) & 255;
    if (kind === "timeout" || kind === "memory") return EXIT_CODES.limited;
    return faultExitCode(kind);
  }

  #show(channel: Channel, text: string): void {
    if (this.#silent || text === "") return;
    this.#shown[channel] += text;
    const { terminal } = this.#stage.outside[channel];
    const written = this.#stage.screen.write([{ to: channel, text: terminal ? harmless(text) : text }]);
    // Nobody reads any more, or nothing can be written: what runs is of no use.
    this.#written = written.then(
      (read) => read ? undefined : this.#fail(undefined),
      (error) => this.#fail(error),
    );
  }

  #fail(error: unknown): void {
    this.#unread = true;
    this.#failure = error;
    this.stop();
  }
}

/** What leaves a program, as an exception that nobody caught says it. */
const EXIT = /^SystemExit: (-?\d{1,9})$/;
const LAST_WORDS = /^SystemExit(?:: )?([^]*)$/;

function errorPieces(
  { kind, message, traceback }: PythonError,
  rename: (traceback: string) => string,
): Piece[] {
  if (kind === "exception" && EXIT.test(message)) return [];
  const [, lastWords] = kind === "exception" ? LAST_WORDS.exec(message) ?? [] : [];
  if (lastWords !== undefined) return [{ to: "stderr", text: `${harmless(lastWords)}\n` }];
  const text = harmless(rename(traceback));
  return [
    ...(text === "" ? [] : [{ to: "stderr" as const, text: text.endsWith("\n") ? text : `${text}\n` }]),
    ...(kind === "exception" ? [] : noteLine(message)),
  ];
}
