/**
 * HTTP+JSON of A2A 1.0: what the SDK has for Express only.
 *
 * @module
 */
import { type Context, Hono } from "@hono/hono";
import {
  A2A_CONTENT_TYPE,
  AgentCard,
  ListTaskPushNotificationConfigsResponse,
  ListTasksRequest,
  ListTasksResponse,
  Message,
  SendMessageRequest,
  StreamResponse,
  Task,
  TaskPushNotificationConfig,
} from "@a2a-js/sdk";
import {
  ContentTypeNotSupportedError,
  RequestMalformedError,
  restStatusFor,
  toRestErrorBody,
  VersionNotSupportedError,
} from "@a2a-js/sdk/errors";
import type { A2ARequestHandler, ServerCallContext } from "@a2a-js/sdk/server";
import type { ServedEnv } from "../../../workspace/service/caller.ts";
import { callOf, versionOf } from "./call.ts";
import { eventStream, type EventStreamOptions } from "./event_stream.ts";
import { checkParameters } from "./request_checks.ts";

/** Whose answers are given: 1.0.1 changed media type and three statuses. */
export type SpecVersion = "1.0.0" | "1.0.1";

/** What {@linkcode restRoutes} needs. */
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

interface Request {
  readonly context: Context<ServedEnv>;
  readonly call: ServerCallContext;
  /** The body; an empty object without one. */
  readonly body: Record<string, unknown>;
  /** Aborted when the client has gone. */
  readonly leaving: AbortController;
}

type Answer = { readonly json: unknown; readonly status?: 200 | 201 } | Response;
type Operation = (handler: A2ARequestHandler, request: Request) => Promise<Answer>;

/** The routes, each also behind a tenant's name. This agent is the same for all tenants. */
export function restRoutes(options: RestOptions): Hono<ServedEnv> {
  const routes = new Hono<ServedEnv>();
  const on = (method: "GET" | "POST" | "DELETE", path: string, operation: Operation) => {
    const answer = (context: Context<ServedEnv>) => respond(context, operation, options);
    routes.on(method, [path, `/:tenant${path}`], answer);
  };
  const task = "/tasks/:id{[^/:]+}";
  const configs = "/tasks/:taskId/pushNotificationConfigs";
  on("POST", "/message:send", sendMessage);
  on("POST", "/message:stream", (handler, request) => sendStreamingMessage(handler, request, options));
  on("GET", "/tasks", listTasks);
  on("GET", task, getTask);
  on("POST", `${task}:cancel`, cancelTask);
  on("GET", `${task}:subscribe`, (handler, request) => subscribe(handler, request, options));
  on("POST", `${task}:subscribe`, (handler, request) => subscribe(handler, request, options));
  on("POST", configs, createConfig);
  on("GET", configs, listConfigs);
  on("GET", `${configs}/:configId`, getConfig);
  on("DELETE", `${configs}/:configId`, deleteConfig);
  on("GET", "/extendedAgentCard", extendedCard);
  return routes;
}
