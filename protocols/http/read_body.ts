/**
 * Taking the body of a request in: all of it before anything else looks at it, but not more than may come, and not
 * slower.
 *
 * @module
 */
import { type Deadlines, TOO_LATE } from "./deadlines.ts";
import { isDeeperThan } from "./nesting.ts";
import type { Refusal } from "./refusal.ts";

/** How much and how long. */
export interface BodyLimits {
  /** Bytes. */
  readonly most: number;
  /** Milliseconds until the last byte must be there. */
  readonly ms: number;
}

/** Lists and objects within one another. */
const DEEPEST = 128;
const TOO_DEEP = `Lists and objects of a body may go ${DEEPEST} deep at most`;

/** The bytes; undefined where there is no body; or why it is not taken. */
export type Body = { readonly bytes: Uint8Array<ArrayBuffer> | undefined } | { readonly refusal: Refusal };

/** Reads it. What is refused is left unread. */
export async function readBody(request: Request, limits: BodyLimits, deadlines: Deadlines): Promise<Body> {
  const { body, headers } = request;
  if (body === null) return { bytes: undefined };
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return refused(415, "A body must not be compressed");
  const length = headers.get("content-length");
  if (Number(length) > limits.most) return tooLarge(limits.most);
  const leaving = new AbortController();
  // Where a length is said, the server takes no more bytes than that.
  const reading = length === null ? collect(body, limits.most, leaving.signal) : request.bytes();
  const bytes = await deadlines.within(limits.ms, reading.catch(() => "broken" as const));
  if (typeof bytes === "object") return isDeeperThan(DEEPEST, bytes) ? refused(400, TOO_DEEP) : { bytes };
  leaving.abort();
  if (bytes === TOO_LATE) return refused(408, `The body must be here within ${limits.ms / 1000} s`);
  return bytes === "broken" ? refused(400, "The body broke off") : tooLarge(limits.most);
}

function tooLarge(most: number): Body {
  return refused(413, `A body may have ${most} bytes at most`);
}

function refused(status: number, message: string): Body {
  return { refusal: { status, message, headers: { Connection: "close" } } };
}

/** All bytes, or that there are too many. */
async function collect(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  most: number,
  leaving: AbortSignal,
): Promise<Uint8Array<ArrayBuffer> | "too many"> {
  const reader = body.getReader();
  // The rest is of no interest then, nor is whether its sender hears so.
  leaving.addEventListener("abort", () => void reader.cancel().catch(() => {}), { once: true });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return new Uint8Array(await new Blob(chunks).arrayBuffer());
    length += value.length;
    if (length > most) return "too many";
    chunks.push(value);
  }
}
