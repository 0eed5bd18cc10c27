/**
 * Lines of text over a pipe.
 *
 * @module
 */

const NEW_LINE = 10;

/** Bytes of one line at most when nobody says: what is longer ends the conversation instead of filling the memory. */
export const LINE_MAX = 64 * 1024 * 1024;

/** Calls `take` for each line, until the pipe ends. @throws {Error} when a line is longer than `most` bytes. */
export async function readLines(
  pipe: ReadableStream<Uint8Array>,
  take: (line: string) => void,
  most = LINE_MAX,
): Promise<void> {
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  const add = (bytes: Uint8Array, isLast: boolean) => {
    size += bytes.length;
    if (size > most) throw new Error(`Cannot read a line longer than ${most} bytes`);
    text += decoder.decode(bytes, { stream: !isLast });
  };
  for await (const chunk of pipe) {
    let from = 0;
    for (let at = chunk.indexOf(NEW_LINE); at >= 0; at = chunk.indexOf(NEW_LINE, from)) {
      add(chunk.subarray(from, at), true);
      const line = text;
      text = "";
      size = 0;
      from = at + 1;
      take(line);
    }
    add(chunk.subarray(from), false);
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
