/**
 * A conversation in the words of the Chat Completions API.
 *
 * @see https://platform.openai.com/docs/api-reference/chat/create
 * @module
 */
import type OpenAI from "openai";
import type { Line, ThinkRequest, ToolCall, ToolSpec } from "../../protocols/messages/model.ts";

/** The body of one request. */
export type ChatBody = OpenAI.Chat.ChatCompletionCreateParamsStreaming;

/** What to ask `model` at `host`: always as a stream, with usage at its end. */
export function chatBody(request: ThinkRequest, model: string, host: string): ChatBody {
  const { lines, tools, stop = [], maxTokens } = request;
  return {
    model,
    messages: lines.map(message),
    stream: true,
    stream_options: { include_usage: true },
    // Providers refuse empty lists.
    ...(tools.length > 0 && { tools: tools.map(tool) }),
    ...(stop.length > 0 && { stop }),
    ...(maxTokens !== undefined && bound(maxTokens, host)),
  };
}

function message(line: Line): OpenAI.Chat.ChatCompletionMessageParam {
  switch (line.role) {
    case "system":
    case "user":
      return { role: line.role, content: line.text };
    case "tool":
      return { role: "tool", tool_call_id: line.callId, content: line.text };
    case "assistant":
      if (line.toolCalls.length === 0) return { role: "assistant", content: line.text };
      return {
        role: "assistant",
        content: line.text === "" ? null : line.text,
        tool_calls: line.toolCalls.map(toolCall),
      };
  }
}

function toolCall(
  { id, name, arguments: text }: ToolCall,
): OpenAI.Chat.ChatCompletionMessageFunctionToolCall {
  return { id, type: "function", function: { name, arguments: objectText(text) } };
}

/**
 * Several servers refuse a whole conversation over one call whose arguments are not a JSON object, so a
 * broken one goes back to its author wrapped into one.
 */
function objectText(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return text;
  } catch {
    // Not JSON: wrapped below like any other value that is no object.
  }
  return JSON.stringify({ invalid_arguments: text });
}

function tool({ name, description, parameters }: ToolSpec): OpenAI.Chat.ChatCompletionFunctionTool {
  return { type: "function", function: { name, description, parameters } };
}

/** OpenAI's reasoning models know only the new name of the bound, most compatible servers only the old. */
function bound(tokens: number, host: string): Partial<ChatBody> {
  return /(^|\.)openai\.com(:|$)/.test(host) ? { max_completion_tokens: tokens } : { max_tokens: tokens };
}
