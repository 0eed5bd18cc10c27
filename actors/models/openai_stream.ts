/**
 * What a stream of Chat Completions chunks says, put together. Providers deviate: ids come empty or twice,
 * indexes are left out, usage comes in every chunk or never. All of that is accepted; a stream that ends
 * without saying why is not.
 *
 * @see https://platform.openai.com/docs/api-reference/chat-streaming
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Thought, ToolCall, Usage } from "../../protocols/messages/model.ts";

/** The part of a chunk that is read. */
export interface Chunk {
  /** Who answers. */
  model?: string;
  /** What is new; the first alone is read. */
  choices?: readonly Choice[] | null;
  /** Tokens so far. */
  usage?: ChunkUsage | null;
}

/** A piece of an answer. */
export interface Choice {
  /** The text and the parts of tool calls that are new. */
  delta?: {
    content?: string | null;
    refusal?: string | null;
    tool_calls?: readonly ToolCallPart[] | null;
  } | null;
  /** In the last piece: why it ends. */
  finish_reason?: string | null;
}

/** A part of a tool call. */
export interface ToolCallPart {
  /** Which call it belongs to. */
  index?: number;
  /** In the first part. */
  id?: string | null;
  /** The name in the first part, then the text of the arguments piece by piece. */
  function?: { name?: string | null; arguments?: string | null } | null;
}

/** Tokens as providers count them. */
export interface ChunkUsage {
  /** Tokens read. */
  prompt_tokens?: number;
  /** Tokens written. */
  completion_tokens?: number;
  /** Of those read, the cached ones. */
  prompt_tokens_details?: { cached_tokens?: number | null } | null;
  /** DeepSeek's name for cached tokens. */
  prompt_cache_hit_tokens?: number;
}

/** A whole answer. `usage` and `model` are absent when the provider did not say. */
export interface Said extends Pick<Thought, "text" | "toolCalls" | "finish"> {
  /** As the provider names it. */
  model?: string;
  /** As the provider counted. */
  usage?: Usage;
}

/**
 * Reads a stream to its end.
 *
 * @param onText Receives each piece of text as it comes.
 * @param newId Names tool calls whose provider gave no id, or one twice.
 * @throws {Fault} code `broken_stream` when it ends without a finish reason.
 */
export async function readStream(
  chunks: AsyncIterable<Chunk>,
  onText: (text: string) => void,
  newId: () => string,
): Promise<Said> {
  const calls: PartialCall[] = [];
  const said: Said = { text: "", toolCalls: [], finish: "" };
  for await (const chunk of chunks) {
    if (chunk.model) said.model = chunk.model;
    said.usage = usageOf(chunk.usage) ?? said.usage;
    const choice = chunk.choices?.[0];
    // A refusal is what the model says to the person instead of an answer.
    const text = (choice?.delta?.content ?? "") + (choice?.delta?.refusal ?? "");
    if (text !== "") {
      said.text += text;
      onText(text);
    }
    for (const part of choice?.delta?.tool_calls ?? []) addPart(calls, part);
    if (choice?.finish_reason) said.finish = choice.finish_reason;
  }
  if (said.finish === "") {
    throw new Fault("broken_stream", `the answer broke off after ${said.text.length} characters`, {
      retry: "later",
    });
  }
  said.toolCalls = finished(calls, newId);
  return said;
}

interface PartialCall extends ToolCall {
  index: number;
}

/** A part belongs to the call of its index, unless it brings another id: then it begins a new one. */
function addPart(calls: PartialCall[], part: ToolCallPart): void {
  const index = part.index ?? calls.at(-1)?.index ?? 0;
  let call = calls.findLast((known) => known.index === index);
  if (call === undefined || (part.id && call.id !== "" && part.id !== call.id)) {
    call = { index, id: "", name: "", arguments: "" };
    calls.push(call);
  }
  call.id ||= part.id ?? "";
  call.name ||= part.function?.name ?? "";
  call.arguments += part.function?.arguments ?? "";
}

function finished(calls: readonly PartialCall[], newId: () => string): ToolCall[] {
  const ids = new Set<string>();
  return calls.map((call) => {
    const id = call.id === "" || ids.has(call.id) ? newId() : call.id;
    ids.add(id);
    // Tools without parameters are often called with nothing at all.
    return { id, name: call.name, arguments: call.arguments.trim() === "" ? "{}" : call.arguments };
  });
}

function usageOf(usage: ChunkUsage | null | undefined): Usage | undefined {
  const inputTokens = count(usage?.prompt_tokens);
  const outputTokens = count(usage?.completion_tokens);
  if (inputTokens === undefined || outputTokens === undefined) return undefined;
  const cached = count(usage?.prompt_tokens_details?.cached_tokens) ?? count(usage?.prompt_cache_hit_tokens);
  return { inputTokens, cachedTokens: Math.min(cached ?? 0, inputTokens), outputTokens, estimated: false };
}

function count(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? value as number : undefined;
}
