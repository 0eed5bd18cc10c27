/**
 * Saying no: every refusal of the door has the shape in which the protocol that was asked says no itself.
 *
 * @module
 */

/** Whom a request is for. */
export type Served = "a2a" | "mcp";

/** Why a request goes no further. */
export interface Refusal {
  /** HTTP status. */
  readonly status: number;
  /** For people; says nothing that only the operator may know. */
  readonly message: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Names google.rpc.Code has for statuses. */
const RPC_STATUS: Readonly<Record<number, string>> = {
  401: "UNAUTHENTICATED",
  403: "PERMISSION_DENIED",
  404: "NOT_FOUND",
  405: "UNIMPLEMENTED",
  408: "DEADLINE_EXCEEDED",
  429: "RESOURCE_EXHAUSTED",
  500: "INTERNAL",
  503: "UNAVAILABLE",
  504: "DEADLINE_EXCEEDED",
};

/** JSON-RPC: the request itself was wrong, the server failed, and what is between. */
const INVALID_REQUEST = -32600;
const INTERNAL_ERROR = -32603;
const SERVER_ERROR = -32000;
/** Of statuses that say nothing of the request. */
const NOT_THE_REQUEST = new Set([401, 403, 408, 429, 503, 504]);

/** The protocol that is spoken at a path; undefined where none is. */
export function servedAt(path: string): Served | undefined {
  if (path === "/mcp") return "mcp";
  return path === "/" || path === "/a2a" || path.startsWith("/a2a/") ? "a2a" : undefined;
}

/** The refusal as a response, in the shape of what is served at `path`. */
export function refuse(path: string, { status, message, headers = {} }: Refusal): Response {
  return Response.json(refusalBody(path, status, message), { status, headers });
}

function refusalBody(path: string, status: number, message: string): unknown {
  if (path.startsWith("/a2a/")) {
    return {
      error: { code: status, status: RPC_STATUS[status] ?? "INVALID_ARGUMENT", message, details: [] },
    };
  }
  if (servedAt(path) === undefined) return { error: message };
  return { jsonrpc: "2.0", id: null, error: { code: rpcCode(status), message } };
}

function rpcCode(status: number): number {
  if (NOT_THE_REQUEST.has(status)) return SERVER_ERROR;
  return status >= 500 ? INTERNAL_ERROR : INVALID_REQUEST;
}
