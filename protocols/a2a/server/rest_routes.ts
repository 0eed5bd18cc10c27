/**
 * HTTP+JSON of A2A 1.0: what the SDK has for Express only.
 *
 * @module
 */
import type { Context } from "@hono/hono";
import { A2A_CONTENT_TYPE } from "@a2a-js/sdk";
import {
  A2AError,
  ContentTypeNotSupportedError,
  RequestMalformedError,
  restStatusFor,
  toRestErrorBody,
  VersionNotSupportedError,
} from "@a2a-js/sdk/errors";
import type { A2ARequestHandler } from "@a2a-js/sdk/server";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { callOf, versionOf } from "./call.ts";
import { eventStream, type EventStreamOptions } from "./event_stream.ts";
import { isTooDeep } from "./request_checks.ts";
import { type Parameters, type RestOperation, ROUTES } from "./rest_operations.ts";

/** Whose answers are given: 1.0.1 changed the media type, not that of errors, and three statuses. */
export type SpecVersion = "1.0.0" | "1.0.1";

/** What {@linkcode rest} needs. */
export interface RestOptions {
  readonly handler: A2ARequestHandler;
  readonly stream: Pick<EventStreamOptions, "clock" | "keepAliveMs">;
  readonly spec: SpecVersion;
}

/** Statuses of 1.0.0 that 1.0.1 changed, by the error's name. */
const OLD_STATUS: Readonly<Record<string, number>> = {
  ContentTypeNotSupportedError: 415,
  TaskNotCancelableError: 409,
  InvalidAgentResponseError: 502,
};

/** Query parameters that are no texts. */
const NUMBERS: ReadonlySet<string> = new Set(["pageSize", "historyLength", "page_size", "history_length"]);
const FLAGS: ReadonlySet<string> = new Set(["includeArtifacts", "include_artifacts"]);

/** Answers a request whose path behind the interface's address is `path`, "/tasks/1" say. */
export type Rest = (context: Context<ServedEnv>, path: string) => Promise<Response>;

/** See the module. Each path may have a tenant's name before it: this agent is the same for all of them. */
export function rest(options: RestOptions): Rest {
  return async (context, path) => {
    try {
      return await answered(context, path, options);
    } catch (error) {
      const { body, status } = refused(error, options.spec);
      return Response.json(body, { status });
    }
  };
}

async function answered(
  context: Context<ServedEnv>,
  path: string,
  { handler, stream, spec }: RestOptions,
): Promise<Response> {
  const { operation, found: { tenant, ...ids } } = routed(context.req.method, path);
  if (versionOf(context) === "0.3") {
    throw new VersionNotSupportedError("A2A before 1.0 is spoken as JSON-RPC here; this is HTTP+JSON of 1.0");
  }
  const leaving = new AbortController();
  const call = callOf(context, "1.0", AbortSignal.any([context.req.raw.signal, leaving.signal]), tenant);
  const params = { ...queryOf(context), ...await bodyOf(context), ...ids };
  const answer = operation(handler, params, call);
  if (Symbol.asyncIterator in answer) {
    const failed = (error: unknown) => refused(error, spec).body;
    return await eventStream(answer, { ...stream, failed, gone: () => leaving.abort() });
  }
  const json = await answer;
  if (json === null) return new Response(null, { status: 204 });
  const created = context.req.method === "POST" && path.endsWith("/pushNotificationConfigs");
  const type = spec === "1.0.0" ? "application/json" : A2A_CONTENT_TYPE;
  return new Response(JSON.stringify(json), {
    status: created ? 201 : 200,
    headers: { "Content-Type": type },
  });
}

function routed(method: string, path: string): { operation: RestOperation; found: Record<string, string> } {
  const at = ROUTES.flatMap((route) => {
    const match = route.path.exec(path);
    return match === null ? [] : [{ ...route, groups: match.groups ?? {} }];
  });
  const route = at.find(({ methods }) => methods.includes(method === "HEAD" ? "GET" : method));
  if (route === undefined) {
    throw new NoRoute(at.length === 0 ? 404 : 405, `Nothing answers ${method} ${path.slice(0, 200)}`);
  }
  const found = Object.entries(route.groups).filter((group) => group[1] !== undefined);
  return {
    operation: route.operation,
    found: Object.fromEntries(found.map(([name, value]) => [name, decoded(value)])),
  };
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw new RequestMalformedError(
      `The path has a part that is not encoded rightly: ${segment.slice(0, 200)}`,
    );
  }
}

async function bodyOf(context: Context<ServedEnv>): Promise<Parameters> {
  if (context.req.method !== "POST") return {};
  const text = await context.req.text();
  if (text === "") return {};
  const named = context.req.header("Content-Type");
  const type = named?.split(";", 1)[0]?.trim().toLowerCase();
  if (type !== undefined && type !== "application/json" && type !== A2A_CONTENT_TYPE) {
    throw new ContentTypeNotSupportedError(
      `Content-Type '${named}' is not supported; send ${A2A_CONTENT_TYPE}`,
    );
  }
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new RequestMalformedError("Invalid JSON payload");
  }
  if (isTooDeep(body)) throw new RequestMalformedError("The request is nested too deep");
  if (typeof body === "object" && body !== null && !Array.isArray(body)) return { ...body };
  throw new RequestMalformedError("Invalid parameters: the body must be a JSON object");
}

function queryOf(context: Context<ServedEnv>): Parameters {
  const named = Object.entries(context.req.query()).filter(([, text]) => text !== "");
  return Object.fromEntries(named.map(([name, text]) => [name, typed(name, text)]));
}

/** What is no number or flag stays a text, to be refused where one is wanted. */
function typed(name: string, text: string): unknown {
  if (NUMBERS.has(name) && /^-?\d{1,9}$/.test(text)) return Number(text);
  if (FLAGS.has(name) && (text === "true" || text === "false")) return text === "true";
  return name === "status" && /^\d$/.test(text) ? Number(text) : text;
}

/** A path or a method that is none of this binding's. */
class NoRoute extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

function refused(error: unknown, spec: SpecVersion): { body: unknown; status: number } {
  if (error instanceof NoRoute) {
    const name = error.status === 404 ? "NOT_FOUND" : "UNIMPLEMENTED";
    const body = { error: { code: error.status, status: name, message: error.message, details: [] } };
    return { body, status: error.status };
  }
  const known = error instanceof A2AError ? error : new A2AError("Internal error");
  const status = (spec === "1.0.0" ? OLD_STATUS[known.name] : undefined) ?? restStatusFor(known);
  return { body: toRestErrorBody(known, status), status };
}
