/**
 * A model that says what its script says: for the demo, for examples and for tests without a provider.
 * What it answers depends on the conversation alone, so it survives restarts and repeats in a replay.
 *
 * @module
 */
import {
  type Line,
  Model,
  type ThinkDelta,
  type ThinkOutcome,
  type ThinkRequest,
  type Thought,
} from "../../protocols/messages/model.ts";
import {
  type ActorDefinition,
  defineActor,
  later,
  type StreamContext,
} from "../../supervisor/actor/define.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { estimatedUsage } from "./estimate.ts";

/** One answer. */
export interface ScriptLine {
  /** A part of the system line of the agents it is for. Default every agent. */
  readonly when?: string;
  /**
   * What it says. `{result}` stands for the text of the newest tool result, and `{result.value}` for the
   * `value` in it when that is a JSON object with one, else for all of it.
   */
  readonly text: string;
  /** Default none. */
  readonly toolCalls?: readonly {
    readonly name: string;
    readonly arguments: Readonly<Record<string, unknown>>;
  }[];
}

/** What to say. */
export interface ScriptedOptions {
  /** The name it goes by. */
  readonly model: string;
  /** For each agent, the lines that are for it: the first answers its first question, and so on. */
  readonly script: readonly ScriptLine[];
  /** Milliseconds between two words of the streamed text. Default 0: the whole text at once. */
  readonly chunkMs?: number;
}

/** What the script says next in a conversation; a failure `bad_request` when it says nothing. */
export function answer(options: ScriptedOptions, request: ThinkRequest): ThinkOutcome {
  const { lines } = request;
  const system = lines.find((line) => line.role === "system")?.text ?? "";
  const turn = lines.filter((line) => line.role === "assistant").length;
  const mine = options.script.filter((line) => system.includes(line.when ?? ""));
  const line = mine[turn];
  if (line === undefined) return offScript(options.model, system, turn, mine.length);
  const said: Pick<Thought, "text" | "toolCalls"> = {
    text: filled(line.text, newestResult(lines)),
    toolCalls: (line.toolCalls ?? []).map((call, at) => ({
      id: `call_${turn + 1}_${at + 1}`,
      name: call.name,
      arguments: JSON.stringify(call.arguments),
    })),
  };
  return {
    ok: true,
    thought: {
      ...said,
      usage: estimatedUsage(request, said),
      model: options.model,
      costNanoUsd: 0,
      finish: said.toolCalls.length > 0 ? "tool_calls" : "stop",
    },
  };
}

/** Answers as {@linkcode answer} says, streaming the text on the way. */
export async function speak(
  options: ScriptedOptions,
  request: ThinkRequest,
  context: Pick<StreamContext<ThinkDelta>, "clock" | "signal" | "send">,
): Promise<ThinkOutcome> {
  const { chunkMs = 0 } = options;
  const outcome = answer(options, request);
  if (!outcome.ok) return outcome;
  const { text } = outcome.thought;
  const pieces = chunkMs > 0 ? text.match(/\s*\S+\s*/g) ?? [] : text === "" ? [] : [text];
  try {
    for (const [at, piece] of pieces.entries()) {
      if (at > 0) await context.clock.sleep(chunkMs, context.signal);
      await context.send({ type: "text", text: piece });
    }
    return outcome;
  } catch (error) {
    if (!context.signal.aborted) throw error;
    const failure = { kind: "cancelled", message: "The inference was cancelled", attempts: 1 } as const;
    return { ok: false, failure };
  }
}

/** In one pass, so that nothing a tool said is taken for a part of the script. */
function filled(text: string, result: string): string {
  return text.replaceAll(
    /\{result(\.value)?\}/g,
    (_, value) => value === undefined ? result : valueIn(result),
  );
}

function valueIn(result: string): string {
  try {
    const { value = result } = JSON.parse(result) as { value?: unknown };
    return typeof value === "string" ? value : JSON.stringify(value);
  } catch {
    return result; // not JSON, or null: tools may say what they like
  }
}

function newestResult(lines: readonly Line[]): string {
  return lines.findLast((line) => line.role === "tool")?.text ?? "";
}

function offScript(model: string, system: string, turn: number, lines: number): ThinkOutcome {
  const message = `Cannot answer question ${turn + 1} as "${model}": the script has ${lines} answers for ` +
    `the agent told ${JSON.stringify(system.slice(0, 80))}`;
  return { ok: false, failure: { kind: "bad_request", message, attempts: 1 } };
}

/** Answers from a script. */
export const scripted: ActorDefinition<typeof Model, ScriptedOptions> = defineActor({
  module: import.meta.url,
  protocol: Model,
  init: (options: ScriptedOptions) => options,
  handle: {
    think: (options, request, context) => later(options, speak(options, request, context)),
  },
});

if (import.meta.main) serve(scripted);
