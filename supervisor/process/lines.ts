/**
 * Lines of text over a pipe.
 *
 * @module
 */

/** Bytes of one line at most: what is longer ends the conversation instead of filling the memory. */
export const LINE_MAX = 64 * 1024 * 1024;

/** Calls `take` for each line, until the pipe ends. @throws {Error} when a line is longer than {@linkcode LINE_MAX}. */
export async function readLines(
  pipe: ReadableStream<Uint8Array>,
  take: (line: string) => void,
): Promise<void> {
  let parts: string[] = [];
  let size = 0;
  for await (const chunk of pipe.pipeThrough(new TextDecoderStream())) {
    let from = 0;
    for (let at = chunk.indexOf("\n"); at >= 0; at = chunk.indexOf("\n", from)) {
      parts.push(chunk.slice(from, at));
      take(parts.join(""));
      parts = [];
      size = 0;
      from = at + 1;
    }
    parts.push(chunk.slice(from));
    size += chunk.length - from;
    if (size > LINE_MAX) throw new Error(`Cannot read a line longer than ${LINE_MAX} bytes`);
  }
}

/** Writes lines in order, those of one turn of the event loop together. */
export class LineWriter {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #failed: (error: unknown) => void;
  #waiting = "";

  /** `failed` hears that the pipe broke. */
  constructor(pipe: WritableStream<Uint8Array>, failed: (error: unknown) => void) {
    this.#writer = pipe.getWriter();
    this.#failed = failed;
  }

  /** Adds a line. */
  write(line: string): void {
    if (this.#waiting === "") queueMicrotask(() => this.#flush());
    this.#waiting += line + "\n";
  }

  /** Ends the pipe after what waits. */
  async close(): Promise<void> {
    this.#flush();
    await this.#writer.close().catch(this.#failed);
  }

  #flush(): void {
    if (this.#waiting === "") return;
    const text = this.#waiting;
    this.#waiting = "";
    this.#writer.write(new TextEncoder().encode(text)).catch(this.#failed);
  }
}
