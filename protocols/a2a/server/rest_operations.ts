/**
 * The paths of HTTP+JSON and what is done at them.
 *
 * @module
 */
import {
  AgentCard,
  CancelTaskRequest,
  DeleteTaskPushNotificationConfigRequest,
  GetExtendedAgentCardRequest,
  GetTaskPushNotificationConfigRequest,
  GetTaskRequest,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  ListTasksRequest,
  ListTasksResponse,
  Message,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
  TaskPushNotificationConfig,
} from "@a2a-js/sdk";
import type { A2ARequestHandler, ServerCallContext } from "@a2a-js/sdk/server";
import { checkParameters } from "./request_checks.ts";

/** Parameters as JSON: of the body, the query and the path. */
export type Parameters = Record<string, unknown>;

/** Answers JSON, null for nothing, or a stream of JSON. */
export type RestOperation = (
  handler: A2ARequestHandler,
  params: Parameters,
  call: ServerCallContext,
) => Promise<unknown> | AsyncGenerator<unknown, void, undefined>;

/** What is done at a path; its groups are the parameters in it. */
export interface RestRoute {
  readonly methods: readonly string[];
  readonly path: RegExp;
  readonly operation: RestOperation;
}

const CONFIGS = "tasks/(?<taskId>[^/]+)/pushNotificationConfigs";

/** All of them; an id never has a colon. */
export const ROUTES: readonly RestRoute[] = [
  route(["POST"], "message:send", async (handler, params, call) => {
    checkParameters("SendMessage", params);
    const answer = await handler.sendMessage(SendMessageRequest.fromJSON(params), call);
    return "parts" in answer ? { message: Message.toJSON(answer) } : { task: Task.toJSON(answer) };
  }),
  route(["POST"], "message:stream", (handler, params, call) => {
    checkParameters("SendStreamingMessage", params);
    return encoded(handler.sendMessageStream(SendMessageRequest.fromJSON(params), call));
  }),
  route(["GET"], "tasks", async (handler, params, call) => {
    checkParameters("ListTasks", params);
    return listed(
      await handler.listTasks(ListTasksRequest.fromJSON(params), call),
      params.includeArtifacts === true,
    );
  }),
  route(["GET"], "tasks/(?<id>[^/:]+)", async (handler, params, call) => {
    checkParameters("GetTask", params);
    return Task.toJSON(await handler.getTask(GetTaskRequest.fromJSON(params), call));
  }),
  route(["POST"], "tasks/(?<id>[^/:]+):cancel", async (handler, params, call) => {
    checkParameters("CancelTask", params);
    return Task.toJSON(await handler.cancelTask(CancelTaskRequest.fromJSON(params), call));
  }),
  route(["GET", "POST"], "tasks/(?<id>[^/:]+):subscribe", (handler, params, call) => {
    checkParameters("SubscribeToTask", params);
    return encoded(handler.resubscribe(SubscribeToTaskRequest.fromJSON(params), call));
  }),
  route(["POST"], CONFIGS, async (handler, params, call) => {
    checkParameters("CreateTaskPushNotificationConfig", params);
    const config = TaskPushNotificationConfig.fromJSON(params);
    return TaskPushNotificationConfig.toJSON(await handler.createTaskPushNotificationConfig(config, call));
  }),
  route(["GET"], CONFIGS, async (handler, params, call) => {
    checkParameters("ListTaskPushNotificationConfigs", params);
    const request = ListTaskPushNotificationConfigsRequest.fromJSON(params);
    return ListTaskPushNotificationConfigsResponse.toJSON(
      await handler.listTaskPushNotificationConfigs(request, call),
    );
  }),
  route(["GET"], `${CONFIGS}/(?<id>[^/]+)`, async (handler, params, call) => {
    const request = GetTaskPushNotificationConfigRequest.fromJSON(params);
    return TaskPushNotificationConfig.toJSON(await handler.getTaskPushNotificationConfig(request, call));
  }),
  route(["DELETE"], `${CONFIGS}/(?<id>[^/]+)`, async (handler, params, call) => {
    const request = DeleteTaskPushNotificationConfigRequest.fromJSON(params);
    await handler.deleteTaskPushNotificationConfig(request, call);
    return null;
  }),
  route(["GET"], "extendedAgentCard", async (handler, params, call) => {
    const request = GetExtendedAgentCardRequest.fromJSON(params);
    return AgentCard.toJSON(await handler.getAuthenticatedExtendedAgentCard(request, call));
  }),
];

function route(methods: readonly string[], path: string, operation: RestOperation): RestRoute {
  return { methods, path: new RegExp(`^/(?:(?<tenant>[^/]+)/)??${path}/?$`), operation };
}

async function* encoded(
  events: AsyncGenerator<StreamResponse, void, undefined>,
): AsyncGenerator<unknown, void, undefined> {
  for await (const event of events) yield StreamResponse.toJSON(event);
}

/** With the members a page always has, which protobuf's JSON leaves out when they are empty. */
function listed(response: ListTasksResponse, includeArtifacts: boolean): unknown {
  const tasks = response.tasks.map((task) => {
    const json = Task.toJSON(task);
    return includeArtifacts ? { artifacts: [], ...Object(json) } : json;
  });
  const { nextPageToken, pageSize, totalSize } = response;
  return { tasks, nextPageToken, pageSize, totalSize };
}
