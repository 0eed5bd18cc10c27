/**
 * The door of `troupe serve` with A2A behind it, on a free port and without bounds on how often it is asked.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import { type HttpServer, type Mounted, serveHttp } from "../../protocols/http/serve_http.ts";
import { serverSettings } from "../../workspace/config/server_settings.ts";

/** Opens it; `a2a` makes what is behind it, once it is known what clients call the server. */
export function door(a2a: (baseUrl: string) => Mounted): HttpServer {
  return serveHttp({
    version: "bench",
    settings: serverSettings({ port: 0, a2a: { rate_per_minute: 0 } }),
    report: reportError,
    mount: (baseUrl) => ({ a2a: a2a(baseUrl), mcp: { app: new Hono(), close() {} } }),
  });
}

/** A request in JSON-RPC as a client sends it, answered by a response or a stream. */
export function ask(baseUrl: string, method: string, params: unknown): Promise<Response> {
  return fetch(`${baseUrl}/`, {
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json, text/event-stream" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
}

/** The parameters of `message/send` and `message/stream`. */
export function saying(text: string): unknown {
  return {
    message: {
      kind: "message",
      messageId: crypto.randomUUID(),
      role: "user",
      parts: [{ kind: "text", text }],
    },
  };
}
