/**
 * A run: one task from start to answer, its limits, the events people watch, and its end.
 *
 * @module
 */
import { Decision } from "./capability.ts";
import { Line, Thought, ToolCall, Usage } from "./model.ts";
import { type Infer, schema } from "./protocol.ts";
import { Channel, ToolOutcome } from "./tool.ts";

/** Upper bounds of a run. Absent means without bound, except `turns`. */
export const Limits = schema((z) =>
  z.object({
    /** Inferences. Default 25. */
    turns: z.int().min(1),
    /** Input plus output tokens, sub-agents included. */
    tokens: z.int().min(1).optional(),
    /** Billionths of a US dollar, sub-agents included. */
    nanoUsd: z.int().min(0).optional(),
    /** Milliseconds of wall clock from the first start; a resumed run keeps its deadline. */
    wallMs: z.int().min(1).optional(),
  })
);
/** See the schema of the same name. */
export type Limits = Infer<typeof Limits>;

/** Which limit ended a run. */
export const LimitName = schema((z) => z.enum(["turns", "tokens", "usd", "wall_clock"]));
/** See the schema of the same name. */
export type LimitName = Infer<typeof LimitName>;

/** What a run used, sub-agents included. */
export const Spent = schema((z) =>
  z.object({
    turns: z.int().min(0),
    inputTokens: z.int().min(0),
    outputTokens: z.int().min(0),
    /** Billionths of a US dollar; null once a model without a known price was used. */
    nanoUsd: z.int().min(0).nullable(),
  })
);
/** See the schema of the same name. */
export type Spent = Infer<typeof Spent>;

/** How a run ended. The words are those of the exit codes. */
export const RunStatus = schema((z) =>
  z.enum(["running", "answered", "failed", "blocked", "limited", "denied", "interrupted"])
);
/** See the schema of the same name. */
export type RunStatus = Infer<typeof RunStatus>;

/** The end of a run. */
export const RunOutcome = schema((z) =>
  z.object({
    status: RunStatus(z),
    /** The answer, or what there was when a limit or a failure ended it. */
    answer: z.string(),
    /** Why it was not answered. */
    reason: z.string().optional(),
    limit: LimitName(z).optional(),
    spent: Spent(z),
  })
);
/** See the schema of the same name. */
export type RunOutcome = Infer<typeof RunOutcome>;

/**
 * Everything a person can watch. One closed union feeds the terminal, `--json`, transcripts and tests.
 * `agent` is the path of the agent, "lead/researcher". All but `actor` events are kept in the journal
 * and repeat exactly in a replay.
 */
export const RunEvent = schema((z) => {
  const agent = z.string();
  return z.discriminatedUnion("type", [
    z.object({
      type: z.literal("run_started"),
      agent,
      run: z.string(),
      task: z.string(),
      model: z.string(),
      tools: z.array(z.string()),
    }),
    z.object({ type: z.literal("turn_started"), agent, turn: z.int() }),
    z.object({ type: z.literal("text"), agent, text: z.string() }),
    z.object({ type: z.literal("retry"), agent, reason: z.string(), attempt: z.int(), delayMs: z.number() }),
    z.object({ type: z.literal("thought"), agent, thought: Thought(z) }),
    z.object({
      type: z.literal("tool_started"),
      agent,
      call: ToolCall(z),
      /** Id of the call whose tool asked for this one; its texts are then cut to what a person may want to see. */
      parent: z.string().optional(),
    }),
    /** What a tool shows while it works; `call` is the id of its call. */
    z.object({
      type: z.literal("tool_output"),
      agent,
      call: z.string(),
      channel: Channel(z),
      text: z.string(),
    }),
    z.object({ type: z.literal("decision"), agent, decision: Decision(z) }),
    z.object({
      type: z.literal("tool_ended"),
      agent,
      call: ToolCall(z),
      outcome: ToolOutcome(z),
      ms: z.number(),
      /** As of `tool_started`. */
      parent: z.string().optional(),
    }),
    z.object({
      type: z.literal("agent_spawned"),
      agent,
      child: z.string(),
      run: z.string(),
      task: z.string(),
    }),
    z.object({ type: z.literal("agent_ended"), agent, child: z.string(), outcome: RunOutcome(z) }),
    z.object({ type: z.literal("compacted"), agent, before: z.int(), after: z.int() }),
    z.object({
      type: z.literal("log"),
      agent,
      level: z.enum(["debug", "info", "warn", "error"]),
      message: z.string(),
    }),
    z.object({ type: z.literal("actor"), agent, change: z.enum(["died", "restarted"]), reason: z.string() }),
    z.object({
      type: z.literal("run_ended"),
      agent,
      run: z.string(),
      outcome: RunOutcome(z),
      ms: z.number(),
    }),
  ]);
});
/** See the schema of the same name. */
export type RunEvent = Infer<typeof RunEvent>;

/** A conversation so far, as programs keep it. */
export const Conversation = schema((z) => z.array(Line(z)));
/** See the schema of the same name. */
export type Conversation = Infer<typeof Conversation>;

/** Usage of nothing. */
export const NO_USAGE: Infer<typeof Usage> = {
  inputTokens: 0,
  cachedTokens: 0,
  outputTokens: 0,
  estimated: false,
};
