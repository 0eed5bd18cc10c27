/**
 * Calling a tool of a server through its connection, whoever calls: an actor for a run, or the main thread for a client.
 *
 * @module
 */
import type { Question, Verdict } from "../../messages/approval.ts";
import { Fault } from "../../messages/fault.ts";
import type { McpConnection, ServerAnswer, ServerItem } from "../../messages/mcp_connection.ts";
import type { ActorRef } from "../../messages/ref.ts";

/** What is called, and how. */
export interface FollowedCall {
  readonly connection: ActorRef<typeof McpConnection>;
  /** What it is called here, for whoever is asked. */
  readonly name: string;
  /** What the server is called. */
  readonly server: string;
  /** What the server calls the tool. */
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  /** Hears what happens meanwhile. */
  readonly onItem: (item: Exclude<ServerItem, { type: "question" }>) => void;
  /** Puts a question to a person; `withdrawn` is aborted when the answer is wanted no longer. */
  readonly ask: (question: Question, withdrawn: AbortSignal) => Promise<Verdict>;
}

/** Milliseconds a person may take to answer. */
export const ANSWER_MS = 600_000;
/** Milliseconds a call may take altogether, questions included; the server's own limit between two signs is shorter. */
export const CALL_MS: number = ANSWER_MS + 600_000;

/** Calls it. @throws {Fault} as `ActorRef.stream` does. */
export async function followCall(call: FollowedCall): Promise<ServerAnswer> {
  const { connection, tool, args, signal, onItem } = call;
  const stream = connection.stream("call", { tool, arguments: { ...args } }, { signal, timeoutMs: CALL_MS });
  stream.reply.catch(() => {}); // the loop fails alike
  const open = new Map<string, AbortController>();
  try {
    for await (const item of stream) {
      if (item.type !== "question") onItem(item);
      else if (item.question === null) open.get(item.id)?.abort();
      else {
        const withdrawn = new AbortController();
        open.set(item.id, withdrawn);
        void put(call, item.id, item.question, withdrawn.signal);
      }
    }
    return await stream.reply;
  } finally {
    for (const withdrawn of open.values()) withdrawn.abort();
  }
}

type Wanted = NonNullable<Extract<ServerItem, { type: "question" }>["question"]>;

async function put(
  { connection, name, server, ask }: FollowedCall,
  id: string,
  { message, form }: Wanted,
  withdrawn: AbortSignal,
): Promise<void> {
  const question = {
    tool: name,
    action: message.replace(/\s+/g, " "),
    reason: `the MCP server ${server} asks`,
    form,
  };
  const verdict = await ask(question, withdrawn).catch((error): Verdict => ({
    allowed: false,
    reason: Fault.of(error).message,
  }));
  if (!withdrawn.aborted) connection.cast("answer", { id, verdict });
}
