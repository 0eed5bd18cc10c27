/**
 * The right to send to an actor, as its holder sees it. Made only by the kernel; never by name.
 *
 * @module
 */
import type {
  CallNames,
  CastNames,
  ItemOf,
  MessagesOf,
  Protocol,
  ReplyOf,
  RequestOf,
  StreamNames,
  Z,
} from "./protocol.ts";
import type { ZodType } from "zod";

/** How long to wait and when to give up. */
export interface CallOptions {
  /** Milliseconds from now, more than 0. Default 30 000, and never later than the message being handled. */
  timeoutMs?: number;
  /** Gives up, and tells the actor so, when aborted. */
  signal?: AbortSignal;
}

/** A running stream: iterate it for its items, then await `reply`. Leaving the loop early cancels it. */
export interface ActorStream<Item, Reply> extends AsyncIterable<Item> {
  /** The value that ended the stream. Rejects as {@linkcode ActorRef.call} does. */
  readonly reply: Promise<Reply>;
  /** Tells the actor to stop; `reply` rejects with code `cancelled`. */
  cancel(): void;
}

/** Key of a property that only the type checker knows: the protocol a reference's actor answers. */
export declare const answers: unique symbol;

/**
 * A reference to an actor: holding it is the permission to use it. It keeps working when the actor is
 * restarted, can be put into any message, and stops working when whoever lent it revokes it.
 */
export interface ActorRef<P extends Protocol = Protocol> {
  /** Never there: tells the type checker references to different protocols apart. */
  readonly [answers]?: P;
  /** Name of the actor, for logs. Names give no rights. */
  readonly name: string;
  /**
   * Sends a request and waits for its reply.
   * @throws {Fault} code `timeout`, `died`, `revoked`, `bad_request`, `cancelled`, `mailbox_full`, or the code the actor failed with.
   */
  call<K extends CallNames<MessagesOf<P>>>(
    name: K,
    request: RequestOf<MessagesOf<P>[K]>,
    options?: CallOptions,
  ): Promise<ReplyOf<MessagesOf<P>[K]>>;
  /**
   * Sends without waiting. Returns false when the mailbox is full and the message waits here: slow down,
   * and await {@linkcode ActorRef.ready} before the next one.
   * @throws {Fault} code `mailbox_full` when as many again already wait here; `revoked`.
   */
  cast<K extends CastNames<MessagesOf<P>>>(name: K, request: RequestOf<MessagesOf<P>[K]>): boolean;
  /** Opens a stream. */
  stream<K extends StreamNames<MessagesOf<P>>>(
    name: K,
    request: RequestOf<MessagesOf<P>[K]>,
    options?: CallOptions,
  ): ActorStream<ItemOf<MessagesOf<P>[K]>, ReplyOf<MessagesOf<P>[K]>>;
  /** Resolves once the mailbox has room. */
  ready(): Promise<void>;
  /** A copy to hand out whose every descendant stops working when it is revoked. */
  lend(): LentRef<P>;
  /** Gives the right up; waiting calls fail with code `closed`. */
  close(): void;
}

/** A reference that can be taken back. */
export interface LentRef<P extends Protocol = Protocol> extends ActorRef<P> {
  /** Takes back this reference and all made from it. Calls through them fail with code `revoked`. */
  revoke(): void;
}

/** Schema of a reference inside a message. */
export function refTo<P extends Protocol>(z: Z, _protocol: P): ZodType<ActorRef<P>> {
  return z.custom<ActorRef<P>>((value) => typeof value === "object" && value !== null && "call" in value);
}
