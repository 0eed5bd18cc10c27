/**
 * `/mcp`: Streamable HTTP for both eras on one address. A modern client (2026-07-28) is answered without any state kept
 * between its requests; a legacy one (2025-11-25 and older) begins a session.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import {
  createMcpHandler,
  isJsonContentType,
  isLegacyRequest,
  type McpHttpHandler,
  type McpRequestContext,
  readRequestBody,
} from "@modelcontextprotocol/server";
import { clock as systemClock } from "../../../supervisor/actor/context.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { mirroring } from "./mirrored_arguments.ts";
import { authInfoOf, callerOf, type ChangedList, type Offer, serverOf } from "./offer.ts";
import { patiently } from "./patient_response.ts";
import { refusal } from "./refusal.ts";
import { type SessionLimits, Sessions } from "./sessions.ts";

const KEEP_ALIVE_MS = 15_000;

/** How an endpoint is set up. */
export interface EndpointOptions {
  /** Default those of {@linkcode SessionLimits}. */
  readonly sessions?: SessionLimits;
  /** Milliseconds between signs of life on streams. Default 15 000. */
  readonly keepAliveMs?: number;
  /** Hears of what went wrong and was answered. Default nobody. */
  readonly onError?: (error: Error) => void;
  /** Default the system's. */
  readonly clock?: Clock;
}

/** What is mounted. */
export interface Endpoint {
  /** Answers at `/mcp`. */
  readonly app: Hono<ServedEnv>;
  /** Ends sessions, streams and calls. */
  close(): Promise<void>;
}

/** Serves an offer. Who calls is what the door found out; it has checked Host and Origin too. */
export function createEndpoint(offer: Offer, options: EndpointOptions = {}): Endpoint {
  const { onError = () => {}, keepAliveMs = KEEP_ALIVE_MS, clock = systemClock } = options;
  const serve = async ({ authInfo }: McpRequestContext) =>
    mirroring(serverOf(offer, callerOf(authInfo), onError), await offer.tools());
  const modern = createMcpHandler(serve, {
    legacy: "reject",
    onerror: onError,
    keepAliveMs,
  });
  const sessions = new Sessions(
    (caller) => serverOf(offer, caller, onError),
    clock,
    onError,
    options.sessions,
  );
  const deaf = offer.onChange?.((list) => tellOfChange(list, modern, sessions));
  const app = new Hono<ServedEnv>();
  let closed = false;
  app.all("/mcp", async (context) => {
    if (closed) return refusal(503, -32000, "The server is ending");
    const request = context.req.raw;
    const caller = context.get("caller");
    const body = await jsonOf(request, context.get("body"));
    if (body instanceof Response) return body;
    if (await isLegacyRequest(request, body?.value)) {
      return await sessions.answer(request, caller, body?.value);
    }
    const response = modern.fetch(request, { authInfo: authInfoOf(caller), parsedBody: body?.value });
    return await patiently(request, response, { clock, keepAliveMs });
  });
  return {
    app,
    async close() {
      closed = true;
      deaf?.();
      await offer.close?.();
      await Promise.all([modern.close(), sessions.close()]);
    },
  };
}

/**
 * The body of a request that has one, read once for both eras, if the door has not read it before; or the answer to one
 * that is no JSON.
 */
async function jsonOf(
  request: Request,
  bytes: Uint8Array | undefined,
): Promise<{ value: unknown } | Response | undefined> {
  if (request.method !== "POST") return undefined;
  if (!isJsonContentType(request.headers.get("content-type"))) {
    await request.body?.cancel();
    return refusal(415, -32000, "Unsupported Media Type: Content-Type must be application/json");
  }
  try {
    if (bytes !== undefined) return { value: JSON.parse(new TextDecoder().decode(bytes)) };
    const body = await readRequestBody(request);
    if (body.tooLarge) return refusal(413, -32000, "The request body is too large");
    return { value: JSON.parse(body.text) };
  } catch {
    return refusal(400, -32700, "Parse error: the request body is not valid JSON");
  }
}

function tellOfChange(list: ChangedList, { notify }: McpHttpHandler, sessions: Sessions): void {
  if (list === "tools") notify.toolsChanged();
  else if (list === "prompts") notify.promptsChanged();
  else notify.resourcesChanged();
  sessions.each((server) => {
    if (list === "tools") return server.sendToolListChanged();
    if (list === "prompts") return server.sendPromptListChanged();
    return server.sendResourceListChanged();
  });
}
