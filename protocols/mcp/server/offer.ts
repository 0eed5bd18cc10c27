/**
 * What an MCP endpoint offers, whichever era and transport it is reached by.
 *
 * @module
 */
import type {
  AuthInfo,
  Implementation,
  ServerContext,
  ServerOptions,
  Tool,
} from "@modelcontextprotocol/server";
import { ANYONE, type Caller } from "../../../workspace/service/caller.ts";
import { TaskServer } from "./task_server.ts";
import { type ServedTasks, serveTasks, TASKS_EXTENSION } from "./served_tasks.ts";

/** What is offered. Its methods are called anew for every request of a modern client and every session of a legacy one. */
export interface Offer {
  /** Name and version of the server. */
  readonly identity: Implementation;
  /** Capabilities and the rest; that of the Tasks extension is added. */
  readonly options: ServerOptions;
  /** The tools as they are listed now; the same array as long as nothing changed. */
  tools(): Promise<readonly Tool[]>;
  /** Sets the handlers of requests by this caller. */
  register(server: TaskServer, caller: Caller): void;
  /** What stands behind the Tasks extension. Default: it is not offered. */
  readonly tasks?: ServedTasks;
  /** Calls `listener` when a list is no longer what it was, until the function returned is called. */
  onChange?(listener: (list: ChangedList) => void): () => void;
  /** Gives up what is at work, for the server ends; resolves when its requests have been answered. */
  close?(): Promise<void>;
}

/** A list that clients keep a copy of. */
export type ChangedList = "tools" | "prompts" | "resources";

/** A server of this offer for one caller. `onError` hears of what went wrong and was answered. */
export function serverOf(offer: Offer, caller: Caller, onError: (error: Error) => void): TaskServer {
  const { identity, options, tasks } = offer;
  const { capabilities } = options;
  const extensions = { ...capabilities?.extensions, [TASKS_EXTENSION]: {} };
  const server = new TaskServer(
    identity,
    tasks === undefined ? options : { ...options, capabilities: { ...capabilities, extensions } },
  );
  server.onerror = onError;
  if (tasks !== undefined) serveTasks(server, tasks, caller);
  offer.register(server, caller);
  return server;
}

/** The caller as the library hands it around. Their token stayed at the door. */
export function authInfoOf({ owner, scopes }: Caller): AuthInfo {
  return { token: "", clientId: owner, scopes: [...scopes] };
}

/** Who was meant by {@linkcode authInfoOf}; over stdio anyone. */
export function callerOf(authInfo: AuthInfo | undefined): Caller {
  return authInfo === undefined ? ANYONE : { owner: authInfo.clientId, scopes: authInfo.scopes };
}

/** What the state of a call is sealed to: who called, and for what. */
export function boundTo({ mcpReq, http }: ServerContext): string {
  return `${mcpReq.method}\0${callerOf(http?.authInfo).owner}`;
}
