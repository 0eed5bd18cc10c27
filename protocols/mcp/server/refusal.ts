/**
 * A request that is refused before it reaches a server.
 *
 * @module
 */

/** A JSON-RPC error that answers no request in particular. */
export function refusal(status: number, code: number, message: string): Response {
  return Response.json({ jsonrpc: "2.0", error: { code, message }, id: null }, { status });
}
