/**
 * The fixture's tasks: promises in memory.
 *
 * @module
 */
import type { CallToolResult, InputRequests } from "@modelcontextprotocol/server";
import type { ServedTask, ServedTasks } from "../../protocols/mcp/server/served_tasks.ts";
import type { Caller } from "../../workspace/service/caller.ts";

/** What a task does. `ask` resolves with the answer; `signal` is aborted when it is cancelled. */
export type TaskBody = (
  how: { signal: AbortSignal; ask(key: string, request: InputRequests[string]): Promise<unknown> },
) => Promise<CallToolResult>;

interface Made {
  task: ServedTask;
  readonly stop: AbortController;
  readonly answered: Map<string, (answer: unknown) => void>;
}

/** See the module. */
export class MadeTasks implements ServedTasks {
  readonly #made = new Map<string, Made>();

  /** Begins one. */
  start(body: TaskBody): ServedTask {
    const id = crypto.randomUUID();
    const at = Date.now();
    const task: ServedTask = {
      id,
      status: "working",
      createdAt: at,
      updatedAt: at,
      ttlMs: 60_000,
      pollIntervalMs: 100,
    };
    const made: Made = { task, stop: new AbortController(), answered: new Map() };
    this.#made.set(id, made);
    const ask = (key: string, request: InputRequests[string]) => this.#ask(made, key, request);
    body({ signal: made.stop.signal, ask }).then(
      (result) => this.#end(made, { status: "completed", result }),
      (error) => this.#end(made, { status: "failed", error: { code: -32603, message: error.message } }),
    );
    return task;
  }

  get(_caller: Caller, id: string): Promise<ServedTask | null> {
    return Promise.resolve(this.#made.get(id)?.task ?? null);
  }

  answer(_caller: Caller, id: string, responses: Readonly<Record<string, unknown>>): Promise<boolean> {
    const made = this.#made.get(id);
    for (const [key, response] of Object.entries(responses)) made?.answered.get(key)?.(response);
    return Promise.resolve(made !== undefined);
  }

  cancel(_caller: Caller, id: string): Promise<boolean> {
    const made = this.#made.get(id);
    if (made !== undefined) this.#end(made, { status: "cancelled" });
    return Promise.resolve(made !== undefined);
  }

  /** Stops all. */
  close(): void {
    for (const made of this.#made.values()) this.#end(made, { status: "cancelled" });
  }

  #ask(made: Made, key: string, request: InputRequests[string]): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<unknown>();
    made.answered.set(key, (answer) => {
      made.answered.delete(key);
      const { [key]: _gone, ...others } = made.task.inputRequests ?? {};
      const status = Object.keys(others).length > 0 ? "input_required" : "working";
      this.#change(made, { status, inputRequests: status === "working" ? undefined : others });
      resolve(answer);
    });
    this.#change(made, {
      status: "input_required",
      inputRequests: { ...made.task.inputRequests, [key]: request },
    });
    return promise;
  }

  #end(made: Made, change: Partial<ServedTask>): void {
    if (["completed", "failed", "cancelled"].includes(made.task.status)) return;
    this.#change(made, { ...change, inputRequests: undefined });
    made.stop.abort();
  }

  #change(made: Made, change: Partial<ServedTask>): void {
    made.task = { ...made.task, ...change, updatedAt: Date.now() };
  }
}
