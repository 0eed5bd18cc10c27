/**
 * Push notifications: webhooks that are told what happens to a task.
 *
 * @module
 */
import type { StreamResponse, Task, TaskPushNotificationConfig } from "@a2a-js/sdk";
import { extractErrorMessage, RequestMalformedError } from "@a2a-js/sdk/errors";
import type { PushNotificationStore, ServerCallContext } from "@a2a-js/sdk/server";
import { clock as realClock } from "../../../supervisor/actor/context.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { type DocumentsPort, patientDocuments } from "../../../supervisor/durable/documents.ts";
import { credentialHeaders } from "./credentials.ts";
import { Deliveries } from "./deliveries.ts";
import { Gate, Refusal, type Resolve } from "./destination.ts";
import { isFinal, noticeOf, versionOf } from "./notice.ts";
import { pinnedPost, type Post } from "./post.ts";
import { Webhooks } from "./webhooks.ts";

/** Webhooks and what is sent to them. */
export interface Push {
  /**
   * Where they are kept. `save` refuses what must not be sent to, with the SDK's error for wrong parameters. Whose they
   * are is the user's name in the call's context. `delete` without the id of one removes all of a task.
   */
  readonly store: PushNotificationStore;
  /**
   * Tells every webhook of that owner's task, in order, after this returned; never throws. `task` is how it stands after
   * the event: versions before 1.0 are told that.
   */
  tell(owner: string, taskId: string, event: StreamResponse, task?: Task): void;
  /** The tasks whose end was not yet told to all who wait for it. */
  tasksWithWebhooks(): Promise<{ owner: string; taskId: string }[]>;
  /** Ends what is under way; who was not told how their task ended is told by the next process. */
  close(): Promise<void>;
}

/** How webhooks are kept and told. The last four are for tests. */
export interface PushOptions {
  readonly documents: DocumentsPort;
  /** Hosts that may be told though they are not public: "localhost", "127.0.0.1:8080". For development; default none. */
  readonly allowHosts?: readonly string[];
  /** Webhooks of one task. Default 10. */
  readonly perTask?: number;
  /** Deliveries at once. Default 16. */
  readonly atOnce?: number;
  /** Of one try to deliver. Milliseconds; default 10 000. */
  readonly timeoutMs?: number;
  /** Told what did not arrive, a line each, without secrets. Default nobody. */
  readonly report?: (line: string) => void;
  readonly clock?: Clock;
  readonly random?: () => number;
  readonly resolve?: Resolve;
  readonly post?: Post;
}

/** Characters of an id a client gives. */
const LONGEST_ID = 256;
/** How long a name may take to resolve when a webhook is set; one that cannot be resolved then is judged later. */
const RESOLVING_MS = 3000;

/** Webhooks over `documents`. */
export function openPush(options: PushOptions): Push {
  const { clock = realClock, random = Math.random, report = () => {}, perTask = 10 } = options;
  const { atOnce = 16, timeoutMs = 10_000, post = pinnedPost() } = options;
  const webhooks = new Webhooks(patientDocuments(options.documents, clock), clock);
  const gate = new Gate(options);
  const deliveries = new Deliveries({ webhooks, gate, post, clock, random, timeoutMs, atOnce, report });
  return {
    store: storeOver(webhooks, perTask, (config) => assertSendable(config, gate, clock)),
    tell(owner, taskId, event, task) {
      tell(webhooks, deliveries, { owner, taskId, event, task })
        .catch((error) => report(`Cannot notify anybody of task ${taskId}: ${extractErrorMessage(error)}`));
    },
    tasksWithWebhooks: () => webhooks.expectant(),
    close: () => deliveries.close(),
  };
}

interface Told {
  readonly owner: string;
  readonly taskId: string;
  readonly event: StreamResponse;
  readonly task: Task | undefined;
}

async function tell(webhooks: Webhooks, deliveries: Deliveries, told: Told): Promise<void> {
  const { owner, taskId, event, task } = told;
  if (!webhooks.hasNone(owner, taskId)) {
    const notice = noticeOf(event, task);
    for (const key of await webhooks.keys(owner, taskId)) deliveries.add(key, notice);
  }
  if (isFinal(event)) webhooks.forget(owner, taskId);
}

function storeOver(
  webhooks: Webhooks,
  perTask: number,
  assertSendable: (config: TaskPushNotificationConfig) => Promise<void>,
): PushNotificationStore {
  const stored = (taskId: string, context: ServerCallContext) => webhooks.of(ownerOf(context), taskId);
  return {
    async save(taskId, context, config) {
      if (!config.id) config.id = crypto.randomUUID();
      await assertSendable(config);
      const version = versionOf(context.requestedVersion);
      if (!await webhooks.put({ owner: ownerOf(context), taskId, config, version }, perTask)) {
        throw new RequestMalformedError(
          `Cannot add a webhook: the task has ${perTask}, and that is the most`,
        );
      }
    },
    load: async (taskId, context) => (await stored(taskId, context)).map(({ config }) => config),
    loadWithMetadata: async (taskId, context) =>
      (await stored(taskId, context)).map(({ config, version }) => ({ config, wireVersion: version })),
    async delete(taskId, context, configId) {
      const gone = configId === undefined ? await stored(taskId, context) : [{ config: { id: configId } }];
      for (const { config } of gone) await webhooks.remove(ownerOf(context), taskId, config.id);
    },
  };
}

function ownerOf({ user }: ServerCallContext): string {
  if (user === undefined) throw new Error("Cannot look for webhooks: nobody said who asks");
  return user.userName;
}

/** Refuses what must not be sent to as things stand; that is asked again each time something is sent. */
async function assertSendable(config: TaskPushNotificationConfig, gate: Gate, clock: Clock): Promise<void> {
  try {
    if (config.id.length > LONGEST_ID || !/^[\x20-\x7e]+$/.test(config.id)) {
      throw new Refusal(`its id is not 1 to ${LONGEST_ID} printable ASCII characters`);
    }
    credentialHeaders(config);
    await assertResolvesOutward(config.url, gate, clock);
  } catch (error) {
    throw error instanceof Refusal
      ? new RequestMalformedError(`Cannot add a webhook: ${error.message}`)
      : error;
  }
}

async function assertResolvesOutward(url: string, gate: Gate, clock: Clock): Promise<void> {
  const resolved = new AbortController();
  const judged = gate.resolve(url).then(() => {}, (error) => {
    // A name that nobody can resolve now may well be good when something is sent.
    if (error instanceof Refusal) throw error;
  }).finally(() => resolved.abort());
  await Promise.race([judged, clock.sleep(RESOLVING_MS, resolved.signal).catch(() => judged)]);
}
