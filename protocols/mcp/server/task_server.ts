/**
 * A server whose tools may answer with a task instead of a result: `io.modelcontextprotocol/tasks`, which the library
 * lacks on the server side.
 *
 * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
 * @module
 */
import { type JSONRPCRequest, type Result, Server, type ServerContext } from "@modelcontextprotocol/server";

/** Handles a request. */
type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/** See the module. */
export class TaskServer extends Server {
  #atWork = 0;

  /** Calls of tools that are at work. */
  get atWork(): number {
    return this.#atWork;
  }

  /** The library checks what a tool answers, and knows results only: a task is carried past it as if thrown. */
  protected override _wrapHandler(method: string, handler: Handler): Handler {
    if (method !== "tools/call") return super._wrapHandler(method, handler);
    const checked = super._wrapHandler(method, async (request, context) => {
      const result = await handler(request, context);
      if ((result as { resultType?: unknown }).resultType === "task") throw new TaskCreated(result);
      return result;
    });
    return async (request, context) => {
      this.#atWork++;
      try {
        return await checked(request, context);
      } catch (thrown) {
        if (thrown instanceof TaskCreated) return thrown.result;
        throw thrown;
      } finally {
        this.#atWork--;
      }
    };
  }
}

/** Not an error: a task on its way past the check of results. */
class TaskCreated {
  constructor(readonly result: Result) {}
}
