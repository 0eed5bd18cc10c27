/**
 * Taking requests in and waiting for their answers, neither for ever.
 *
 * @module
 */
import type { MiddlewareHandler } from "@hono/hono";
import type { DoorEnv } from "./admission.ts";
import { type Deadlines, TOO_LATE } from "./deadlines.ts";
import { readBody } from "./read_body.ts";
import { refuse, type Served, servedAt } from "./refusal.ts";

/** What a request may take. */
export interface IntakeLimits {
  /** Bytes of its body. */
  readonly bodyBytes: number;
  /** Milliseconds until its body must be there. */
  readonly bodyMs: number;
  /** Milliseconds from then on until the response must have begun. */
  readonly responseMs: Readonly<Record<Served, number>>;
}

/**
 * What comes behind has the whole body, and a signal that tells when nobody waits for the response any more: the
 * client is gone, or was told that it took too long.
 */
export function intake(
  { bodyBytes, bodyMs, responseMs }: IntakeLimits,
  deadlines: Deadlines,
): MiddlewareHandler<DoorEnv> {
  return async (context, next) => {
    const { path, raw } = context.req;
    const body = await readBody(raw, { most: bodyBytes, ms: bodyMs }, deadlines);
    if ("refusal" in body) return refuse(path, body.refusal);
    const given = new AbortController();
    raw.signal.addEventListener("abort", () => given.abort(raw.signal.reason), { once: true });
    context.set("body", body.bytes);
    context.req.raw = new Request(raw, { body: body.bytes, signal: given.signal });
    const responded = next();
    const ms = responseMs[servedAt(path) ?? "a2a"];
    if (await deadlines.within(ms, responded) !== TOO_LATE) return;
    given.abort(new DOMException("The response did not begin in time", "TimeoutError"));
    return refuse(path, { status: 504, message: `The response did not begin within ${ms / 1000} s` });
  };
}
