/**
 * What a program wrote, up to a limit: its beginning and its end, for that is where the errors are. What lies between is
 * counted and forgotten, so that a flood costs no memory.
 *
 * @module
 */

/** Collects bytes. */
export class KeptOutput {
  readonly #limit: number;
  readonly #head: Uint8Array[] = [];
  #tail: Uint8Array[] = [];
  #headRoom: number;
  #tailSize = 0;
  #size = 0;

  /** `limit` in bytes: one half for the beginning, one for the end. */
  constructor(limit: number) {
    this.#limit = limit;
    this.#headRoom = Math.ceil(limit / 2);
  }

  /** Takes what is to be kept; `bytes` must not change afterwards. */
  write(bytes: Uint8Array): void {
    this.#size += bytes.length;
    const first = bytes.subarray(0, this.#headRoom);
    if (first.length > 0) this.#head.push(first);
    this.#headRoom -= first.length;
    const rest = bytes.subarray(first.length);
    if (rest.length === 0) return;
    this.#tail.push(rest);
    this.#tailSize += rest.length;
    if (this.#tailSize > 2 * this.#limit) this.#forget();
  }

  /** Bytes that were left out. */
  get dropped(): number {
    return Math.max(0, this.#size - this.#limit);
  }

  /** What was kept as text, with a line in the middle that says how much was left out. */
  text(): string {
    this.#forget();
    const decoder = new TextDecoder();
    if (this.dropped === 0) return decoder.decode(joined([...this.#head, ...this.#tail]));
    const head = decoder.decode(joined(this.#head), { stream: true });
    return `${head}\n[${this.dropped} bytes left out]\n${
      new TextDecoder().decode(fromCharacter(joined(this.#tail)))
    }`;
  }

  #forget(): void {
    const tail = joined(this.#tail);
    const room = Math.floor(this.#limit / 2);
    this.#tail = [tail.slice(Math.max(0, tail.length - room))];
    this.#tailSize = this.#tail[0]!.length;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((size, piece) => size + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** Without the rest of a character that was cut in two. */
function fromCharacter(bytes: Uint8Array): Uint8Array {
  let at = 0;
  while (at < 3 && at < bytes.length && (bytes[at]! & 0xc0) === 0x80) at++;
  return bytes.subarray(at);
}
