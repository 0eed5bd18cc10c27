/**
 * A run of five effects (think, act, think, act, think) for tests that crash it at every step.
 *
 * @module
 */
import { openAi } from "../../actors/models/openai.ts";
import { grantFor } from "../../actors/models/endpoint.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { type Crew, crew, MODEL } from "../../workspace/runtime/crew.ts";
import { tool } from "../../workspace/runtime/toolkit.ts";
import { type Answer, type SeenRequest, text, toolCalls } from "../support/scripted_openai.ts";
import { asker } from "../workers/asker.ts";
import { tally } from "../workers/tally.ts";

export const TASK = "Add two lines";
export const ANSWER = "Both lines are there";
/** Writes to the journal: the run's beginning, an intent and a receipt an effect, its end. */
export const WRITES = 1 + 5 * 2 + 1;

/** The model: what it says depends on the conversation alone. */
export function twoLines({ body }: SeenRequest): Answer {
  const said = body.messages.filter(({ role }) => role === "assistant").length;
  if (said === 2) return text(ANSWER);
  const line = said === 0 ? "first" : "second";
  return toolCalls([{ id: `call_${said + 1}`, name: "tally", arguments: { line } }], {
    text: `Adding the ${line}. `,
  });
}

/** Who works on it. */
export function fiveEffectsCrew(endpoint: { baseUrl: string; apiKey: string }, tallyFile: string): Crew {
  const endpoints = [{ ...endpoint, model: "scripted-model", price: null }];
  return crew({
    model: child(MODEL, openAi, { endpoints }, { grant: grantFor(endpoints) }),
    tools: [tool(tally, { file: tallyFile }, { write: [tallyFile] }), tool(asker, {}, "none")],
    agent: {
      name: "agent",
      modelName: "scripted-model",
      price: null,
      program: "react",
      contextWindow: 128_000,
    },
  });
}
