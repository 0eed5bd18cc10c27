/**
 * What crosses a port: frames of JSON text, many to a post.
 *
 * Text beats structured clone for small plain data, and batches beat single posts (platform measurements:
 * x1.2 and x6). References travel as ports beside the text; the text holds their index.
 *
 * @module
 */
import { Fault, type FaultData } from "../../protocols/messages/fault.ts";
import { JSON, MessageChannel, postThrough, queueMicrotask } from "./natives.ts";

/** First element of a frame. Holder to actor: 0-4; actor to holder: 5-8. */
export const Kind = {
  /** [0, seq, name, payload, 0] */
  cast: 0,
  /** [1, seq, name, payload, deadline] */
  call: 1,
  /** [2, seq, name, payload, deadline] */
  stream: 2,
  /** [3, seq] the holder gave up */
  cancel: 3,
  /** [4, seq, n] room for n more items */
  more: 4,
  /** [5, seq, value] ends a call or a stream */
  reply: 5,
  /** [6, seq, fault] ends a call or a stream */
  fail: 6,
  /** [7, seq, value] */
  item: 7,
  /** [8, seq] all messages up to seq are done */
  done: 8,
} as const;

/** A parsed frame. */
export type Frame = [kind: number, seq: number, ...rest: unknown[]];

/** What a post carries: text, or text and the ports it mentions. */
export type Packet = string | [string, ...MessagePort[]];

/** Frames posted together at most. */
const BATCH = 128;
/** Key of an object that stands for the n-th port. Not a character people type. */
const REF_KEY = "\u0000ref";

/** A reference as text; `ref` is the index of its port. */
export interface WireRef {
  [REF_KEY]: number;
  token: string;
  name: string;
}

let attaching: MessagePort[] | undefined;

/**
 * Called by a reference's `toJSON`: puts a port beside the text being written; `mint` gets its other end.
 * @throws {Fault} code `not_a_message` when the text is not for an actor.
 */
export function attach(token: string, name: string, mint: (port: MessagePort) => void): WireRef {
  if (attaching === undefined) {
    throw new Fault(
      "not_a_message",
      `Cannot write the reference "${name}" as text: it can only be sent to an actor`,
    );
  }
  const { port1, port2 } = new MessageChannel();
  mint(port2);
  return { [REF_KEY]: attaching.push(port1) - 1, token, name };
}

class Encoded {
  constructor(readonly text: string) {}
}

/**
 * Writes a value that is sent to many, once: the result stands for it in casts, calls, replies and items. It must
 * hold no references.
 */
export function encodeOnce<T>(value: T): T {
  return new Encoded(JSON.stringify(value)) as T;
}

/** Text of a value, and the ports of the references in it. */
export function encode(value: unknown): { text: string; ports: MessagePort[] } {
  if (value instanceof Encoded) return { text: value.text, ports: [] };
  const outer = attaching;
  const ports: MessagePort[] = attaching = [];
  try {
    return { text: JSON.stringify(value) ?? "null", ports };
  } catch (error) {
    for (const port of ports) port.close();
    throw error;
  } finally {
    attaching = outer;
  }
}

/** Puts references back in place of what stands for them. */
export function revive(
  value: unknown,
  ports: readonly MessagePort[],
  make: (wire: WireRef, port: MessagePort) => unknown,
): unknown {
  if (typeof value !== "object" || value === null) return value;
  const wire = value as Partial<WireRef>;
  if (REF_KEY in wire && typeof wire[REF_KEY] === "number") {
    const port = ports[wire[REF_KEY]];
    if (port === undefined || typeof wire.token !== "string" || typeof wire.name !== "string") {
      throw new Fault("bad_request", "Cannot read a message: it holds a reference without its port");
    }
    return make(wire as WireRef, port);
  }
  for (const [key, inner] of Object.entries(value)) {
    (value as Record<string, unknown>)[key] = revive(inner, ports, make);
  }
  return value;
}

/** The frames of a post. */
export function framesOf(text: string): Frame[] {
  return text.charCodeAt(1) === 91 /* [[ */ ? JSON.parse(text) : [JSON.parse(text)];
}

const quoted = new Map<string, string>();

/** The frame of a cast, a call or a stream. */
export function message(kind: number, seq: number, name: string, payload: string, deadline: number): string {
  let quotedName = quoted.get(name);
  if (quotedName === undefined) quoted.set(name, quotedName = JSON.stringify(name));
  return `[${kind},${seq},${quotedName},${payload},${deadline}]`;
}

/** A fault's frame. */
export function failure(seq: number, fault: FaultData): string {
  return `[${Kind.fail},${seq},${JSON.stringify(fault)}]`;
}

let held: FrameWriter[] | undefined;

/** Runs `work` and posts what it wrote when it is done: cheaper than at the end of the turn. */
export function together(work: () => void): void {
  const writers: FrameWriter[] = held = [];
  try {
    work();
  } finally {
    held = undefined;
    for (const writer of writers) writer.flush();
  }
}

/** Writes frames to a port, many in one post. */
export class FrameWriter {
  /** Frames that wait, with commas between. */
  #text = "";
  #count = 0;
  readonly #port: MessagePort;
  readonly #posted: (text: string) => void;
  readonly #flushSoon = () => this.flush();

  /** `posted` is called after each post with the text of its frames. */
  constructor(port: MessagePort, posted: (text: string) => void) {
    this.#port = port;
    this.#posted = posted;
  }

  /** Sends with the others of this turn. */
  write(frame: string): void {
    this.#add(frame);
    if (this.#count >= BATCH) this.#post();
    else if (this.#count > 1) return;
    else if (held !== undefined) held.push(this);
    else queueMicrotask(this.#flushSoon);
  }

  /** Sends at once, after those that wait. */
  writeNow(frame: string): void {
    this.#add(frame);
    this.#post();
  }

  /** Sends a frame that mentions ports, after those before it. */
  writeWith(frame: string, ports: MessagePort[]): void {
    if (ports.length === 0) return this.write(frame);
    this.flush();
    postThrough(this.#port, [frame, ...ports], ports);
    this.#posted(frame);
  }

  /** Sends what waits. */
  flush(): void {
    if (this.#count > 0) this.#post();
  }

  #add(frame: string): void {
    this.#text = ++this.#count === 1 ? frame : `${this.#text},${frame}`;
  }

  #post(): void {
    const text = this.#count === 1 ? this.#text : `[${this.#text}]`;
    this.#text = "";
    this.#count = 0;
    postThrough(this.#port, text, []);
    this.#posted(text);
  }
}
