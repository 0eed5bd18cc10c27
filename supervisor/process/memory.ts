/**
 * Ends this process when it has too much memory in use, whatever its workers do: V8's heap limit counts neither
 * buffers nor WebAssembly, and cannot be handed to a compiled binary at all.
 *
 * @see https://github.com/denoland/deno/issues/19808
 * @module
 */

/** Milliseconds between two looks; one takes about 0.03 ms. */
const EVERY_MS = 50;

const MEBIBYTE = 1_048_576;

/** What a process may use, in MiB of resident memory. */
export interface MemoryLimits {
  /** In all. */
  readonly memoryMb?: number;
  /** More than now. */
  readonly growthMb?: number;
}

/** Ends this process, saying so, once it is beyond one of the limits. */
export function limitMemory({ memoryMb = Infinity, growthMb = Infinity }: MemoryLimits): void {
  const most = Math.min(memoryMb, Deno.memoryUsage().rss / MEBIBYTE + growthMb);
  if (most === Infinity) return;
  const words = most === memoryMb
    ? `it uses more than ${memoryMb} MiB`
    : `it grew by more than ${growthMb} MiB`;
  setInterval(() => {
    if (Deno.memoryUsage().rss <= most * MEBIBYTE) return;
    Deno.stderr.writeSync(new TextEncoder().encode(`out of memory: ${words}\n`));
    Deno.exit(1);
  }, EVERY_MS);
}
