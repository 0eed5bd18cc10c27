/**
 * What a model actor answers, whoever provides the model.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";

/** A call of a tool as the model wrote it. `arguments` is its raw text and may be broken JSON. */
export const ToolCall = schema((z) => z.object({ id: z.string(), name: z.string(), arguments: z.string() }));
/** See the schema of the same name. */
export type ToolCall = Infer<typeof ToolCall>;

/** One line of a conversation. */
export const Line = schema((z) =>
  z.discriminatedUnion("role", [
    z.object({ role: z.literal("system"), text: z.string() }),
    z.object({ role: z.literal("user"), text: z.string() }),
    z.object({ role: z.literal("assistant"), text: z.string(), toolCalls: z.array(ToolCall(z)) }),
    z.object({ role: z.literal("tool"), callId: z.string(), text: z.string() }),
  ])
);
/** See the schema of the same name. */
export type Line = Infer<typeof Line>;

/** A tool as a model is told of it; `parameters` is a JSON Schema of an object. */
export const ToolSpec = schema((z) =>
  z.object({ name: z.string(), description: z.string(), parameters: z.record(z.string(), z.unknown()) })
);
/** See the schema of the same name. */
export type ToolSpec = Infer<typeof ToolSpec>;

/** Tokens used, as the provider counted them. `cachedTokens` are part of `inputTokens`. */
export const Usage = schema((z) =>
  z.object({
    inputTokens: z.int().min(0),
    cachedTokens: z.int().min(0),
    outputTokens: z.int().min(0),
    /** True when the provider sent no usage and these are ceil(characters / 4). */
    estimated: z.boolean(),
  })
);
/** See the schema of the same name. */
export type Usage = Infer<typeof Usage>;

/** What one inference is asked. */
export const ThinkRequest = schema((z) =>
  z.object({
    lines: z.array(Line(z)),
    tools: z.array(ToolSpec(z)),
    /** Default none. */
    stop: z.array(z.string()).optional(),
    /** Upper bound of output tokens. Default the provider's. */
    maxTokens: z.int().min(1).optional(),
    /** Names this inference for providers that can recognise a repeated request. */
    idempotencyKey: z.string().optional(),
  })
);
/** See the schema of the same name. */
export type ThinkRequest = Infer<typeof ThinkRequest>;

/** What the model said. */
export const Thought = schema((z) =>
  z.object({
    text: z.string(),
    toolCalls: z.array(ToolCall(z)),
    usage: Usage(z),
    /** The model that answered, as the provider names it. */
    model: z.string(),
    /** Cost in billionths of a US dollar; null when the model's price is unknown. */
    costNanoUsd: z.int().min(0).nullable(),
    /** Why it stopped, in the provider's words: `stop`, `tool_calls`, `length`, ... */
    finish: z.string(),
  })
);
/** See the schema of the same name. */
export type Thought = Infer<typeof Thought>;

/** Why an inference failed for good, after the retries that made sense. */
export const ThinkFailure = schema((z) =>
  z.object({
    kind: z.enum([
      "unreachable",
      "auth",
      "billing",
      "rate_limit",
      "server",
      "bad_request",
      "bad_response",
      "context_overflow",
      "cancelled",
    ]),
    message: z.string(),
    /** HTTP status, where there was one. */
    status: z.int().optional(),
    attempts: z.int().min(1),
  })
);
/** See the schema of the same name. */
export type ThinkFailure = Infer<typeof ThinkFailure>;

/** An expected outcome is a value: models fail often and agents decide what then. */
export const ThinkOutcome = schema((z) =>
  z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), thought: Thought(z) }),
    z.object({ ok: z.literal(false), failure: ThinkFailure(z) }),
  ])
);
/** See the schema of the same name. */
export type ThinkOutcome = Infer<typeof ThinkOutcome>;

/** What streams while a model thinks. `retry` means: forget the text so far, it starts again. */
export const ThinkDelta = schema((z) =>
  z.discriminatedUnion("type", [
    z.object({ type: z.literal("text"), text: z.string() }),
    z.object({ type: z.literal("retry"), reason: z.string(), attempt: z.int(), delayMs: z.number() }),
  ])
);
/** See the schema of the same name. */
export type ThinkDelta = Infer<typeof ThinkDelta>;

/** The protocol of every model actor. */
export const Model = protocol("model", (z) => ({
  think: { request: ThinkRequest(z), item: ThinkDelta(z), reply: ThinkOutcome(z) },
}));
