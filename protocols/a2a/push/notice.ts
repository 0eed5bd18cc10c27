/**
 * What a webhook is told, in the words of each version of A2A.
 *
 * @module
 */
import { type StreamResponse, type Task, TaskState } from "@a2a-js/sdk";
import {
  type PushNotificationSerializer,
  type SerializedPushNotification,
  V1PushNotificationSerializer,
} from "@a2a-js/sdk/server";
import { V03PushNotificationSerializer } from "@a2a-js/sdk/compat/v0_3/server";

/** Something that happened to a task, ready to be sent. */
export interface Notice {
  /** Whether nothing happens to the task after it. */
  readonly final: boolean;
  /** By version of A2A. */
  readonly bodies: Readonly<Record<Version, SerializedPushNotification>>;
  /** Bytes of memory the bodies take, about. */
  readonly size: number;
}

/** Of A2A. */
export type Version = "1.0" | "0.3";

const SERIALIZERS: Readonly<Record<Version, PushNotificationSerializer>> = {
  "1.0": new V1PushNotificationSerializer(),
  "0.3": new V03PushNotificationSerializer(),
};

const FINAL: ReadonlySet<TaskState | undefined> = new Set([
  TaskState.TASK_STATE_COMPLETED,
  TaskState.TASK_STATE_FAILED,
  TaskState.TASK_STATE_CANCELED,
  TaskState.TASK_STATE_REJECTED,
]);

/** The notice of `event`, after which the task stands like `task`; neither is looked at again. */
export function noticeOf(event: StreamResponse, task?: Task): Notice {
  const bodies = {
    "1.0": SERIALIZERS["1.0"].serialize(event, task),
    "0.3": SERIALIZERS["0.3"].serialize(event, task),
  };
  const characters = bodies["1.0"].body.length + bodies["0.3"].body.length;
  return { final: isFinal(event), bodies, size: 2 * characters };
}

/** Whether nothing happens to the task after it. */
export function isFinal({ payload }: StreamResponse): boolean {
  return (payload?.$case === "task" || payload?.$case === "statusUpdate") &&
    FINAL.has(payload.value.status?.state);
}

/** The version a client speaks, from what its request says. */
export function versionOf(requested: string): Version {
  return requested.startsWith("1.") ? "1.0" : "0.3";
}
