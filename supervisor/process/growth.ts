/**
 * Ends this process when it has grown too large: for compiled binaries, which V8's heap limit cannot be handed to.
 *
 * @see https://github.com/denoland/deno/issues/19808
 * @module
 */

/** Milliseconds between two looks. */
const EVERY_MS = 20;

/** Ends this process, saying so, once its resident memory is `mebibytes` more than now. */
export function limitGrowth(mebibytes: number): void {
  const limit = Deno.memoryUsage().rss + mebibytes * 1_048_576;
  setInterval(() => {
    if (Deno.memoryUsage().rss <= limit) return;
    Deno.stderr.writeSync(new TextEncoder().encode(`out of memory: it grew by more than ${mebibytes} MiB\n`));
    Deno.exit(1);
  }, EVERY_MS);
}
