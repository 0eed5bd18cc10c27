/**
 * What a strict provider accepts: the schema of a Chat Completions request and the order of its lines.
 *
 * @module
 */
import { z } from "zod";

const ToolCall = z.strictObject({
  id: z.string().min(1),
  type: z.literal("function"),
  function: z.strictObject({
    name: z.string().min(1),
    arguments: z.string().refine(isObjectText, "arguments of a tool call must be the text of a JSON object"),
  }),
});

const Message = z.discriminatedUnion("role", [
  z.strictObject({ role: z.literal("system"), content: z.string() }),
  z.strictObject({ role: z.literal("user"), content: z.string() }),
  z.strictObject({
    role: z.literal("assistant"),
    content: z.string().nullable(),
    tool_calls: z.array(ToolCall).min(1).optional(),
  }),
  z.strictObject({ role: z.literal("tool"), tool_call_id: z.string().min(1), content: z.string() }),
]);
/** One line as it is sent. */
export type ChatMessage = z.infer<typeof Message>;

const Tool = z.strictObject({
  type: z.literal("function"),
  function: z.strictObject({
    name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/),
    description: z.string().min(1),
    parameters: z.record(z.string(), z.unknown()).refine(
      isObjectSchema,
      "parameters of a tool must be a JSON Schema of an object",
    ),
  }),
});

/** The body of a request. */
export const ChatRequest = z.strictObject({
  model: z.string().min(1),
  messages: z.array(Message).min(1),
  tools: z.array(Tool).min(1).optional(),
  stream: z.literal(true),
  stream_options: z.strictObject({ include_usage: z.boolean() }).optional(),
  stop: z.array(z.string().min(1)).min(1).max(4).optional(),
  max_tokens: z.int().min(1).optional(),
  max_completion_tokens: z.int().min(1).optional(),
});
/** See the schema of the same name. */
export type ChatRequest = z.infer<typeof ChatRequest>;

/**
 * What is wrong with the order of lines; empty when nothing is. At most one system line, and first; then
 * user and assistant in turn; tool results only right after the calls they answer: all of them, once, in
 * order; and the last line is one that wants an answer.
 */
export function orderProblems(messages: readonly ChatMessage[]): string[] {
  const problems: string[] = [];
  let before: ChatMessage["role"] | "start" = "start";
  let open: string[] = [];
  for (const [at, message] of messages.entries()) {
    if (message.role === "tool") {
      const wanted = open.shift();
      if (wanted !== message.tool_call_id) {
        problems.push(`line ${at} answers call "${message.tool_call_id}" where ${callName(wanted)} is open`);
      }
    } else {
      if (open.length > 0) problems.push(`line ${at} comes before call "${open[0]}" is answered`);
      open = message.role === "assistant" ? (message.tool_calls ?? []).map((call) => call.id) : [];
      if (new Set(open).size < open.length) problems.push(`line ${at} has two calls of one id`);
      if (!FOLLOWS[message.role].includes(before)) {
        problems.push(`line ${at}: ${message.role} after ${before}`);
      }
    }
    before = message.role;
  }
  if (open.length > 0) problems.push(`call "${open[0]}" is not answered`);
  if (before === "assistant" || before === "system") problems.push(`the last line is of role ${before}`);
  return problems;
}

const FOLLOWS: Record<"system" | "user" | "assistant", readonly string[]> = {
  system: ["start"],
  user: ["start", "system", "assistant"],
  assistant: ["user", "tool"],
};

function callName(id: string | undefined): string {
  return id === undefined ? "none" : `"${id}"`;
}

function isObjectText(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}

function isObjectSchema(schema: Record<string, unknown>): boolean {
  if (schema.type !== "object") return false;
  const known = Object.keys((schema.properties ?? {}) as object);
  const required = (schema.required ?? []) as unknown[];
  if (!Array.isArray(required) || !required.every((name) => known.includes(String(name)))) return false;
  try {
    z.fromJSONSchema(schema);
    return true;
  } catch {
    return false;
  }
}
