/**
 * The connection to one remote agent: made when first needed, kept while it is good for something.
 *
 * @module
 */
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { Sdk } from "./card.ts";
import { type Door, guardedFetch } from "./guarded_fetch.ts";
import { connect, type Remote } from "./remote.ts";
import { within } from "./setbacks.ts";

/** Where an agent is, and how it lets us in. */
export interface Reachable {
  /** Address of its card, when that ends in ".json"; else the address below which the card lies. */
  readonly card: string;
  /** Sent with each request. Default nothing. */
  readonly credential?: Door["credential"];
}

/** Connects once, and again when that failed. Stops waiting when `signal` is aborted. */
export type Connect = (signal: AbortSignal) => Promise<Remote>;

/** Milliseconds it may take to read a card. */
const CONNECT_MS = 20_000;

/** The connection to that agent. */
export function connector(sdk: Sdk, { card, credential }: Reachable, clock: Clock): Connect {
  const door = { origin: new URL(card).origin, ...(credential === undefined ? {} : { credential }) };
  const guarded = guardedFetch(door);
  const wanted = new AbortController().signal; // by whoever comes next, also when the first one has gone
  let connected: Promise<Remote> | undefined;
  return (signal) => {
    if (connected === undefined) {
      connected = within(clock, CONNECT_MS, wanted, (signal) => connect(sdk, card, guarded, signal));
      connected.catch(() => connected = undefined); // whoever waits hears why
    }
    return orAborted(connected, signal);
  };
}

async function orAborted<T>(wanted: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const stop = () => reject(signal.reason);
  signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([wanted, promise]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
