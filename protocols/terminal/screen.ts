/**
 * Writes pieces in order, and while nothing is written shows what is being waited for. Only the waiting
 * line depends on the clock, and it is wiped before anything else is written.
 *
 * @module
 */
import { stripVTControlCharacters } from "node:util";
import type { Piece } from "./pieces.ts";
import { columnsOf, preview } from "./preview.ts";
import type { ShellClock, Sink } from "./surroundings.ts";

const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"] as const;

/** Milliseconds between two frames. */
const FRAME_MS = 100;

/** Carriage return and "erase to the end of the line". */
const WIPE = "\r\x1b[K";

/** Characters of an unfinished line that are kept: more than any terminal has columns. */
const MAX_LINE = 1000;

/** The two outputs of the program. */
export class Screen {
  readonly #stdout: Sink;
  readonly #stderr: Sink;
  readonly #clock: ShellClock;
  readonly #terminal: boolean;
  readonly #stopTicking: () => void;
  #queue: Promise<unknown> = Promise.resolve();
  #label: string | undefined;
  #since = 0;
  #frame = 0;
  #drawn = false;
  #drawing = false;
  /** What stands on the unfinished line of stderr. */
  #line = "";

  /** With `terminal` the waiting line is shown on stderr. */
  constructor(stdout: Sink, stderr: Sink, clock: ShellClock, terminal: boolean) {
    this.#stdout = stdout;
    this.#stderr = stderr;
    this.#clock = clock;
    this.#terminal = terminal;
    this.#stopTicking = terminal ? clock.every(FRAME_MS, () => this.#tick()) : () => {};
  }

  /** Writes the pieces behind all others. Answers false when the reader of stdout is gone; throws when stdout fails. */
  write(pieces: readonly Piece[]): Promise<boolean> {
    if (pieces.length === 0) return Promise.resolve(true);
    return this.#enqueue(async () => {
      await this.#wipe();
      let read = true;
      for (const { to, text } of pieces) {
        if (to === "stdout") read = await this.#stdout.write(text) && read;
        else await this.#add(text);
      }
      return read;
    });
  }

  /** Says what is being waited for from now on; undefined is nothing. The same label goes on counting. */
  waitFor(label: string | undefined): void {
    if (label === this.#label) return;
    this.#label = label;
    this.#since = this.#clock.now();
  }

  /** Wipes the waiting line and resolves when everything is written. */
  async end(): Promise<void> {
    this.#stopTicking();
    this.#label = undefined;
    await this.#enqueue(() => this.#wipe());
  }

  /** As `end`, but stays no longer than a moment where nothing can be written. */
  async abandon(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#clock.every(FRAME_MS, resolve);
    await Promise.race([this.end(), promise]);
    stop();
  }

  /**
   * Writes behind what stands on the unfinished line. Deno itself wipes the line of a terminal while it loads the
   * module of a worker: so the line is written anew with all that is added to it, as long as it has not wrapped.
   */
  async #add(text: string): Promise<void> {
    const there = this.#line;
    const whole = there + text;
    this.#line = whole.slice(whole.lastIndexOf("\n") + 1).slice(0, MAX_LINE);
    const anew = this.#terminal && there !== "" &&
      columnsOf(stripVTControlCharacters(there)) < this.#stderr.columns();
    await this.#tell(anew ? WIPE + whole : text);
  }

  #tick(): void {
    if (this.#label === undefined || this.#drawing) return;
    this.#drawing = true;
    void this.#enqueue(async () => {
      this.#drawing = false;
      if (this.#label === undefined) return;
      const elapsed = this.#clock.now() - this.#since;
      this.#drawn = true;
      await this.#tell(WIPE + waitingLine(this.#label, elapsed, this.#frame++, this.#stderr.columns()));
    });
  }

  async #wipe(): Promise<void> {
    if (this.#drawn) await this.#tell(WIPE);
    this.#drawn = false;
  }

  /** Where stderr fails, as on a full disk, there is nowhere left to say so; the answer matters more. */
  async #tell(text: string): Promise<void> {
    await this.#stderr.write(text).catch(() => false);
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#queue.then(work);
    this.#queue = done.catch(() => {}); // its writer hears of a failure, the next one starts anew
    return done;
  }
}

/** "⠹ thinking 3 s", short enough never to wrap: a wrapped line could not be wiped. */
export function waitingLine(label: string, elapsedMs: number, frame: number, columns: number): string {
  const text = `${label} ${Math.floor(elapsedMs / 1000)} s`;
  return `${FRAMES[frame % FRAMES.length]} ${preview(text, Math.max(1, columns - 3))}`;
}
