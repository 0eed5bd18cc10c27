/**
 * The A2A tasks as they were last written down: who gave them, what was said, what came of them.
 *
 * @module
 */
import { type ListTasksRequest, Task, TaskState, taskStateToJSON } from "@a2a-js/sdk";
import { RequestMalformedError } from "@a2a-js/sdk/errors";
import type { Document } from "../../messages/documents.ts";
import type { DocumentsPort } from "../../../supervisor/durable/documents.ts";
import { TERMINAL } from "./parts.ts";

const KIND = "a2a_task";
/** Tasks on a page where nobody says. */
const PAGE = 50;
/** Tasks on a page at most. */
const MAX_PAGE = 100;
/** Documents read at once when all are wanted. */
const BATCH = 500;

/** A page of tasks, newest first. */
export interface Page {
  readonly tasks: Task[];
  /** Empty on the last one. */
  readonly nextPageToken: string;
  readonly pageSize: number;
  /** Of all pages. */
  readonly totalSize: number;
}

/** See the module. To an owner the tasks of others are as if they were not there. */
export class TaskBook {
  readonly #documents: DocumentsPort;

  constructor(documents: DocumentsPort) {
    this.#documents = documents;
  }

  /** Durable when this answers. */
  async write(owner: string, task: Task): Promise<void> {
    await this.#documents.put({
      kind: KIND,
      id: task.id,
      owner,
      group: task.contextId,
      state: stateName(task.status?.state),
      updatedAt: Date.parse(task.status?.timestamp ?? ""),
      value: Task.toJSON(task),
    });
  }

  /** Null when this owner has none of that id. */
  async read(owner: string, id: string): Promise<Task | null> {
    const document = await this.#documents.get({ kind: KIND, id });
    return document?.owner === owner ? Task.fromJSON(document.value) : null;
  }

  /**
   * A page of what this owner has.
   * @throws {RequestMalformedError} for a page size, a token, a state or a moment that is none.
   */
  async list(owner: string, request: ListTasksRequest): Promise<Page> {
    const pageSize = request.pageSize ?? PAGE;
    if (!Number.isInteger(pageSize) || pageSize < 1 || pageSize > MAX_PAGE) {
      throw new RequestMalformedError(`pageSize must be between 1 and ${MAX_PAGE}`);
    }
    const filter = { kind: KIND, owner, ...filterOf(request) };
    const before = request.pageToken === "" ? undefined : placeOf(request.pageToken);
    const [found, totalSize] = await Promise.all([
      this.#documents.list({ ...filter, limit: pageSize + 1, ...(before && { before }) }),
      this.#documents.count(filter),
    ]);
    const shown = found.slice(0, pageSize);
    const last = shown.at(-1);
    return {
      tasks: shown.map(({ value }) => Task.fromJSON(value)),
      nextPageToken: found.length > shown.length && last !== undefined ? tokenOf(last) : "",
      pageSize,
      totalSize,
    };
  }

  /** All that are not over, of every owner. */
  async *unfinished(): AsyncGenerator<{ owner: string; task: Task }, void, void> {
    for (const state of Object.values(TaskState)) {
      if (typeof state === "string" || TERMINAL.has(state)) continue;
      const filter = { kind: KIND, state: stateName(state), limit: BATCH };
      let before: Pick<Document, "updatedAt" | "id"> | undefined;
      for (let more = true; more;) {
        const found = await this.#documents.list({ ...filter, ...(before && { before }) });
        yield* found.map(({ owner, value }) => ({ owner, task: Task.fromJSON(value) }));
        const last = found.at(-1);
        before = last && { updatedAt: last.updatedAt, id: last.id };
        more = found.length === BATCH;
      }
    }
  }
}

function stateName(state: TaskState | undefined): string {
  return taskStateToJSON(state ?? TaskState.TASK_STATE_UNSPECIFIED);
}

function filterOf({ contextId, status, statusTimestampAfter }: ListTasksRequest) {
  if (status === TaskState.UNRECOGNIZED) throw new RequestMalformedError("status is no state of a task");
  const since = statusTimestampAfter === undefined ? undefined : Date.parse(statusTimestampAfter);
  if (Number.isNaN(since)) throw new RequestMalformedError("statusTimestampAfter must be an ISO 8601 moment");
  return {
    ...(contextId !== "" && { group: contextId }),
    ...(status !== TaskState.TASK_STATE_UNSPECIFIED && { state: stateName(status) }),
    ...(since !== undefined && { since }),
  };
}

function tokenOf({ updatedAt, id }: Document): string {
  return btoa(JSON.stringify([updatedAt, id])).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function placeOf(token: string): Pick<Document, "updatedAt" | "id"> {
  try {
    const place: unknown = JSON.parse(atob(token.replaceAll("-", "+").replaceAll("_", "/")));
    if (
      Array.isArray(place) && Number.isFinite(place[0]) && typeof place[1] === "string" && place.length === 2
    ) {
      return { updatedAt: place[0], id: place[1] };
    }
  } catch {
    // said below, whatever was wrong with it
  }
  throw new RequestMalformedError("pageToken is none of this server");
}
