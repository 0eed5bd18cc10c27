/**
 * Taking the body of a request in: all of it before anything else looks at it, but not more than may come, and not
 * slower.
 *
 * @module
 */
import type { Clock } from "../../supervisor/actor/define.ts";
import { isDeeperThan } from "./nesting.ts";
import type { Refusal } from "./refusal.ts";
import { TOO_LATE, within } from "./within.ts";

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
export async function readBody(request: Request, limits: BodyLimits, clock: Clock): Promise<Body> {
  const { body, headers } = request;
  if (body === null) return { bytes: undefined };
  const encoding = headers.get("content-encoding") ?? "identity";
  if (encoding !== "identity") return refused(415, "A body must not be compressed");
  if (Number(headers.get("content-length") ?? 0) > limits.most) return tooLarge(limits.most);
  const reader = body.getReader();
  const read = collect(reader, limits.most);
  const bytes = await within(limits.ms, clock, read.catch(() => "broken" as const));
  if (typeof bytes === "object") return isDeeperThan(DEEPEST, bytes) ? refused(400, TOO_DEEP) : { bytes };
  // The rest is of no interest, nor is whether its sender hears so.
  reader.cancel().catch(() => {});
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
  reader: ReadableStreamDefaultReader<Uint8Array>,
  most: number,
): Promise<Uint8Array<ArrayBuffer> | "too many"> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > most) return "too many";
    chunks.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
