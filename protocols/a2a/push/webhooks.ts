/**
 * The webhooks of tasks as documents: who is to be told of what happens to a task, and how that went so far.
 *
 * @module
 */
import { TaskPushNotificationConfig } from "@a2a-js/sdk";
import type { Document } from "../../messages/documents.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { DocumentsPort } from "../../../supervisor/durable/documents.ts";
import type { Version } from "./notice.ts";

/** Somebody to be told of a task. */
export interface Webhook {
  /** Unique in all. */
  readonly key: string;
  readonly owner: string;
  readonly taskId: string;
  readonly config: TaskPushNotificationConfig;
  /** Of A2A, in which it was asked for and is told. */
  readonly version: Version;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Notifications in a row that did not arrive. */
  readonly failures: number;
  /** Whether it was told how the task ended. */
  readonly done: boolean;
}

/** Of the documents. */
const KIND = "a2a_push";
const MOST_LISTED = 1000;

/** Keeps webhooks; what it answers survives the process. */
export class Webhooks {
  readonly #documents: DocumentsPort;
  readonly #clock: Clock;
  /** Tasks known to have none, as most. */
  readonly #none = new Set<string>();
  /** The last of the steps that wait for each other: what is read, judged and written is one. */
  #stepping: Promise<unknown> = Promise.resolve();

  constructor(documents: DocumentsPort, clock: Clock) {
    this.#documents = documents;
    this.#clock = clock;
  }

  /** Adds one, or replaces the one with that id. Answers false when that task has `most` others. */
  put(
    { owner, taskId, config, version }: Pick<Webhook, "owner" | "taskId" | "config" | "version">,
    most: number,
  ): Promise<boolean> {
    return this.#exclusively(async () => {
      const key = keyOf(owner, taskId, config.id);
      const others = (await this.of(owner, taskId)).filter((other) => other.key !== key);
      if (others.length >= most) return false;
      const createdAt = this.#clock.now();
      await this.#write({ key, owner, taskId, config, version, createdAt, failures: 0, done: false });
      return true;
    });
  }

  /** Those of a task, oldest first. */
  async of(owner: string, taskId: string): Promise<Webhook[]> {
    const found = await this.#documents.list({ kind: KIND, owner, group: taskId, limit: MOST_LISTED });
    return found.map(webhookOf).toSorted((a, b) => a.createdAt - b.createdAt);
  }

  /** Their keys. Who asks first is answered first. */
  keys(owner: string, taskId: string): Promise<string[]> {
    return this.#exclusively(async () => {
      const keys = (await this.of(owner, taskId)).map(({ key }) => key);
      if (keys.length === 0) this.#none.add(taskKey(owner, taskId));
      return keys;
    });
  }

  /** Whether it is known that the task has none; asking costs nothing. */
  hasNone(owner: string, taskId: string): boolean {
    return this.#none.has(taskKey(owner, taskId));
  }

  /** To be called once the task is over. */
  forget(owner: string, taskId: string): void {
    this.#none.delete(taskKey(owner, taskId));
  }

  /** Null when there is none (any more). */
  async get(key: string): Promise<Webhook | null> {
    const found = await this.#documents.get({ kind: KIND, id: key });
    return found === null ? null : webhookOf(found);
  }

  /** Notes how it went; nothing when the webhook was removed meanwhile. */
  note(key: string, how: Partial<Pick<Webhook, "failures" | "done">>): Promise<void> {
    return this.#exclusively(async () => {
      const webhook = await this.get(key);
      if (webhook !== null) await this.#write({ ...webhook, ...how });
    });
  }

  /** Harmless when there is none. */
  remove(owner: string, taskId: string, configId: string): Promise<void> {
    return this.#exclusively(async () => {
      await this.#documents.remove({ kind: KIND, id: keyOf(owner, taskId, configId) });
    });
  }

  /** The tasks somebody is still to be told the end of. */
  async expectant(): Promise<{ owner: string; taskId: string }[]> {
    const tasks = new Map<string, { owner: string; taskId: string }>();
    let before: Pick<Document, "updatedAt" | "id"> | undefined;
    for (;;) {
      const found = await this.#documents.list({ kind: KIND, state: "open", limit: MOST_LISTED, before });
      for (const { owner, taskId } of found.map(webhookOf)) {
        tasks.set(taskKey(owner, taskId), { owner, taskId });
      }
      const last = found.at(-1);
      if (last === undefined || found.length < MOST_LISTED) return [...tasks.values()];
      before = { updatedAt: last.updatedAt, id: last.id };
    }
  }

  async #write(webhook: Webhook): Promise<void> {
    const { key, owner, taskId, done, config, ...rest } = webhook;
    await this.#documents.put({
      kind: KIND,
      id: key,
      owner,
      group: taskId,
      state: done ? "done" : "open",
      updatedAt: this.#clock.now(),
      value: { ...rest, config: TaskPushNotificationConfig.toJSON(config) },
    });
    this.forget(owner, taskId);
  }

  #exclusively<T>(step: () => Promise<T>): Promise<T> {
    const done = this.#stepping.then(step);
    this.#stepping = done.catch(() => {});
    return done;
  }
}

function webhookOf({ id, owner, group, state, value }: Document): Webhook {
  const { config, version, createdAt, failures } = value as Omit<Webhook, "config"> & { config: unknown };
  return {
    key: id,
    owner,
    taskId: group ?? "",
    config: TaskPushNotificationConfig.fromJSON(config),
    version,
    createdAt,
    failures,
    done: state === "done",
  };
}

function keyOf(owner: string, taskId: string, configId: string): string {
  return JSON.stringify([owner, taskId, configId]);
}

function taskKey(owner: string, taskId: string): string {
  return JSON.stringify([owner, taskId]);
}
