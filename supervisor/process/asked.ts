/**
 * What a process was asked through the ends of those who hold references to its actor. An answer to anything else, or
 * a second one, is no answer: the process is not what it should be.
 *
 * @module
 */
import { type Frame, Kind } from "../actor/wire.ts";

/** One holder's end. */
interface End {
  /** Calls and streams by number: how often each was asked, less how often it was answered. */
  readonly open: Map<number, number>;
  readonly streams: Set<number>;
  last: number;
}

/** See the module's words. */
export class Asked {
  readonly #ends = new Map<number, End>();

  /** A holder's end. */
  add(port: number): void {
    this.#ends.set(port, { open: new Map(), streams: new Set(), last: 0 });
  }

  /** A holder's end was dropped: nobody listens to it. */
  remove(port: number): void {
    this.#ends.delete(port);
  }

  /** Went to the process. Who gives up a call is answered all the same, once. */
  sent(port: number, frames: readonly Frame[]): void {
    const end = this.#ends.get(port);
    if (end === undefined) return;
    for (const [kind, seq] of frames) {
      if (kind > Kind.stream) continue;
      end.last = Math.max(end.last, seq);
      if (kind === Kind.cast) continue;
      end.open.set(seq, (end.open.get(seq) ?? 0) + 1);
      if (kind === Kind.stream) end.streams.add(seq);
    }
  }

  /** Came from the process. @throws {Error} when nobody asked for it. */
  answered(port: number, frames: readonly Frame[]): void {
    const end = this.#ends.get(port);
    if (end === undefined) return;
    for (const [kind, seq] of frames) {
      if (kind === Kind.reply || kind === Kind.fail) close(end, seq);
      else if (kind === Kind.item && !(end.open.has(seq) && end.streams.has(seq))) {
        throw new Error(`an item of stream ${seq}, which is not open`);
      } else if (kind === Kind.done && seq > end.last) {
        throw new Error(`that message ${seq} is done, which was not sent`);
      } else if (kind < Kind.reply) throw new Error(`a frame of kind ${kind} to a holder`);
    }
  }
}

function close({ open, streams }: End, seq: number): void {
  const left = open.get(seq);
  if (left === undefined) throw new Error(`an answer to call ${seq}, which nobody waits for`);
  if (left > 1) return void open.set(seq, left - 1);
  open.delete(seq);
  streams.delete(seq);
}
