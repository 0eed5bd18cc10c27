/**
 * The headers of every response, and those that let pages of named origins read it.
 *
 * @module
 */
import { cors } from "@hono/hono/cors";
import { secureHeaders } from "@hono/hono/secure-headers";
import type { MiddlewareHandler } from "@hono/hono";
import type { AllowList } from "./allow_list.ts";

/** Seconds a browser need not ask again whether a page may. */
const PREFLIGHT_SECONDS = 600;

/** What pages may read beside the body. */
const EXPOSED = [
  "Mcp-Session-Id",
  "Mcp-Protocol-Version",
  "A2A-Version",
  "WWW-Authenticate",
  "Retry-After",
  "ETag",
];

/** What an answer that is data and no page needs, for browsers. */
export function browserHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] },
    xFrameOptions: "DENY",
    crossOriginOpenerPolicy: false, // these say something of pages, or of transports that are not ours
    originAgentCluster: false,
    strictTransportSecurity: false,
    xDnsPrefetchControl: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
    xXssProtection: false,
    removePoweredBy: false,
  });
}

/** The operator's own headers; and nothing is kept on the way unless the answer says how long. */
export function ownHeaders(headers: Readonly<Record<string, string>>): MiddlewareHandler {
  const own = Object.entries(headers);
  return async (context, next) => {
    await next();
    const set = context.res.headers;
    for (const [name, value] of own) set.set(name, value);
    if (!set.has("cache-control")) set.set("Cache-Control", "no-store");
  };
}

/** Answers preflights, and lets pages of allowed origins read. */
export function crossOrigin(allowed: AllowList): MiddlewareHandler {
  const handler = cors({
    origin: (origin) => allowed.isOrigin(origin) ? origin : null,
    allowMethods: ["GET", "POST", "DELETE"],
    exposeHeaders: EXPOSED,
    maxAge: PREFLIGHT_SECONDS,
  });
  return async (context, next) => {
    if (context.req.raw.headers.has("origin")) return await handler(context, next);
    await next();
    context.res.headers.append("Vary", "Origin");
  };
}
