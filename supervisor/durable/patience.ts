/**
 * Asking a store again while its actor is being restarted. Only for calls that are harmless when repeated.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Clock } from "../actor/define.ts";

/** Tries of one call to a store before its failure counts. */
export const STORE_ATTEMPTS = 6;
const FIRST_WAIT_MS = 50;
const PASSING: ReadonlySet<string> = new Set(["died", "timeout", "mailbox_full", "store_busy"]);

/** The same call, waiting 50 ms after its first failure, then twice as long each time, {@linkcode STORE_ATTEMPTS} tries in all. */
export function patiently<Q, R>(call: (request: Q) => Promise<R>, clock: Clock): (request: Q) => Promise<R> {
  return async (request) => {
    for (let attempt = 1;; attempt++) {
      try {
        return await call(request);
      } catch (error) {
        if (attempt === STORE_ATTEMPTS || !PASSING.has(Fault.of(error).code)) throw error;
        await clock.sleep(FIRST_WAIT_MS * 2 ** (attempt - 1));
      }
    }
  };
}
