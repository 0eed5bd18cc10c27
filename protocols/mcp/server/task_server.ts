/**
 * A server whose tools may answer with a task instead of a result, for `io.modelcontextprotocol/tasks`, which the library
 * lacks on the server side. What goes wrong in a handler is told to `onerror`, and to the client without its details.
 *
 * @see https://modelcontextprotocol.io/seps/2663-tasks-extension
 * @module
 */
import {
  type JSONRPCRequest,
  ProtocolError,
  ProtocolErrorCode,
  type Result,
  SdkError,
  Server,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { Fault } from "../../messages/fault.ts";

/** Handles a request. */
type Handler = (request: JSONRPCRequest, context: ServerContext) => Promise<Result>;

/** See the module. */
export class TaskServer extends Server {
  #atWork = 0;

  /** Requests that are at work. */
  get atWork(): number {
    return this.#atWork;
  }

  protected override _wrapHandler(method: string, handler: Handler): Handler {
    const checked = super._wrapHandler(method, method === "tools/call" ? carryingTasks(handler) : handler);
    return async (request, context) => {
      this.#atWork++;
      try {
        return await checked(request, context);
      } catch (thrown) {
        if (thrown instanceof TaskCreated) return thrown.result;
        throw this.#told(thrown);
      } finally {
        this.#atWork--;
      }
    };
  }

  /** What the client is told of something thrown: what was meant for it, or that there was an error. */
  #told(thrown: unknown): Error {
    if (thrown instanceof ProtocolError || thrown instanceof SdkError) return thrown;
    if (thrown instanceof Fault) return new ProtocolError(ProtocolErrorCode.InternalError, thrown.message);
    this.onerror?.(thrown instanceof Error ? thrown : new Error(String(thrown)));
    return new ProtocolError(ProtocolErrorCode.InternalError, "Internal error");
  }
}

/** The library checks what a tool answers, and knows results only: a task is carried past it as if thrown. */
function carryingTasks(handler: Handler): Handler {
  return async (request, context) => {
    const result = await handler(request, context);
    if ((result as { resultType?: unknown }).resultType === "task") throw new TaskCreated(result);
    return result;
  };
}

/** Not an error: a task on its way past the check of results. */
class TaskCreated {
  constructor(readonly result: Result) {}
}
