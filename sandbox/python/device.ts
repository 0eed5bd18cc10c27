/**
 * How an interpreter talks to its host: a file that is read and written, and a wait for it.
 *
 * A frame is JSON text behind its length in four bytes, lowest first. The wait is `poll()`, which gives the thread back
 * to its event loop until there is something to read, so that a program that waits blocks nobody and burns nothing.
 *
 * @module
 */
import type { Engine, Imports } from "./engine.ts";

/** Path of the device. */
export const DEVICE = "/dev/host";

/** Characters of a frame that a program may write. */
const LONGEST = 16 * 1024 * 1024;

const EINTR = -27, EINVAL = 28;
const POLLIN = 1, POLLOUT = 4;
/** Bytes of a `struct pollfd`: descriptor, events asked for, events that are. */
const POLLFD = 8;

/** What a wait can be interrupted by. */
export interface Interrupts {
  /** Milliseconds of `performance.now()` when something will have to be seen to. */
  readonly next: number;
  /** Called before and after waiting. Throws what ends the interpreter. */
  check(): boolean;
}

/** Both ends of the device. */
export class Device {
  readonly #incoming: Uint8Array[] = [];
  #written: Uint8Array[] = [];
  #writtenBytes = 0;
  #wake: (() => void) | undefined;

  /** `hear` gets each frame a program writes; `interrupts` ends waits. */
  constructor(
    private readonly hear: (frame: unknown) => void,
    private readonly interrupts: Interrupts,
    private readonly later: (callback: () => void, ms: number) => unknown,
  ) {}

  /** A frame for the program. */
  send(frame: unknown): void {
    const text = new TextEncoder().encode(JSON.stringify(frame));
    const bytes = new Uint8Array(4 + text.length);
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(text, 4);
    this.#incoming.push(bytes);
    this.wake();
  }

  /** Forgets what no program has read. */
  discard(): void {
    this.#incoming.length = 0;
  }

  /** Ends a wait. */
  wake(): void {
    this.#wake?.();
  }

  /** Makes the interpreter's `poll` wait for this device. Call it before the interpreter is made. */
  guard(imports: Imports, engine: () => Engine): void {
    const { Suspending } = WebAssembly as unknown as { Suspending: new (wait: unknown) => unknown };
    imports.__syscall_poll = new Suspending((fds: number, count: number, ms: number) =>
      this.#poll(engine(), fds >>> 0, count, ms)
    );
  }

  /** Puts the device into the files of an interpreter. */
  install({ fs }: Engine): void {
    const device = fs.makedev(240, 1);
    fs.registerDevice(device, {
      llseek: () => 0,
      read: (_stream: unknown, buffer: Uint8Array, offset: number, length: number) =>
        this.#read(buffer, offset, length),
      write: (_stream: unknown, buffer: Uint8Array, offset: number, length: number) => {
        if (this.#writtenBytes + length > LONGEST + 4) throw new fs.ErrnoError(EINVAL);
        this.#written.push(buffer.slice(offset, offset + length));
        this.#writtenBytes += length;
        this.#takeFrames();
        return length;
      },
    });
    fs.mkdev(DEVICE, 0o666, device);
  }

  #read(buffer: Uint8Array, offset: number, length: number): number {
    const [first] = this.#incoming;
    if (first === undefined) return 0;
    const piece = first.subarray(0, length);
    buffer.set(piece, offset);
    if (piece.length === first.length) this.#incoming.shift();
    else this.#incoming[0] = first.subarray(piece.length);
    return piece.length;
  }

  #takeFrames(): void {
    let bytes = joined(this.#written);
    while (bytes.length >= 4) {
      const end = 4 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(0, true);
      if (bytes.length < end) break;
      const frame = parsed(bytes.subarray(4, end));
      bytes = bytes.slice(end);
      if (frame !== undefined) this.hear(frame);
    }
    this.#written = bytes.length === 0 ? [] : [bytes];
    this.#writtenBytes = bytes.length;
  }

  /** What is ready at once needs no wait, and then it is no promise: the interpreter goes on. */
  #poll(engine: Engine, fds: number, count: number, ms: number): number | Promise<number> {
    if (this.interrupts.check()) return EINTR;
    const ready = this.#ready(engine, fds, count);
    if (ready > 0 || ms === 0) return ready;
    return this.#wait(engine, fds, count, performance.now() + (ms < 0 ? Infinity : ms));
  }

  async #wait(engine: Engine, fds: number, count: number, until: number): Promise<number> {
    while (true) {
      const left = Math.min(until, this.interrupts.next) - performance.now();
      if (left > 0) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
          if (left < Infinity) this.later(resolve, Math.min(Math.ceil(left), 2 ** 31 - 1));
        });
        this.#wake = undefined;
      }
      if (this.interrupts.check()) return EINTR;
      const ready = this.#ready(engine, fds, count);
      if (ready > 0 || performance.now() >= until) return ready;
    }
  }

  /** Files are always ready, this device when there is something to read. */
  #ready({ fs, memory }: Engine, fds: number, count: number): number {
    let ready = 0;
    for (let at = fds; at < fds + count * POLLFD; at += POLLFD) {
      const stream = fs.getStream(memory.HEAP32[at >>> 2]!) as { path?: string } | undefined;
      const asked = memory.HEAP16[(at + 4) >>> 1]!;
      const can = stream?.path === DEVICE
        ? POLLOUT | (this.#incoming.length > 0 ? POLLIN : 0)
        : POLLIN | POLLOUT;
      const events = can & asked;
      memory.HEAP16[(at + 6) >>> 1] = events;
      if (events !== 0) ready++;
    }
    return ready;
  }
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  if (pieces.length === 1) return pieces[0]!;
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A program may write anything: what is no frame is nobody's. */
function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
