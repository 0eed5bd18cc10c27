/**
 * Letting requests in: who asks must be known well enough, and must not ask too often.
 *
 * @module
 */
import type { MiddlewareHandler } from "@hono/hono";
import type { Clock } from "../../supervisor/actor/define.ts";
import { ANYONE, type ServedEnv } from "../../workspace/service/caller.ts";
import type { Gatekeeper } from "./gatekeeper.ts";
import { RateLimit } from "./rate_limit.ts";
import { type Refusal, refuse, type Served, servedAt } from "./refusal.ts";

/** The environment of the door: what the server tells of a connection, and what the protocols are told. */
export interface DoorEnv extends ServedEnv {
  Bindings: {
    /** Address of who asks. */
    remote?: string;
  };
}

/** How one protocol is entered. */
export interface Entrance {
  readonly gatekeeper: Gatekeeper;
  /** Requests a minute of one caller; 0 is without bound. */
  readonly ratePerMinute: number;
}

/** Cards are there to be read before anything else is known. */
const CARD = /^\/\.well-known\/agent(-card)?\.json$/;

/** Lets in what may, with its caller; what is for no protocol ends here. */
export function admission(
  entrances: Readonly<Record<Served, Entrance>>,
  clock: Pick<Clock, "now">,
): MiddlewareHandler<DoorEnv> {
  const limits: Record<Served, RateLimit> = {
    a2a: new RateLimit(entrances.a2a.ratePerMinute, clock),
    mcp: new RateLimit(entrances.mcp.ratePerMinute, clock),
  };
  return async (context, next) => {
    const { path, method, raw } = context.req;
    if (CARD.test(path) && (method === "GET" || method === "HEAD")) {
      context.set("caller", ANYONE);
      return await next();
    }
    const served = servedAt(path);
    if (served === undefined) return context.notFound();
    const identity = await entrances[served].gatekeeper.identify(raw.headers);
    const refused = "refusal" in identity;
    const known = !refused && identity.caller !== ANYONE;
    // Whoever guesses has a bucket of their own, so that those who need not guess are not kept out by it.
    const who = known ? identity.caller.owner : `${refused ? "guess" : "anyone"} ${context.env?.remote}`;
    const seconds = limits[served].take(who);
    if (seconds > 0) return refuse(path, tooMany(seconds));
    if (refused) return refuse(path, identity.refusal);
    context.set("caller", identity.caller);
    await next();
  };
}

function tooMany(seconds: number): Refusal {
  return {
    status: 429,
    message: `Too many requests; the next is taken in ${seconds} s`,
    headers: { "Retry-After": String(seconds) },
  };
}
