/**
 * What a scripted provider answers, and how that looks on the wire.
 *
 * @module
 */
import type { ChatRequest } from "./chat_check.ts";

/** A call of a tool as the model writes it; `arguments` is raw text. */
export interface ScriptedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** How an answer is streamed. */
export interface Manner {
  /** Characters a chunk. Default 7. */
  readonly chunkChars?: number;
  /** Milliseconds before the first byte. Default 0. */
  readonly delayMs?: number;
  /** Milliseconds between two chunks. Default 0. */
  readonly chunkMs?: number;
  /** Default `{ input: 100, cached: 0, output: 10 }`; null for a provider that does not count. */
  readonly usage?: { readonly input: number; readonly cached?: number; readonly output: number } | null;
  /** Default `stop`, or `tool_calls`. */
  readonly finish?: string;
  /** The name the model gives itself. Default the one asked. */
  readonly model?: string;
}

/** One answer. Made by {@linkcode text}, {@linkcode toolCalls}, {@linkcode raw}, {@linkcode halfStream}, {@linkcode hang}. */
export type Answer =
  | { kind: "stream"; text: string; calls: readonly ScriptedCall[]; manner: Manner }
  | { kind: "raw"; status: number; body: string; headers: Record<string, string>; delayMs: number }
  | { kind: "half"; text: string; calls: readonly ScriptedCall[] }
  | { kind: "hang"; text: string };

/** Streams text, then ends. */
export function text(text: string, manner: Manner = {}): Answer {
  return { kind: "stream", text, calls: [], manner };
}

/** Streams calls of tools, in fragments. Plain objects as arguments are turned into text. */
export function toolCalls(
  calls: readonly { id: string; name: string; arguments: string | Record<string, unknown> }[],
  manner: Manner & { readonly text?: string } = {},
): Answer {
  return { kind: "stream", text: manner.text ?? "", calls: calls.map(asText), manner };
}

/** Answers with a status and a body; an object becomes JSON, text is HTML unless `headers` says otherwise. */
export function raw(
  status: number,
  body: string | Record<string, unknown>,
  headers: Record<string, string> = {},
  delayMs = 0,
): Answer {
  const type = typeof body === "string" ? "text/html" : "application/json";
  return {
    kind: "raw",
    status,
    body: typeof body === "string" ? body : JSON.stringify(body),
    headers: { "content-type": type, ...headers },
    delayMs,
  };
}

/** An error as OpenAI words it. */
export function apiError(
  status: number,
  message: string,
  extra: { code?: string; headers?: Record<string, string> } = {},
): Answer {
  return raw(status, { error: { message, type: "error", code: extra.code ?? null } }, extra.headers);
}

/** Streams text, then breaks the connection. */
export function halfStream(text: string, calls: readonly ScriptedCall[] = []): Answer {
  return { kind: "half", text, calls };
}

/** Streams text, if any, and never ends; without text it does not even begin. */
export function hang(text = ""): Answer {
  return { kind: "hang", text };
}

/** The response of an answer. `closing` ends what hangs when the server is closed. */
export async function respond(answer: Answer, request: ChatRequest, closing: AbortSignal): Promise<Response> {
  switch (answer.kind) {
    case "raw":
      await rest(answer.delayMs, closing);
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    case "stream":
      await rest(answer.manner.delayMs ?? 0, closing);
      return stream(whole(answer.text, answer.calls, answer.manner, request), answer.manner.chunkMs, closing);
    case "half":
      // A length that is not reached breaks the connection, as a crash of the server would.
      return stream(opening(answer.text, answer.calls, {}, request), 0, closing, {
        "content-length": "1000000",
      });
    case "hang":
      if (answer.text === "") await closed(closing);
      return stream(forever(answer.text, request, closing), 0, closing);
  }
}

type Piece = Record<string, unknown>;

function* whole(
  text: string,
  calls: readonly ScriptedCall[],
  manner: Manner,
  request: ChatRequest,
): Generator<string> {
  yield* opening(text, calls, manner, request);
  const finish = manner.finish ?? (calls.length > 0 ? "tool_calls" : "stop");
  yield event(request, manner, { choices: [{ index: 0, delta: {}, finish_reason: finish }] });
  const { usage = { input: 100, output: 10 } } = manner;
  if (usage !== null && request.stream_options?.include_usage) {
    yield event(request, manner, {
      choices: [],
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: { cached_tokens: usage.cached ?? 0 },
      },
    });
  }
  yield "data: [DONE]\n\n";
}

function* opening(
  text: string,
  calls: readonly ScriptedCall[],
  manner: Manner,
  request: ChatRequest,
): Generator<string> {
  const say = (delta: Piece) =>
    event(request, manner, { choices: [{ index: 0, delta, finish_reason: null }] });
  const size = manner.chunkChars ?? 7;
  yield say({ role: "assistant", content: "" });
  for (const content of cut(text, size)) yield say({ content });
  for (const [index, call] of calls.entries()) {
    const head = { index, id: call.id, type: "function", function: { name: call.name, arguments: "" } };
    yield say({ tool_calls: [head] });
    for (const piece of cut(call.arguments, size)) {
      yield say({ tool_calls: [{ index, function: { arguments: piece } }] });
    }
  }
}

async function* forever(text: string, request: ChatRequest, closing: AbortSignal): AsyncGenerator<string> {
  yield* opening(text, [], {}, request);
  await closed(closing);
}

function closed(closing: AbortSignal): Promise<void> {
  if (closing.aborted) return Promise.resolve();
  return new Promise((resolve) => closing.addEventListener("abort", () => resolve(), { once: true }));
}

function event(request: ChatRequest, manner: Manner, rest: Piece): string {
  const chunk = {
    id: "chatcmpl-scripted",
    object: "chat.completion.chunk",
    created: 0,
    model: manner.model ?? request.model,
    ...rest,
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

function stream(
  events: Iterable<string> | AsyncIterable<string>,
  everyMs = 0,
  closing: AbortSignal,
  headers: Record<string, string> = {},
): Response {
  const paced = async function* () {
    for await (const event of events) {
      yield event;
      await rest(everyMs, closing);
    }
  };
  const body = ReadableStream.from(paced()).pipeThrough(new TextEncoderStream());
  return new Response(body, { headers: { "content-type": "text/event-stream", ...headers } });
}

function rest(ms: number, closing: AbortSignal): Promise<void> {
  if (ms === 0 || closing.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => (clearTimeout(timer), closing.removeEventListener("abort", end), resolve());
    const timer = setTimeout(end, ms);
    closing.addEventListener("abort", end);
  });
}

function asText(
  call: { id: string; name: string; arguments: string | Record<string, unknown> },
): ScriptedCall {
  const { arguments: given } = call;
  return { ...call, arguments: typeof given === "string" ? given : JSON.stringify(given) };
}

/** Pieces of at most `size` UTF-16 units that do not split a character. */
function cut(text: string, size: number): string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, "gu")) ?? [];
}
