/**
 * Waiting for something, but not for ever.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";

/** What came too late. */
export const TOO_LATE = Symbol("too late");

/** What `work` comes to, or {@linkcode TOO_LATE} once `ms` milliseconds are over; the work goes on then, unwatched. */
export async function within<T>(ms: number, clock: Clock, work: Promise<T>): Promise<T | typeof TOO_LATE> {
  const done = new AbortController();
  const sleep = clock.sleep(ms, done.signal).then(
    (): typeof TOO_LATE => TOO_LATE,
    (): typeof TOO_LATE => TOO_LATE,
  );
  try {
    return await Promise.race([work, sleep]);
  } finally {
    done.abort();
  }
}
