/**
 * A stream of answers as server-sent events.
 *
 * @module
 */
import { formatSSEEvent, SSE_HEADERS } from "@a2a-js/sdk";
import type { Clock } from "../../../supervisor/actor/define.ts";

/** How {@linkcode eventStream} answers. */
export interface EventStreamOptions {
  readonly clock: Clock;
  /** A comment is sent when nothing else was for so long. Milliseconds. */
  readonly keepAliveMs: number;
  /** What is sent last when the answers fail. */
  readonly failed: (error: unknown) => unknown;
  /** Whether a failure of the first answer is sent like that too. Default it is thrown. */
  readonly always?: boolean;
  /** Called when the client has gone. */
  readonly gone: () => void;
}

const ENCODER = new TextEncoder();
const COMMENT = ENCODER.encode(": keep-alive\n\n");

/**
 * The response whose events are `answers`, each as JSON.
 * @throws what the first answer throws, unless `always`: it is no stream then.
 */
export async function eventStream(
  answers: AsyncGenerator<unknown, void, undefined>,
  options: EventStreamOptions,
): Promise<Response> {
  const first = answers.next();
  if (options.always !== true) await first;
  const body = new ReadableStream<Uint8Array>(source(answers, first, options), { highWaterMark: 1 });
  return new Response(body, { headers: SSE_HEADERS });
}

/** Reads on only as fast as the client does. */
function source(
  answers: AsyncGenerator<unknown, void, undefined>,
  first: Promise<IteratorResult<unknown, void>>,
  { clock, keepAliveMs, failed, gone }: EventStreamOptions,
): UnderlyingDefaultSource<Uint8Array> {
  let next: Promise<IteratorResult<unknown, void>> | null = first;
  return {
    async pull(controller) {
      next ??= answers.next();
      try {
        const result = await withinSilence(next, clock, keepAliveMs);
        if (result === null) return controller.enqueue(COMMENT);
        next = null;
        if (result.done) controller.close();
        else controller.enqueue(ENCODER.encode(formatSSEEvent(result.value)));
      } catch (error) {
        controller.enqueue(ENCODER.encode(formatSSEEvent(failed(error))));
        controller.close();
      }
    },
    async cancel() {
      gone();
      await next?.catch(() => {}); // it was told to whoever waited, if anybody did
      await answers.return();
    },
  };
}

/** Null when nothing came for so long. */
async function withinSilence<T>(result: Promise<T>, clock: Clock, ms: number): Promise<T | null> {
  const came = new AbortController();
  const silence = clock.sleep(ms, came.signal).then(() => null, () => null);
  try {
    return await Promise.race([result, silence]);
  } finally {
    came.abort();
  }
}
