/**
 * Makes a worker ready before anybody needs it: it loads and compiles what its first message takes, and does what its
 * actor prepares.
 *
 * @module
 */
import type { FromWorker, ToWorker } from "../actor/control.ts";
import type { ProcessSpec } from "../process/launch.ts";
import type { Blank } from "./spawner.ts";

/** Milliseconds it may take. */
const PRIME_MS = 30_000;

/**
 * Resolves when it is ready; rejects, and the worker is ended, when it cannot be made so or the signal is aborted.
 * `died` is called if it ends later while nobody else listens to it.
 */
export function prime(
  { worker }: Blank,
  process: ProcessSpec | undefined,
  signal: AbortSignal,
  died: () => void,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const give = (reason: string) => {
    worker.terminate();
    reject(new Error(reason));
    died();
  };
  const abort = () => give("nobody needs it any more");
  const late = setTimeout(() => give(`it was not ready within ${PRIME_MS} ms`), PRIME_MS);
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.op === "primed") resolve();
    else if (data.op === "crashed" || data.op === "start_failed") give(data.fault.message);
    else if (data.op === "ended") give("it ended");
  };
  worker.onerror = (event) => {
    event.preventDefault();
    give(event.message);
  };
  worker.postMessage({ op: "prime", process } satisfies ToWorker);
  return promise.finally(() => {
    clearTimeout(late);
    signal.removeEventListener("abort", abort);
  });
}
