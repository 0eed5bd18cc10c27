/**
 * What the connection to one MCP server answers: which tools the server has, and calls of them.
 *
 * A server that is down is no fault: its tools are those known so far, and calls of them are outcomes that say why.
 *
 * @module
 */
import { Verdict } from "./approval.ts";
import { type Infer, protocol, schema } from "./protocol.ts";
import { Channel, ToolOutcome } from "./tool.ts";

/** A tool of an MCP server. Sizes are bounded, and what cannot be seen is taken out of texts. */
export const ServerTool = schema((z) =>
  z.object({
    /** As the server calls it. */
    name: z.string(),
    description: z.string(),
    /** JSON Schema of an object: its arguments, which the server checks. */
    parameters: z.record(z.string(), z.unknown()),
    /** JSON Schema of an object: its structured results. */
    result: z.record(z.string(), z.unknown()).optional(),
    /** What the server says that calling it does. */
    annotations: z.object({
      readOnly: z.boolean(),
      destructive: z.boolean(),
      idempotent: z.boolean(),
      openWorld: z.boolean(),
    }),
  })
);
/** See the schema of the same name. */
export type ServerTool = Infer<typeof ServerTool>;

/** What is known of a server. */
export const ServerState = schema((z) =>
  z.object({
    /** All its tools; while it is down those it had. */
    tools: z.array(ServerTool(z)),
    /** Why it cannot be reached now; null when it can. */
    down: z.string().nullable(),
  })
);
/** See the schema of the same name. */
export type ServerState = Infer<typeof ServerState>;

/** What happens while a tool of a server works. */
export const ServerItem = schema((z) =>
  z.discriminatedUnion("type", [
    z.object({
      type: z.literal("progress"),
      progress: z.number(),
      total: z.number().optional(),
      message: z.string().optional(),
    }),
    /** What the server logs meanwhile. */
    z.object({ type: z.literal("output"), channel: Channel(z), text: z.string() }),
    /** Something to be filled in, answered by `answer` with this id; of null: that is wanted no longer. */
    z.object({
      type: z.literal("question"),
      id: z.string(),
      question: z.object({ message: z.string(), form: z.record(z.string(), z.unknown()) }).nullable(),
    }),
  ])
);
/** See the schema of the same name. */
export type ServerItem = Infer<typeof ServerItem>;

/** What came of a call. */
export const ServerAnswer = schema((z) =>
  z.object({
    outcome: ToolOutcome(z),
    /** The server's `CallToolResult`, word for word; absent when it gave none. */
    verbatim: z.record(z.string(), z.unknown()).optional(),
  })
);
/** See the schema of the same name. */
export type ServerAnswer = Infer<typeof ServerAnswer>;

/** The protocol of the connection to one MCP server. */
export const McpConnection = protocol("mcp_connection", (z) => ({
  /** Stream. What is known, as soon as connecting has succeeded or failed, and whenever that changes; until cancelled. */
  state: { request: z.object({}), item: ServerState(z), reply: z.null() },
  /** Stream. Calls a tool; to cancel it cancels the call at the server. */
  call: {
    request: z.object({ tool: z.string(), arguments: z.record(z.string(), z.unknown()) }),
    item: ServerItem(z),
    reply: ServerAnswer(z),
  },
  /** Cast. What a person said to a question. Nothing happens when nobody waits for it any more. */
  answer: { request: z.object({ id: z.string(), verdict: Verdict(z) }) },
}));
