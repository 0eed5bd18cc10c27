/**
 * What the operations of A2A do, whichever binding and version they were asked in.
 *
 * The SDK's own handler keeps what happens in a task in the request that began it; here tasks are watched once and for
 * themselves, so that a client who leaves, a second one who listens and a restart change nothing.
 *
 * @module
 */
import type {
  AgentCard,
  CancelTaskRequest,
  GetTaskRequest,
  ListTasksRequest,
  ListTasksResponse,
  Message,
  SendMessageRequest,
  StreamResponse,
  SubscribeToTaskRequest,
  Task,
} from "@a2a-js/sdk";
import { TaskState } from "@a2a-js/sdk";
import {
  RequestMalformedError,
  TaskNotCancelableError,
  TaskNotFoundError,
  UnsupportedOperationError,
} from "@a2a-js/sdk/errors";
import type { ServerCallContext } from "@a2a-js/sdk/server";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { ownerOf, signalOf } from "./call.ts";
import { type Feed, type LiveTask, stateOf } from "./live_task.ts";
import type { Found, LiveTasks } from "./live_tasks.ts";
import { checkedMessage, lastOf } from "./message_checks.ts";
import { isSettled, TERMINAL } from "./parts.ts";
import type { PushConfigs } from "./push_configs.ts";
import type { TaskBook } from "./task_book.ts";
import type { Order, Workshop } from "./workshop.ts";

/** What {@linkcode TaskHandler} works with. */
export interface TaskHandlerOptions {
  readonly workshop: Workshop;
  readonly book: TaskBook;
  readonly live: LiveTasks;
  readonly push: PushConfigs;
  readonly card: AgentCard;
  readonly clock: Clock;
  /** How long whoever waits for a task is kept waiting. Milliseconds. */
  readonly waitMs: number;
}

/** Tasks that came before in the same conversation and are told of, at most. */
const EARLIER = 5;

/** See the module. */
export class TaskHandler {
  readonly #options: TaskHandlerOptions;

  constructor(options: TaskHandlerOptions) {
    this.#options = options;
  }

  /** The card, as the SDK wants to look at its capabilities. */
  getAgentCard(): Promise<AgentCard> {
    return Promise.resolve(this.#options.card);
  }

  /** Begins a task or goes on with one; waits until it is over or asks, unless told otherwise. */
  async sendMessage(params: SendMessageRequest, call: ServerCallContext): Promise<Message | Task> {
    const heard = await this.#sent(params, call);
    if ("parts" in heard) return heard;
    if (params.configuration?.returnImmediately === true) heard.live.leave(heard.feed);
    else await this.#settled(heard, signalOf(call));
    return lastOf(heard.live.task, params.configuration?.historyLength);
  }

  /** The same, and tells what happens until then. */
  async *sendMessageStream(
    params: SendMessageRequest,
    call: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const heard = await this.#sent(params, call);
    if ("parts" in heard) yield { payload: { $case: "message", value: heard } };
    else yield* stream(heard, isSettled, signalOf(call), params.configuration?.historyLength);
  }

  /** How a task stands. */
  async getTask({ id, historyLength }: GetTaskRequest, call: ServerCallContext): Promise<Task> {
    return lastOf((await this.#found(id, call)).task, historyLength);
  }

  /** A page of the caller's tasks. */
  async listTasks(params: ListTasksRequest, call: ServerCallContext): Promise<ListTasksResponse> {
    const page = await this.#options.book.list(ownerOf(call), params);
    const tasks = page.tasks.map((task) => {
      const cut = lastOf(task, params.historyLength);
      return params.includeArtifacts === true ? cut : { ...cut, artifacts: [] };
    });
    return { ...page, tasks };
  }

  /** Stops a task for good. One that was stopped before is answered as it is; before 1.0 that was an error. */
  async cancelTask({ id }: CancelTaskRequest, call: ServerCallContext): Promise<Task> {
    const { task, live } = await this.#found(id, call);
    if (stateOf(task) === TaskState.TASK_STATE_CANCELED && call.requestedVersion === "1.0") return task;
    if (live === undefined || TERMINAL.has(stateOf(task))) {
      throw new TaskNotCancelableError(`Task not cancelable: ${id} is over`);
    }
    const stopped = await this.#options.workshop.cancel(ownerOf(call), id);
    if (stopped === null) throw new TaskNotFoundError(`Task not found: ${id}`);
    live.apply(stopped);
    await this.#options.live.written(live);
    if (stateOf(live.task) === TaskState.TASK_STATE_CANCELED) return live.task;
    throw new TaskNotCancelableError(`Task not cancelable: ${id} ended in the same moment`);
  }

  /** How a task stands, then what happens until it is over. */
  async *resubscribe(
    { id }: SubscribeToTaskRequest,
    call: ServerCallContext,
  ): AsyncGenerator<StreamResponse, void, undefined> {
    const { task, live } = await this.#found(id, call);
    if (TERMINAL.has(stateOf(task))) {
      throw new UnsupportedOperationError(`Task ${id} is over; there is nothing to subscribe to`);
    }
    const isLast = call.requestedVersion === "0.3" ? isSettled : (state: TaskState) => TERMINAL.has(state);
    if (live === undefined) yield { payload: { $case: "task", value: task } };
    else yield* stream(listen(live), isLast, signalOf(call));
  }

  async #found(id: string, call: ServerCallContext): Promise<Found> {
    if (id.trim() === "") throw new RequestMalformedError("Task ID is required");
    const found = await this.#options.live.find(ownerOf(call), id);
    if (found === null) throw new TaskNotFoundError(`Task not found: ${id}`);
    return found;
  }

  #sent(params: SendMessageRequest, call: ServerCallContext): Promise<Message | Heard> {
    const message = checkedMessage(params.message);
    return message.taskId === "" ? this.#begin(message, params, call) : this.#goOn(message, params, call);
  }

  async #begin(
    said: Message,
    { configuration }: SendMessageRequest,
    call: ServerCallContext,
  ): Promise<Message | Heard> {
    const owner = ownerOf(call);
    const taskId = crypto.randomUUID();
    const contextId = said.contextId || crypto.randomUUID();
    const message = { ...said, taskId, contextId };
    const earlier = await this.#earlier(owner, said);
    const webhook = configuration?.taskPushNotificationConfig;
    if (webhook !== undefined) await this.#options.push.save({ ...webhook, taskId }, call);
    try {
      const answer = await this.#options.workshop.begin({ owner, taskId, contextId, message, earlier });
      if (answer === null) return await this.#written(this.#options.live.enter(owner, begun(message)));
      if (webhook !== undefined) await this.#options.push.forget(taskId, call);
      return { ...answer, contextId };
    } catch (error) {
      if (webhook !== undefined) await this.#options.push.forget(taskId, call);
      throw error;
    }
  }

