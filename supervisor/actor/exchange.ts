/**
 * The control side of references. The main thread keeps the book of who may send to whom; it forwards
 * no message, but hands out ports, connects them anew when an actor restarts, and cuts them.
 *
 * @module
 */
import type { FaultData } from "../../protocols/messages/fault.ts";

/** What a holder of references tells the main thread. */
export interface Exchange {
  /**
   * A reference made from `via` is on its way to somebody: `port` is the actor's end of it.
   * `lent` lists what was lent on the way, newest last. `via` is "self" for the speaker itself.
   */
  mint(via: string, lent: readonly string[], token: string, port: MessagePort): void;
  /** A reference arrived here. */
  hold(token: string): void;
  /** This holder gives it up. */
  close(token: string): void;
  /** Cuts all references made through what was lent under this name. */
  revoke(lent: string): void;
  /** A message waits for an actor that is down. */
  want(token: string): void;
}

/** What the main thread tells a holder about a reference. */
export type LinkNews =
  /** The actor ended. Messages up to `begun` were begun; it made `posted` posts on this port. */
  | { op: "down"; token: string; begun: number; posted: number; reason: string }
  /** It is there again, behind this port. */
  | { op: "up"; token: string; port: MessagePort }
  /** It never will be: revoked, stopped or failed for good. */
  | { op: "gone"; token: string; fault: FaultData };
