/**
 * Troupe's MCP endpoint for the HTTP server.
 *
 * @module
 */
import type { Hono } from "@hono/hono";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { createEndpoint, type EndpointOptions } from "./endpoint.ts";
import { type OfferOptions, type Served, workspaceOffer } from "./workspace_offer.ts";

/** What the endpoint is made of. */
export interface McpOptions extends EndpointOptions, OfferOptions {
  readonly service: Served;
}

/** Answers at `/mcp`, for whoever the door says calls (`caller`). `close` ends its streams, sessions and open calls. */
export function createMcpApp(
  { service, ...options }: McpOptions,
): { readonly app: Hono<ServedEnv>; close(): Promise<void> } {
  const offer = workspaceOffer(service, options);
  const { app, close } = createEndpoint(offer, options);
  return {
    app,
    async close() {
      offer.close();
      await close();
    },
  };
}
