/**
 * Waiting for something only as long as somebody wants it.
 *
 * @module
 */

/** What `waited` comes to. @throws the signal's reason when it is aborted first; nobody waits any more then. */
export async function unlessAborted<Result>(waited: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort, { once: true });
  if (signal.aborted) abort();
  try {
    return await Promise.race([aborted.promise, waited]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
