/**
 * A task as it is kept: a document of kind "task" whose id is that of its run.
 *
 * @module
 */
import type { Document } from "../../protocols/messages/documents.ts";
import type { Limits } from "../../protocols/messages/run.ts";
import type { Assumption } from "../../actors/agents/assume.ts";
import type { Task } from "./task.ts";

/** The kind of the documents. */
export const TASK = "task";

/** What is known of a task, beyond what its owner is told. */
export interface TaskRecord extends Task {
  /** Those it was started with. */
  readonly limits: Partial<Limits>;
  /** Somebody wants it stopped for good. */
  readonly canceled?: true;
  /** What its owner said of the calls it was blocked by. */
  readonly said?: Said;
}

/** Holds for one end of the run only: when it is blocked once more, other calls are meant. */
export interface Said {
  readonly assumption: Assumption;
  /** When the run had ended as blocked. */
  readonly endedAt: number;
}

/** As it is written. */
export function toDocument({ id, owner, state, updatedAt, ...value }: TaskRecord): Document {
  return { kind: TASK, id, owner, state, updatedAt, value };
}

/** As it was written. */
export function fromDocument({ id, owner, state, updatedAt, value }: Document): TaskRecord {
  const rest = value as Omit<TaskRecord, "id" | "owner" | "state" | "updatedAt">;
  return { ...rest, id, owner, state: state as TaskRecord["state"], updatedAt };
}

/** What its owner is told. */
export function taskOf({ limits: _limits, canceled: _canceled, said: _said, ...task }: TaskRecord): Task {
  return task;
}
