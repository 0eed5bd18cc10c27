/**
 * JSON-RPC of all versions of A2A on one address: the method says which.
 *
 * @module
 */
import type { Context } from "@hono/hono";
import { A2A_ERROR_CODE, ContentTypeNotSupportedError, toJsonRpcError } from "@a2a-js/sdk/errors";
import { type A2ARequestHandler, JsonRpcTransportHandler, type ServerCallContext } from "@a2a-js/sdk/server";
import { LEGACY_METHOD_TASKS_RESUBSCRIBE } from "@a2a-js/sdk/compat/v0_3";
import { LegacyJsonRpcTransportHandler } from "@a2a-js/sdk/compat/v0_3/server";
import { z } from "zod";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { callOf, type Version, versionOf } from "./call.ts";
import { eventStream, type EventStreamOptions } from "./event_stream.ts";
import { completed, type RpcRequest } from "./legacy_dialogue.ts";
import { checkParameters, isTooDeep, versionOfMethod } from "./request_checks.ts";

/** What {@linkcode jsonRpc} needs. */
export interface JsonRpcOptions {
  readonly handler: A2ARequestHandler;
  readonly stream: Pick<EventStreamOptions, "clock" | "keepAliveMs">;
}

/** Answers a POST. */
export type JsonRpc = (context: Context<ServedEnv>) => Promise<Response>;

type Answer = AsyncGenerator<unknown, void, undefined> | { readonly id?: unknown };
type RpcError = { readonly code: number; readonly message: string; readonly data?: unknown };
type Id = string | number | null;

const Envelope = z.looseObject({
  jsonrpc: z.literal("2.0"),
  id: z.string().or(z.int()).nullish(),
  method: z.string().min(1),
  params: z.record(z.string(), z.unknown()).optional(),
});

/** See the module. */
export function jsonRpc({ handler, stream }: JsonRpcOptions): JsonRpc {
  const transports = {
    "1.0": new JsonRpcTransportHandler(handler),
    "0.3": new LegacyJsonRpcTransportHandler(handler),
  };
  return async (context) => {
    let request: RpcRequest | undefined;
    let version: Version = "1.0";
    try {
      requireJson(context);
      request = await read(context);
      version = spoken(request, versionOf(context));
      const leaving = new AbortController();
      const signal = AbortSignal.any([context.req.raw.signal, leaving.signal]);
      const call = callOf(context, version, signal);
      const answer = await answered(transports[version], request, version, call);
      if (!(Symbol.asyncIterator in answer)) return context.json(answer);
      return await eventStream(answer, {
        ...stream,
        failed: (error) => envelope(request?.id, errorOf(error, version)),
        gone: () => leaving.abort(),
        always: request.method === LEGACY_METHOD_TASKS_RESUBSCRIBE,
      });
    } catch (error) {
      return context.json(envelope(request?.id ?? idOf(error), errorOf(error, version)));
    }
  };
}

function answered(
  transport: JsonRpcTransportHandler | LegacyJsonRpcTransportHandler,
  request: RpcRequest,
  version: Version,
  call: ServerCallContext,
): Promise<Answer> {
  const whole = version === "0.3" ? completed(request) : request;
  checkParameters(whole.method, whole.params);
  return transport.handle({ ...whole }, call);
}

/** The version asked for, else that of the method: their names do not overlap. */
function spoken({ id, method }: RpcRequest, named: Version | null): Version {
  const version = versionOfMethod(method);
  if (version !== null && (named ?? version) === version) return version;
  throw new RpcProblem(A2A_ERROR_CODE.METHOD_NOT_FOUND, `Method not found: ${method}`, id);
}

function requireJson(context: Context<ServedEnv>): void {
  const named = context.req.header("Content-Type");
  const type = named?.split(";", 1)[0]?.trim().toLowerCase();
  if (type === undefined || type === "application/json" || type === "application/a2a+json") return;
  throw new ContentTypeNotSupportedError(`Content-Type '${named}' is not supported; send application/json`);
}

async function read(context: Context<ServedEnv>): Promise<RpcRequest> {
  let body: unknown;
  try {
    body = JSON.parse(await context.req.text());
  } catch {
    throw new RpcProblem(A2A_ERROR_CODE.PARSE_ERROR, "Invalid JSON payload");
  }
  if (Array.isArray(body)) throw new RpcProblem(A2A_ERROR_CODE.INVALID_REQUEST, "Batches are not supported");
  if (isTooDeep(body)) throw new RpcProblem(A2A_ERROR_CODE.INVALID_REQUEST, "The request is nested too deep");
  const envelope = Envelope.safeParse(body);
  if (envelope.success) return envelope.data;
  const [first] = envelope.error.issues;
  const id = z.object({ id: z.string().or(z.int()) }).safeParse(body).data?.id ?? null;
  if (first?.path[0] === "params") {
    throw new RpcProblem(A2A_ERROR_CODE.INVALID_PARAMS, "Invalid parameters: params must be an object", id);
  }
  const what = `${first?.path.join(".") ?? ""} ${first?.message ?? ""}`.trim();
  throw new RpcProblem(A2A_ERROR_CODE.INVALID_REQUEST, `Invalid JSON-RPC request: ${what}`, id);
}

/** What JSON-RPC itself has a code for. */
class RpcProblem extends Error {
  readonly code: number;
  readonly id: Id;

  constructor(code: number, message: string, id: Id | undefined = null) {
    super(message);
    this.code = code;
    this.id = id;
  }
}

function idOf(error: unknown): Id {
  return error instanceof RpcProblem ? error.id : null;
}

function errorOf(error: unknown, version: Version): RpcError {
  if (error instanceof RpcProblem) return { code: error.code, message: error.message };
  return version === "0.3"
    ? LegacyJsonRpcTransportHandler.mapToLegacyJSONRPCError(error)
    : toJsonRpcError(error);
}

function envelope(id: Id | undefined, error: RpcError) {
  return { jsonrpc: "2.0", id: id ?? null, error };
}
