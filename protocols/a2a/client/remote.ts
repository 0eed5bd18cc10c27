/**
 * The other end: one remote agent, in whichever version and binding its card prefers.
 *
 * @module
 */
import type { AgentCard, Message, Role, StreamResponse, Task, TaskState } from "@a2a-js/sdk";
import { readCard, type Sdk } from "./card.ts";

/** What is said to it. */
export interface Outgoing {
  /** Its id, by which it can be found again. */
  readonly id: string;
  readonly text: string;
  /** The task it goes on with. Default a new one, in a context named after the message. */
  readonly task?: TaskName;
}

/** A task of a remote agent. */
export interface TaskName {
  readonly id: string;
  readonly context: string;
}

/** A remote agent as it can be asked. What fails, fails as the library does. */
export interface Remote {
  /** Whether it tells of its progress unasked. */
  readonly streams: boolean;
  /** Says something, and hears what comes of it: at least once, to the end of the task where it streams. */
  send(message: Outgoing, signal: AbortSignal): AsyncIterable<StreamResponse>;
  /** Hears of a task from now on. */
  subscribe(task: string, signal: AbortSignal): AsyncIterable<StreamResponse>;
  get(task: string, signal: AbortSignal): Promise<Task>;
  /** The task that a message began; null when there is none, or this agent cannot say. */
  begunBy(message: string, signal: AbortSignal): Promise<Task | null>;
  cancel(task: string, signal: AbortSignal): Promise<void>;
}

/** Messages of a task's history that are asked for. */
const HISTORY = 20;
/** What answers we can read. */
const OUTPUT_MODES = ["text/plain", "text/markdown", "application/json"];

/**
 * Reads the card of an agent and chooses how to speak with it.
 * @throws {Fault} as {@linkcode readCard}.
 */
export async function connect(
  sdk: Sdk,
  address: string,
  guarded: typeof fetch,
  signal: AbortSignal,
): Promise<Remote> {
  const card = await readCard(sdk, address, guarded, signal);
  const options = { fetchImpl: guarded, legacyCompat: { enabled: true } };
  const factory = new sdk.ClientFactory({
    transports: [new sdk.JsonRpcTransportFactory(options), new sdk.RestTransportFactory(options)],
    cardResolver: { resolve: () => Promise.resolve(card) },
  });
  return remoteOver(await factory.createFromAgentCard(card), card);
}

type Client = Awaited<ReturnType<InstanceType<Sdk["ClientFactory"]>["createFromAgentCard"]>>;

function remoteOver(client: Client, card: AgentCard): Remote {
  const tenant = "";
  const streams = card.capabilities?.streaming === true;
  return {
    streams,
    send(message, signal) {
      // Where it does not stream, an id at once rather than the end: what is known can be asked for again.
      const configuration = { ...CONFIGURATION, returnImmediately: !streams };
      const params = { tenant, message: messageOf(message), configuration, metadata: undefined };
      return client.sendMessageStream(params, { signal });
    },
    subscribe: (id, signal) => client.resubscribeTask({ tenant, id }, { signal }),
    get: (id, signal) => client.getTask({ tenant, id, historyLength: HISTORY }, { signal }),
    async begunBy(message, signal) {
      if (client.protocolVersion !== "1.0") return null;
      const request = { tenant, contextId: contextOf(message), status: ANY_STATE, pageToken: "" };
      const { tasks } = await client.listTasks({ ...request, statusTimestampAfter: undefined }, { signal });
      return tasks.find(({ contextId }) => contextId === request.contextId) ?? null;
    },
    async cancel(id, signal) {
      await client.cancelTask({ tenant, id, metadata: undefined }, { signal });
    },
  };
}

/** As the library numbers them: its enums would have to be loaded. */
const ANY_STATE: TaskState = 0;
const USER: Role = 1;

const CONFIGURATION = {
  acceptedOutputModes: OUTPUT_MODES,
  taskPushNotificationConfig: undefined,
  historyLength: HISTORY,
};

function contextOf(message: string): string {
  return `troupe-${message}`;
}

function messageOf({ id, text, task }: Outgoing): Message {
  return {
    messageId: id,
    contextId: task?.context ?? contextOf(id),
    taskId: task?.id ?? "",
    role: USER,
    parts: [{
      content: { $case: "text", value: text },
      metadata: undefined,
      filename: "",
      mediaType: "text/plain",
    }],
    metadata: undefined,
    extensions: [],
    referenceTaskIds: [],
  };
}
