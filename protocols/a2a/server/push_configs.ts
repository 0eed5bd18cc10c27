/**
 * The operations on the webhooks of a task.
 *
 * @module
 */
import type {
  DeleteTaskPushNotificationConfigRequest,
  GetTaskPushNotificationConfigRequest,
  ListTaskPushNotificationConfigsRequest,
  ListTaskPushNotificationConfigsResponse,
  TaskPushNotificationConfig,
} from "@a2a-js/sdk";
import {
  PushNotificationNotSupportedError,
  RequestMalformedError,
  TaskNotFoundError,
} from "@a2a-js/sdk/errors";
import type { PushNotificationStore, ServerCallContext } from "@a2a-js/sdk/server";
import { ownerOf } from "./call.ts";
import type { LiveTasks } from "./live_tasks.ts";

/** See the module. Without a store every one of them is refused. */
export class PushConfigs {
  readonly #store: PushNotificationStore | undefined;
  readonly #live: LiveTasks;

  constructor(store: PushNotificationStore | undefined, live: LiveTasks) {
    this.#store = store;
    this.#live = live;
  }

  /** Keeps one for a task that begins or goes on. */
  async save(config: TaskPushNotificationConfig, call: ServerCallContext): Promise<void> {
    await this.#required().save(config.taskId, call, config);
  }

  /** A task that did not begin has none. */
  async forget(taskId: string, call: ServerCallContext): Promise<void> {
    await this.#store?.delete(taskId, call);
  }

  /** Sets one; the answer has its id. */
  async create(
    params: TaskPushNotificationConfig,
    call: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    const store = await this.#of(params.taskId, call);
    const config = { ...params };
    await store.save(params.taskId, call, config);
    return config;
  }

  /** One of them. */
  async get(
    { taskId, id }: GetTaskPushNotificationConfigRequest,
    call: ServerCallContext,
  ): Promise<TaskPushNotificationConfig> {
    const store = await this.#of(taskId, call);
    const config = (await store.load(taskId, call)).find((config) => config.id === id);
    if (config === undefined) {
      throw new TaskNotFoundError(`Task ${taskId} has no push notification config ${id}`);
    }
    return config;
  }

  /** All of a task, on one page. */
  async list(
    { taskId }: ListTaskPushNotificationConfigsRequest,
    call: ServerCallContext,
  ): Promise<ListTaskPushNotificationConfigsResponse> {
    const store = await this.#of(taskId, call);
    return { configs: await store.load(taskId, call), nextPageToken: "" };
  }

  /** Forgets one; none to forget is fine. */
  async delete(
    { taskId, id }: DeleteTaskPushNotificationConfigRequest,
    call: ServerCallContext,
  ): Promise<void> {
    const store = await this.#of(taskId, call);
    if (id === "") throw new RequestMalformedError("Push notification config ID is required");
    await store.delete(taskId, call, id);
  }

  async #of(taskId: string, call: ServerCallContext): Promise<PushNotificationStore> {
    const store = this.#required();
    if (taskId.trim() === "") throw new RequestMalformedError("Task ID is required");
    if (await this.#live.find(ownerOf(call), taskId) === null) {
      throw new TaskNotFoundError(`Task not found: ${taskId}`);
    }
    return store;
  }

  #required(): PushNotificationStore {
    if (this.#store === undefined) throw new PushNotificationNotSupportedError();
    return this.#store;
  }
}
