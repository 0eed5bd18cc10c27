/**
 * One task while something happens in it: how it stands, and who is told.
 *
 * @module
 */
import type { Artifact, Message, Part, StreamResponse, Task, TaskStatus } from "@a2a-js/sdk";
import { TaskState } from "@a2a-js/sdk";
import { Backlog } from "../../../workspace/runtime/backlog.ts";
import { agentMessage, TERMINAL, textPart } from "./parts.ts";
import type { Happening } from "./workshop.ts";

/** Bytes of the files of one task that are kept; of more than that only what they were called. */
const KEPT_BYTES = 8 * 1024 * 1024;

type StatusHappening = Extract<Happening, { type: "status" }>;
type ArtifactHappening = Extract<Happening, { type: "artifact" }>;

/** Events a listener may fall behind before progress is left out. */
const BACKLOG = 1_000;

/** What one listener is told, at their own pace; what is `passing` may be left out. */
export type Feed = Backlog<{ readonly event: StreamResponse; readonly passing: boolean }>;

/** Hears of what happened, before any feed does; `lasting` when it is to be written down. */
export type Listener = (live: LiveTask, event: StreamResponse, lasting: boolean) => void;

/** See the module. */
export class LiveTask {
  /** Whose it is. */
  readonly owner: string;
  readonly #listener: Listener;
  readonly #feeds = new Set<Feed>();
  readonly #heard = Promise.withResolvers<void>();
  #task: Task;
  #over = false;

  constructor(owner: string, task: Task, listener: Listener) {
    this.owner = owner;
    this.#task = task;
    this.#listener = listener;
  }

  /** As it stands; never changed, but replaced. */
  get task(): Task {
    return this.#task;
  }

  /** Nothing more is heard of it here. */
  get over(): boolean {
    return this.#over;
  }

  /** It stands as it was given. */
  begin(): void {
    this.#heard.resolve();
  }

  /** Resolves once it is known how it stands. */
  get heard(): Promise<void> {
    return this.#heard.promise;
  }

  /** Told of what happens from now on, until `leave`. */
  join(): Feed {
    const feed: Feed = new Backlog({ limit: BACKLOG, mayDrop: ({ passing }) => passing });
    this.#feeds.add(feed);
    if (this.#over) feed.close();
    return feed;
  }

  /** Tells it no more. */
  leave(feed: Feed): void {
    feed.leave();
    this.#feeds.delete(feed);
  }

  /** Something happened. After the end nothing does. */
  apply(happening: Happening): void {
    this.#heard.resolve();
    if (TERMINAL.has(stateOf(this.#task))) return;
    if (happening.type === "artifact") return this.#applyArtifact(happening);
    if (happening.made !== undefined) this.#applyArtifact({ type: "artifact", artifact: happening.made });
    this.#applyStatus(happening);
  }

  /** A message of its owner was taken; it works on unless something else was heard since `before`. */
  received(message: Message, before: TaskStatus | undefined): void {
    this.#remember(message);
    if (this.#task.status === before) this.apply({ type: "status", state: TaskState.TASK_STATE_WORKING });
  }

  /** A message of its owner was not understood: it waits still. */
  misunderstood(message: Message, say: readonly Part[]): void {
    this.#remember(message);
    this.apply({ type: "status", state: TaskState.TASK_STATE_INPUT_REQUIRED, parts: say });
  }

  /** Nothing more is heard of it here: feeds end. */
  end(): void {
    this.#over = true;
    this.#heard.resolve();
    for (const feed of this.#feeds) feed.close();
  }

  #applyStatus({ state, parts = [], at, passing = false }: StatusHappening): void {
    const { status, id, contextId } = this.#task;
    const waits = stateOf(this.#task) !== TaskState.TASK_STATE_WORKING;
    if (passing ? waits : state === status?.state && isSaid(parts, status.message)) return;
    const message = parts.length === 0 ? undefined : agentMessage(parts, id, contextId);
    const asked = status?.state === TaskState.TASK_STATE_INPUT_REQUIRED ? status.message : undefined;
    const moment = Math.max(at ?? Date.now(), Date.parse(status?.timestamp ?? "") || 0);
    const now: TaskStatus = { state, message, timestamp: new Date(moment).toISOString() };
    this.#task = {
      ...this.#task,
      status: now,
      history: asked === undefined ? this.#task.history : withMessage(this.#task.history, asked),
    };
    const value = { taskId: id, contextId, status: now, metadata: undefined };
    this.#tell({ payload: { $case: "statusUpdate", value } }, !passing);
  }

  #applyArtifact({ artifact, append = false, last = true }: ArtifactHappening): void {
    const { id, contextId, artifacts } = this.#task;
    const there = artifacts.find(({ artifactId }) => artifactId === artifact.artifactId);
    const others = artifacts.filter((other) => other !== there);
    const parts = append && there !== undefined ? [...there.parts, ...artifact.parts] : artifact.parts;
    const whole = kept({ ...(append ? there ?? artifact : artifact), parts }, others);
    this.#task = {
      ...this.#task,
      artifacts: there === undefined ? [...artifacts, whole] : artifacts.map((a) => a === there ? whole : a),
    };
    const value = { taskId: id, contextId, artifact, append, lastChunk: last, metadata: undefined };
    this.#tell({ payload: { $case: "artifactUpdate", value } }, true);
  }

  #remember(message: Message): void {
    this.#task = { ...this.#task, history: withMessage(this.#task.history, message) };
  }

  #tell(event: StreamResponse, lasting: boolean): void {
    this.#listener(this, event, lasting);
    for (const feed of this.#feeds) feed.push({ event, passing: !lasting });
  }
}

/** Unspecified for a task without a status. */
export function stateOf(task: Task): TaskState {
  return task.status?.state ?? TaskState.TASK_STATE_UNSPECIFIED;
}

/** Whether nothing is said, or what was said before, as it is when a task is watched again after a restart. */
function isSaid(parts: readonly Part[], before: Message | undefined): boolean {
  return parts.length === 0 || JSON.stringify(parts) === JSON.stringify(before?.parts);
}

function withMessage(history: readonly Message[], message: Message): Message[] {
  return [...history, message];
}

function kept(artifact: Artifact, others: readonly Artifact[]): Artifact {
  if (bytesOf([artifact]) + bytesOf(others) <= KEPT_BYTES) return artifact;
  const names = artifact.parts.map(({ filename }) => filename).filter((name) => name !== "").join(", ");
  return { ...artifact, parts: [textPart(`${names || artifact.name}: too large to be kept here`)] };
}

function bytesOf(artifacts: readonly Artifact[]): number {
  let bytes = 0;
  for (const { content } of artifacts.flatMap(({ parts }) => parts)) {
    if (content?.$case === "raw") bytes += content.value.length;
    if (content?.$case === "text") bytes += content.value.length;
  }
  return bytes;
}
