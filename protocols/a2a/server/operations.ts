/**
 * The operations as the SDK's transports call them. What goes wrong without being the client's doing is told to whoever
 * runs this server, and to the client only that it did.
 *
 * @module
 */
import type { AgentCard } from "@a2a-js/sdk";
import { A2AError, UnsupportedOperationError } from "@a2a-js/sdk/errors";
import type { A2ARequestHandler, ServerCallContext } from "@a2a-js/sdk/server";
import { Fault } from "../../messages/fault.ts";
import type { PushConfigs } from "./push_configs.ts";
import type { TaskHandler } from "./task_handler.ts";

/** What {@linkcode operations} puts together. */
export interface OperationsOptions {
  readonly tasks: TaskHandler;
  readonly push: PushConfigs;
  /** The card for callers who may know more; null where there is none. */
  readonly extendedCard: ((call: ServerCallContext) => Promise<AgentCard>) | null;
  readonly report: (problem: string, cause: unknown) => void;
}

/** See the module. */
export function operations({ tasks, push, extendedCard, report }: OperationsOptions): A2ARequestHandler {
  const one = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw forClient(error, report);
    }
  };
  async function* many<T>(work: AsyncGenerator<T, void, undefined>): AsyncGenerator<T, void, undefined> {
    try {
      yield* work;
    } catch (error) {
      throw forClient(error, report);
    }
  }
  return {
    getAgentCard: () => tasks.getAgentCard(),
    getAuthenticatedExtendedAgentCard(_params, call) {
      if (extendedCard !== null) return one(extendedCard(call));
      return Promise.reject(new UnsupportedOperationError("This agent has no extended card"));
    },
    sendMessage: (params, call) => one(tasks.sendMessage(params, call)),
    sendMessageStream: (params, call) => many(tasks.sendMessageStream(params, call)),
    getTask: (params, call) => one(tasks.getTask(params, call)),
    listTasks: (params, call) => one(tasks.listTasks(params, call)),
    cancelTask: (params, call) => one(tasks.cancelTask(params, call)),
    resubscribe: (params, call) => many(tasks.resubscribe(params, call)),
    createTaskPushNotificationConfig: (params, call) => one(push.create(params, call)),
    getTaskPushNotificationConfig: (params, call) => one(push.get(params, call)),
    listTaskPushNotificationConfigs: (params, call) => one(push.list(params, call)),
    deleteTaskPushNotificationConfig: (params, call) => one(push.delete(params, call)),
  };
}

function forClient(error: unknown, report: OperationsOptions["report"]): A2AError {
  if (error instanceof A2AError) return error;
  if (error instanceof Fault && TELLABLE.has(error.code)) return new A2AError(error.message);
  report("Cannot answer an A2A request", error);
  return new A2AError("Internal error");
}

/** What a client may know of: it is nothing of ours but how we are set up. */
const TELLABLE: ReadonlySet<string> = new Set(["stopping", "no_model", "task_known"]);
