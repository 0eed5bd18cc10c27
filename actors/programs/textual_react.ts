/**
 * Reason and act in words, for models without tool calls of their own.
 *
 * The model writes a `Thought:` and an `Action:`, then stops; it is told what came of the action as an `Observation:`.
 *
 * @module
 */
import type { Line, ToolSpec } from "../../protocols/messages/model.ts";
import { fitting, outcomeJson, type ProgramInput } from "./conversation.ts";
import { act, type Program, think } from "./effects.ts";
import { outputBound, truncate } from "./normalize.ts";
import { parseReActStep } from "./react_step.ts";

const OBSERVATION = "Observation:";

/** Thinks and acts in turn until the model gives its final answer. A step that cannot be read is told so and counts. */
export function* textualReAct(input: ProgramInput): Program<string> {
  const bound = outputBound(input.contextWindow);
  let lines: readonly Line[] = [
    { role: "system", text: instructions(input.system, input.tools) },
    { role: "user", text: input.task },
  ];
  for (let turn = 1;; turn++) {
    lines = yield* fitting(lines, input.contextWindow);
    const { text } = yield* think(lines, { stop: [OBSERVATION, ...input.stop], offerTools: false });
    const { action } = parseReActStep(text);
    if (action.kind === "final_answer") return action.text;
    let observed: string;
    if (action.kind === "call") {
      const call = { id: `step_${turn}`, name: action.tool, arguments: action.arguments };
      const [result] = yield* act([call]);
      observed = result === undefined ? "null" : outcomeJson(result.outcome);
    } else {
      observed = outcomeJson({ ok: false, kind: "permanent", message: action.message });
    }
    lines = [
      ...lines,
      { role: "assistant", text, toolCalls: [] },
      { role: "user", text: `${OBSERVATION} ${truncate(observed, bound)}` },
    ];
  }
}

function instructions(system: string, tools: readonly ToolSpec[]): string {
  const described = tools.map(({ name, description, parameters }) =>
    `- ${name}: ${description} Arguments: ${JSON.stringify(parameters)}`
  );
  return [
    system,
    "Work in steps. Write each step as exactly these two lines, then stop:",
    "Thought: <what you think>\nAction: <tool> <arguments as one JSON object>",
    `You will be answered with a line "${OBSERVATION} <result as JSON>". When you know the answer, end with:`,
    "Thought: <what you think>\nAction: FINAL_ANSWER <the answer, over several lines if you like>",
    described.length === 0 ? "You have no tools." : `Your tools:\n${described.join("\n")}`,
  ].join("\n\n");
}