  async #goOn(
    said: Message,
    { configuration }: SendMessageRequest,
    call: ServerCallContext,
  ): Promise<Heard> {
    const owner = ownerOf(call);
    const { task, live } = await this.#found(said.taskId, call);
    if (live === undefined || TERMINAL.has(stateOf(task))) {
      throw new UnsupportedOperationError(`Task ${task.id} is over and takes no more messages`);
    }
    if (said.contextId !== "" && said.contextId !== task.contextId) {
      throw new RequestMalformedError(`Task ${task.id} does not belong to context ${said.contextId}`);
    }
    const message = { ...said, contextId: task.contextId };
    const webhook = configuration?.taskPushNotificationConfig;
    if (webhook !== undefined) await this.#options.push.save({ ...webhook, taskId: task.id }, call);
    const before = live.task.status;
    const order: Order = { owner, taskId: task.id, contextId: task.contextId, message, earlier: [] };
    const reception = await this.#options.workshop.reply(order);
    if (reception.taken) live.received(message, before);
    else live.misunderstood(message, reception.say);
    return await this.#written(live);
  }

  /** Listened to before it is written down: nothing is missed meanwhile. */
  async #written(live: LiveTask): Promise<Heard> {
    const heard = listen(live);
    await this.#options.live.written(live);
    return heard;
  }

  /** What was done before in the conversation the message belongs to, oldest first. */
  async #earlier(owner: string, { contextId, referenceTaskIds }: Message): Promise<Task[]> {
    const { book } = this.#options;
    const named = await Promise.all(referenceTaskIds.slice(0, EARLIER).map((id) => book.read(owner, id)));
    const same = contextId === "" ? [] : (await book.list(owner, {
      tenant: "",
      contextId,
      status: TaskState.TASK_STATE_COMPLETED,
      pageSize: EARLIER,
      pageToken: "",
      statusTimestampAfter: undefined,
    })).tasks.toReversed();
    const tasks = [...named.filter((task) => task !== null), ...same];
    return [...new Map(tasks.map((task) => [task.id, task])).values()];
  }

  /** Until it is over or asks, `signal` is aborted, or the caller has waited long enough. */
  async #settled(heard: Heard, signal: AbortSignal): Promise<void> {
    const { clock, waitMs } = this.#options;
    const done = new AbortController();
    const waiting = AbortSignal.any([signal, done.signal]);
    const patience = clock.sleep(waitMs, waiting).then(() => done.abort(), () => {});
    for await (const _ of stream(heard, isSettled, waiting)) {
      // how it stands in the end is all that is wanted
    }
    done.abort();
    await patience;
  }
}

/** A task somebody has begun to listen to. */
interface Heard {
  readonly live: LiveTask;
  /** How it stood then. */
  readonly task: Task;
  readonly feed: Feed;
}

function listen(live: LiveTask): Heard {
  return { live, task: live.task, feed: live.join() };
}

/** How it stood, then what happened until `isLast` says that a state is the last one of interest. */
async function* stream(
  { live, task, feed }: Heard,
  isLast: (state: TaskState) => boolean,
  signal: AbortSignal,
  historyLength?: number,
): AsyncGenerator<StreamResponse, void, undefined> {
  const leave = () => feed.leave();
  signal.addEventListener("abort", leave, { once: true });
  try {
    yield { payload: { $case: "task", value: lastOf(task, historyLength) } };
    if (isLast(stateOf(task)) || signal.aborted) return;
    for await (const { event } of feed) {
      yield event;
      const status = event.payload?.$case === "statusUpdate" ? event.payload.value.status : undefined;
      if (status !== undefined && isLast(status.state)) return;
    }
  } finally {
    signal.removeEventListener("abort", leave);
    live.leave(feed);
  }
}

/** A task that has just begun with a message. */
function begun(message: Message): Task {
  const timestamp = new Date().toISOString();
  return {
    id: message.taskId,
    contextId: message.contextId,
    status: { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp },
    artifacts: [],
    history: [message],
    metadata: undefined,
  };
}
