/**
 * What a program wrote, up to a limit: the rest is counted and forgotten, so that a flood costs no memory.
 *
 * @module
 */

/** Collects bytes up to a limit. */
export class CappedOutput {
  readonly #limit: number;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #kept = 0;
  #dropped = 0;

  /** `limit` in bytes. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Takes a copy of what still fits, counts the rest, and returns how much it was given. */
  write(bytes: Uint8Array): number {
    const piece = bytes.slice(0, this.#limit - this.#kept);
    if (piece.length > 0) this.#pieces.push(piece);
    this.#kept += piece.length;
    this.#dropped += bytes.length - piece.length;
    return bytes.length;
  }

  /** The text so far, with a last line that says how much was dropped, and starts anew. */
  take(): string {
    const text = decode(this.#pieces, this.#dropped > 0);
    const note = this.#dropped > 0 ? `\n[${this.#dropped} bytes dropped]` : "";
    this.#pieces = [];
    this.#kept = this.#dropped = 0;
    return text + note;
  }
}

/** A character cut in two by the limit is left out rather than shown as a replacement character. */
function decode(pieces: Uint8Array[], cut: boolean): string {
  const decoder = new TextDecoder();
  const text = pieces.map((piece) => decoder.decode(piece, { stream: true })).join("");
  return cut ? text : text + decoder.decode();
}
