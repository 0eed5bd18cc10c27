/**
 * What a program prints: told while it runs, up to a limit. The rest is counted and forgotten, so that a flood costs
 * no memory.
 *
 * @module
 */
import type { FileSystem } from "./filesystem.ts";

/** Where something was printed. */
export type Channel = "stdout" | "stderr";

/** Milliseconds that printed text waits for more, at most, while the program does something the host sees. */
const WAIT_MS = 30;
/** Bytes that wait at most. */
const WAIT_BYTES = 65_536;

/** One channel of one run. */
class Printed {
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #left: number;
  #toldAt = -Infinity;
  readonly #decoder = new TextDecoder();
  /** Bytes that were not told. */
  dropped = 0;

  constructor(limit: number, private readonly tell: (text: string) => void) {
    this.#left = limit;
  }

  write(bytes: Uint8Array): void {
    const kept = bytes.slice(0, this.#left);
    this.#left -= kept.length;
    this.dropped += bytes.length - kept.length;
    if (kept.length === 0) return;
    this.#waiting.push(kept);
    this.#waitingBytes += kept.length;
    this.flush(WAIT_MS);
  }

  /** Tells what has waited since nothing was told for `ms` milliseconds. */
  flush(ms = 0): void {
    if (this.#waitingBytes === 0) return;
    if (this.#waitingBytes < WAIT_BYTES && performance.now() - this.#toldAt < ms) return;
    this.#toldAt = performance.now();
    const pieces = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#say(pieces.map((piece) => this.#decoder.decode(piece, { stream: true })).join(""));
  }

  /** Tells the rest. A character cut in two by the limit is left out. */
  end(): void {
    this.flush();
    if (this.dropped === 0) this.#say(this.#decoder.decode());
  }

  #say(text: string): void {
    if (text !== "") this.tell(text);
  }
}

/** Standard output and standard error of an interpreter. */
export class Output {
  #channels: Record<Channel, Printed> | undefined;

  /** Begins a run. `limit` in bytes, for each channel. */
  begin(limit: number, tell: (channel: Channel, text: string) => void): void {
    this.#channels = {
      stdout: new Printed(limit, (text) => tell("stdout", text)),
      stderr: new Printed(limit, (text) => tell("stderr", text)),
    };
  }

  /** Tells what has waited long enough, or all of it. */
  flush(all: boolean): void {
    this.#channels?.stdout.flush(all ? 0 : WAIT_MS);
    this.#channels?.stderr.flush(all ? 0 : WAIT_MS);
  }

  /** Ends a run; answers with the bytes that were dropped. What is printed later is forgotten. */
  end(): Record<Channel, number> {
    const channels = this.#channels;
    this.#channels = undefined;
    channels?.stdout.end();
    channels?.stderr.end();
    return { stdout: channels?.stdout.dropped ?? 0, stderr: channels?.stderr.dropped ?? 0 };
  }

  /** Makes files 0, 1 and 2 of an interpreter: nothing to read, and what is printed comes here. */
  install(fs: FileSystem): void {
    for (const path of ["/dev/stdin", "/dev/stdout", "/dev/stderr", "/dev/tty", "/dev/tty1"]) fs.unlink(path);
    const devices = [() => 0, this.#to("stdout"), this.#to("stderr")];
    for (const [fd, write] of devices.entries()) {
      const device = fs.makedev(241, fd), path = ["/dev/stdin", "/dev/stdout", "/dev/stderr"][fd]!;
      fs.registerDevice(device, { llseek: () => 0, read: () => 0, write });
      fs.mkdev(path, 0o666, device);
      fs.close(fs.getStream(fd));
      if (fs.open(path, fd === 0 ? 0 : 1).fd !== fd) {
        throw new Error("Cannot open the standard files of Python");
      }
    }
  }

  #to(channel: Channel) {
    return (_stream: unknown, buffer: Uint8Array, offset: number, length: number) => {
      this.#channels?.[channel].write(buffer.subarray(offset, offset + length));
      return length;
    };
  }
}
