/**
 * The last messages of one session, for a client that lost its connection and comes back with `Last-Event-ID`.
 *
 * @module
 */
import type { EventId, EventStore, JSONRPCMessage, StreamId } from "@modelcontextprotocol/server";

/** Bounds of a log; the newest message is kept in any case. */
export interface LogLimits {
  /** Default 256. */
  readonly events?: number;
  /** Characters of JSON. Default 250 000. */
  readonly chars?: number;
}

interface Kept {
  readonly stream: StreamId;
  readonly message: JSONRPCMessage;
  readonly chars: number;
}

/** See the module. Ids count from 1. */
export class EventLog implements EventStore {
  readonly #events: number;
  readonly #chars: number;
  /** By id; iterates oldest first. */
  readonly #kept = new Map<EventId, Kept>();
  #stored = 0;
  #size = 0;

  constructor({ events = 256, chars = 250_000 }: LogLimits = {}) {
    this.#events = events;
    this.#chars = chars;
  }

  storeEvent(stream: StreamId, message: JSONRPCMessage): Promise<EventId> {
    const id = String(++this.#stored);
    const chars = JSON.stringify(message).length;
    this.#kept.set(id, { stream, message, chars });
    this.#size += chars;
    this.#forget();
    return Promise.resolve(id);
  }

  /** Undefined for what is unknown or forgotten: a gap is never passed off as a replay. */
  getStreamIdForEventId(id: EventId): Promise<StreamId | undefined> {
    return Promise.resolve(this.#kept.get(id)?.stream);
  }

  async replayEventsAfter(
    last: EventId,
    { send }: { send: (id: EventId, message: JSONRPCMessage) => Promise<void> },
  ): Promise<StreamId> {
    const stream = this.#kept.get(last)?.stream;
    if (stream === undefined) throw new Error(`Cannot replay what follows event ${last}: it is forgotten`);
    for (const [id, kept] of [...this.#kept]) {
      // What opens a stream is no message.
      const wanted = kept.stream === stream && Number(id) > Number(last) && "jsonrpc" in kept.message;
      if (wanted) await send(id, kept.message);
    }
    return stream;
  }

  #forget(): void {
    for (const [id, { chars }] of this.#kept) {
      const room = this.#kept.size <= this.#events && this.#size <= this.#chars;
      if (room || this.#kept.size === 1) return;
      this.#kept.delete(id);
      this.#size -= chars;
    }
  }
}
