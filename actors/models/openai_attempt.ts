/**
 * One request to one endpoint, without a second try.
 *
 * @module
 */
import type OpenAI from "openai";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ThinkDelta, ThinkRequest, Thought } from "../../protocols/messages/model.ts";
import type { StreamContext } from "../../supervisor/actor/define.ts";
import { coalesce } from "./coalesce.ts";
import { type Endpoint, hostOf } from "./endpoint.ts";
import { estimatedUsage } from "./estimate.ts";
import { chatBody } from "./openai_request.ts";
import { readStream } from "./openai_stream.ts";
import { costNanoUsd } from "./price.ts";
import { type SilenceWatch, watchSilence } from "./silence.ts";

/** What an inference uses of its actor's context. */
export type ThinkContext = Pick<
  StreamContext<ThinkDelta>,
  "clock" | "random" | "newId" | "signal" | "deadline" | "send"
>;

/** Text leaves at most this often, in milliseconds. */
const TEXT_EVERY_MS = 25;

/** Beyond any silence limit: silence is watched here, where its reason is kept. */
const SDK_TIMEOUT_MS = 2 ** 31 - 1;

/**
 * Asks once, streaming the text as deltas.
 *
 * @param silenceMs Longest wait for the first byte and between two.
 * @throws What the SDK threw, or a {@linkcode Fault} with code `silent`, `bad_response` or
 * `broken_stream`, or the reason of `context.signal`; what `context.send` threw.
 */
export async function attempt(
  sdk: typeof OpenAI,
  endpoint: Endpoint,
  request: ThinkRequest,
  silenceMs: number,
  context: ThinkContext,
): Promise<Thought> {
  const cut = new AbortController();
  const signal = AbortSignal.any([context.signal, cut.signal]);
  using watch = watchSilence(silenceMs, context.clock, () => cut.abort(silent(watch, silenceMs)));
  const flow = coalesce((text) => context.send({ type: "text", text }), TEXT_EVERY_MS, context.clock);
  let rest: "send" | "drop" = "drop";
  try {
    const chunks = open(sdk, clientFor(sdk, endpoint, watch), endpoint, request, signal);
    const said = await readStream(chunks, flow.push, context.newId);
    rest = "send";
    const usage = said.usage ?? estimatedUsage(request, said);
    return {
      text: said.text,
      toolCalls: said.toolCalls,
      usage,
      model: said.model ?? endpoint.model,
      costNanoUsd: endpoint.price === null ? null : costNanoUsd(endpoint.price, usage),
      finish: said.finish,
    };
  } catch (error) {
    // The SDK ends an aborted stream as if it were whole: the signal knows better what happened.
    signal.throwIfAborted();
    throw error;
  } finally {
    await flow.end(rest);
  }
}

/** Once the provider answered, silence is a broken answer; before, an unreachable provider. */
function silent(watch: SilenceWatch, limitMs: number): Fault {
  const limit = `nothing came for ${limitMs / 1000} s`;
  return watch.heardAnything
    ? new Fault("broken_stream", `the answer broke off: ${limit}`, { retry: "later" })
    : new Fault("silent", limit, { retry: "later" });
}

/** A client for one request. All it would read from the environment is said here. */
function clientFor(sdk: typeof OpenAI, endpoint: Endpoint, watch: SilenceWatch): OpenAI {
  return new sdk({
    baseURL: endpoint.baseUrl,
    apiKey: endpoint.apiKey === "" ? "none" : endpoint.apiKey,
    organization: null,
    project: null,
    adminAPIKey: null,
    webhookSecret: null,
    logLevel: "off",
    maxRetries: 0,
    timeout: SDK_TIMEOUT_MS,
    defaultHeaders: { ...(endpoint.apiKey === "" && { Authorization: null }), ...endpoint.headers },
    fetch: async (input, init) => heardBy(watch, await fetch(input, init)),
  });
}

/** Every byte counts as a sign of life, comments that keep a slow stream open included. */
function heardBy(watch: SilenceWatch, response: Response): Response {
  watch.heard();
  const tap = new TransformStream<Uint8Array, Uint8Array>({
    transform(bytes, out) {
      watch.heard();
      out.enqueue(bytes);
    },
  });
  return new Response(response.body?.pipeThrough(tap), response);
}

/** The chunks of the answer; whatever goes wrong while they come is a broken stream. */
async function* open(
  sdk: typeof OpenAI,
  client: OpenAI,
  endpoint: Endpoint,
  request: ThinkRequest,
  signal: AbortSignal,
): AsyncGenerator<OpenAI.Chat.ChatCompletionChunk> {
  const key = request.idempotencyKey;
  const { data, response } = await client.chat.completions.create(
    chatBody(request, endpoint.model, hostOf(endpoint)),
    { signal, headers: key === undefined ? {} : { "Idempotency-Key": key } },
  ).withResponse();
  const contentType = response.headers.get("content-type") ?? "";
  if (/html|json|xml/i.test(contentType)) {
    data.controller.abort();
    throw new Fault("bad_response", `it answered with ${contentType} instead of a stream of events`);
  }
  try {
    yield* data;
  } catch (error) {
    if (error instanceof sdk.APIError) throw error;
    throw new Fault("broken_stream", "the connection broke in the middle of the answer", { cause: error });
  }
}
