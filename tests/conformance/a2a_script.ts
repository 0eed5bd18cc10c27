/**
 * What works on tasks while the A2A compatibility kit looks on: a script told by the beginning of each message's id.
 *
 * @module
 */
import { type Message, type Part, TaskState } from "@a2a-js/sdk";
import { agentMessage, artifact, dataPart, filePart, textPart } from "../../protocols/a2a/server/parts.ts";
import type { Happening, Order, Reception, Workshop } from "../../protocols/a2a/server/workshop.ts";

/** How long the task goes on that the kit comes back to. Milliseconds. */
const LONG_MS = 5_000;
/** How long any other task of the kit for 0.3 is seen at work. Milliseconds. */
const SHORT_MS = 1_000;

const WORKING: Happening = { type: "status", state: TaskState.TASK_STATE_WORKING };
const ASKING: Happening = {
  type: "status",
  state: TaskState.TASK_STATE_INPUT_REQUIRED,
  parts: [textPart("What else?")],
};

/** What happens by the beginning of a message's id, the first that fits. */
const SCRIPTS: readonly (readonly [prefix: string, happenings: readonly Happening[]])[] = [
  ["tck-stream-artifact-chunked", [WORKING, made([textPart("chunk-1 ")], { append: true, last: false }), {
    ...made([textPart("chunk-2")], { append: true, last: true }),
  }, completed()]],
  ["tck-stream-artifact-text", [WORKING, made([textPart("Streamed text content")]), completed()]],
  ["tck-stream-artifact-file", [WORKING, made([file()]), completed()]],
  ["tck-stream-ordering-001", [WORKING, made([textPart("Ordered output")]), completed()]],
  ["tck-stream-001", [WORKING, made([textPart("Stream hello from TCK")]), completed()]],
  ["tck-stream-002", [completed()]],
  ["tck-stream-003", [WORKING, made([textPart("Stream task lifecycle")]), completed()]],
  ["tck-artifact-file-url", [made([url()]), completed()]],
  ["tck-artifact-file", [made([file()]), completed()]],
  ["tck-artifact-text", [made([textPart("Generated text content")]), completed()]],
  ["tck-artifact-data", [made([dataPart({ key: "value", count: 42 })]), completed()]],
  ["tck-input-required", [ASKING]],
  ["tck-reject-task", [{
    type: "status",
    state: TaskState.TASK_STATE_REJECTED,
    parts: [textPart("rejected")],
  }]],
  ["tck-", [completed("Hello from TCK")]],
];

/** The scripts of the kit for 1.0; a message of the kit for 0.3 is asked for another one. */
export class ScriptedWorkshop implements Workshop {
  readonly #stages = new Map<string, Stage>();

  begin({ taskId, message }: Order): Promise<Message | null> {
    if (message.messageId.startsWith("tck-message-response")) {
      return Promise.resolve(agentMessage([textPart("Direct message response")]));
    }
    this.#stages.set(taskId, new Stage());
    this.#play(taskId, message);
    return Promise.resolve(null);
  }

  reply({ taskId, message }: Order): Promise<Reception> {
    this.#play(taskId, message);
    return Promise.resolve({ taken: true });
  }

  async *watch(_owner: string, taskId: string, signal: AbortSignal): AsyncGenerator<Happening, void, void> {
    const stage = this.#stages.get(taskId);
    if (stage === undefined) return;
    signal.addEventListener("abort", () => stage.end(), { once: true });
    yield* stage.happenings();
  }

  cancel(_owner: string, taskId: string): Promise<Extract<Happening, { type: "status" }>> {
    this.#stages.get(taskId)?.end();
    return Promise.resolve({ type: "status", state: TaskState.TASK_STATE_CANCELED });
  }

  #play(taskId: string, { messageId }: Message): void {
    const stage = this.#stages.get(taskId);
    if (messageId.startsWith("test-resubscribe-message-id")) {
      stage?.tell([WORKING]);
      stage?.later(() => stage.tell([completed()]), LONG_MS);
      return;
    }
    const script = SCRIPTS.find(([prefix]) => messageId.startsWith(prefix));
    stage?.later(() => stage.tell(script?.[1] ?? [ASKING]), script === undefined ? SHORT_MS : 0);
  }
}

class Stage {
  #queue: Happening[] = [];
  #wake = Promise.withResolvers<void>();
  #ended = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  tell(happenings: readonly Happening[]): void {
    this.#queue.push(...happenings);
    this.#wake.resolve();
  }

  later(then: () => void, ms: number): void {
    this.#timer = setTimeout(then, ms);
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#ended = true;
    this.#wake.resolve();
  }

  async *happenings(): AsyncGenerator<Happening, void, void> {
    while (!this.#ended) {
      const next = this.#queue.shift();
      if (next === undefined) {
        await this.#wake.promise;
        this.#wake = Promise.withResolvers();
        continue;
      }
      yield next;
      if (next.type === "status" && next.state === TaskState.TASK_STATE_COMPLETED) return;
      if (next.type === "status" && next.state === TaskState.TASK_STATE_REJECTED) return;
    }
  }
}

function completed(text?: string): Happening {
  const parts = text === undefined ? [] : [textPart(text)];
  return { type: "status", state: TaskState.TASK_STATE_COMPLETED, parts };
}

function made(parts: readonly Part[], how: { append?: boolean; last?: boolean } = {}): Happening {
  return { type: "artifact", artifact: artifact("artifact-1", "", parts), ...how };
}

function file(): Part {
  return filePart("output.txt", "text/plain", btoa("tck"));
}

function url(): Part {
  const value = "https://example.com/output.txt";
  return {
    content: { $case: "url", value },
    metadata: undefined,
    filename: "output.txt",
    mediaType: "text/plain",
  };
}
