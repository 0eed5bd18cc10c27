/**
 * Answers that take long. A modern request is answered with plain JSON unless something is told on the way; what stands
 * between would take silence for death and cut it. So an answer that is not there soon becomes a stream that gives signs
 * of life until it is.
 *
 * @module
 */
import type { Clock } from "../../../supervisor/actor/define.ts";

/** Milliseconds after which an answer becomes a stream. */
export const SOON_MS = 5_000;

/** When signs of life are due. */
export interface Pace {
  readonly clock: Clock;
  /** Milliseconds between them. */
  readonly keepAliveMs: number;
}

/** Why waiting ends when all is well. Without a reason each `abort` would make an exception, with its stack. */
export const DONE = "done";

/** The response as soon as it is there; else a stream in which it will be, if the client takes streams. */
export async function patiently(
  request: Request,
  response: Promise<Response>,
  pace: Pace,
): Promise<Response> {
  if (!request.headers.get("accept")?.includes("text/event-stream")) return await response;
  const there = new AbortController();
  const late = pace.clock.sleep(SOON_MS, there.signal).then(() => undefined, () => response);
  const soon = await Promise.race([response, late]).finally(() => there.abort(DONE));
  if (soon !== undefined) return soon;
  const headers = { "content-type": "text/event-stream", "cache-control": "no-cache, no-transform" };
  return new Response(ReadableStream.from(streamed(response, pace)), { headers });
}

async function* streamed(
  response: Promise<Response>,
  { clock, keepAliveMs }: Pace,
): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const over = new AbortController();
  try {
    for (;;) {
      yield encoder.encode(": still at work\n\n");
      const pause = clock.sleep(keepAliveMs, over.signal).then(() => undefined, () => response);
      const there = await Promise.race([response, pause]);
      if (there === undefined) continue;
      if (there.headers.get("content-type")?.includes("text/event-stream")) yield* there.body ?? [];
      else yield encoder.encode(`event: message\ndata: ${await there.text()}\n\n`);
      return;
    }
  } finally {
    over.abort(DONE);
    // Of an answer that comes after the client has left nobody takes anything.
    response.then(({ body }) => body?.locked ? undefined : body?.cancel()).catch(() => {});
  }
}
