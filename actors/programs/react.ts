/**
 * Reason and act, with the provider's own tool calls.
 *
 * @see https://arxiv.org/abs/2210.03629 ReAct
 * @module
 */
import type { Line } from "../../protocols/messages/model.ts";
import { fitting, type ProgramInput, toolLine } from "./conversation.ts";
import { act, type Program, think } from "./effects.ts";

/** Thinks and acts in turn until the model answers without calling a tool. How many turns is its player's to say. */
export function* reAct({ task, system, contextWindow, stop }: ProgramInput): Program<string> {
  let lines: readonly Line[] = [{ role: "system", text: system }, { role: "user", text: task }];
  for (;;) {
    lines = yield* fitting(lines, contextWindow);
    const { text, toolCalls } = yield* think(lines, { stop });
    if (toolCalls.length === 0) return text;
    const results = yield* act(toolCalls);
    lines = [
      ...lines,
      { role: "assistant", text, toolCalls },
      ...results.map(({ call, outcome }) => toolLine(call.id, outcome)),
    ];
  }
}
