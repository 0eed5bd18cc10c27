/**
 * Troupe's MCP endpoint for the HTTP server.
 *
 * @module
 */
import { createEndpoint, type Endpoint, type EndpointOptions } from "./endpoint.ts";
import { type OfferOptions, type Served, workspaceOffer } from "./workspace_offer.ts";

/** What the endpoint is made of. */
export interface McpOptions extends EndpointOptions, OfferOptions {
  readonly service: Served;
}

/** Answers at `/mcp`, for whoever the door says calls. `close` gives calls up and ends streams and sessions; tasks go on. */
export function createMcpApp({ service, ...options }: McpOptions): Endpoint {
  return createEndpoint(workspaceOffer(service, options), options);
}
