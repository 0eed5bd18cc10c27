/**
 * How a run begins: its record in the journal, its first event and its program.
 *
 * @module
 */
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { DEFAULT_SYSTEM, type ProgramInput } from "../programs/conversation.ts";
import type { Program } from "../programs/effects.ts";
import { reAct } from "../programs/react.ts";
import { textualReAct } from "../programs/textual_react.ts";
import type { AgentOptions, ProgramName } from "./agent_options.ts";
import { RunEnd } from "./ending.ts";
import { offeredTools } from "./errands.ts";
import type { RunRequest } from "./follow.ts";

const PROGRAMS: Readonly<Record<ProgramName, (input: ProgramInput) => Program<string>>> = {
  react: reAct,
  textual: textualReAct,
};

/** @throws {RunEnd} `failed` when a run may not be begun so. */
export function admit({ price, modelName }: AgentOptions, { limits }: RunRequest): void {
  if (limits.nanoUsd === undefined || price !== null) return;
  const limit = `a limit of ${limits.nanoUsd / 1e9} USD`;
  throw new RunEnd(
    "failed",
    `Cannot keep to ${limit}: the price of "${modelName}" is not known. Give its price in the configuration, or ` +
      "leave the limit in dollars out",
  );
}

/** The event a run begins with, as its record tells it. */
export function startedEvent(
  options: AgentOptions,
  { run, task, setup: { model, tools } }: RunRecord,
): RunEvent {
  return {
    type: "run_started",
    agent: options.name,
    run,
    task,
    model: typeof model === "string" ? model : options.modelName,
    tools: Array.isArray(tools) ? tools.map(String) : toolNames(options),
  };
}

/** The program of a run, at its beginning. */
export function programOf(options: AgentOptions, { task }: RunRecord): Program<string> {
  const { system = DEFAULT_SYSTEM, contextWindow, stop = [] } = options;
  return PROGRAMS[options.program]({ task, system, tools: offeredTools(options), contextWindow, stop });
}

/** The record of a new run; `now` is milliseconds since 1970. */
export function newRecord(
  options: AgentOptions,
  { run, parent, task, limits }: RunRequest,
  now: number,
): RunRecord {
  const { name, program, modelName, system = DEFAULT_SYSTEM, contextWindow, setup = {} } = options;
  return {
    run,
    ...(parent === undefined ? {} : { parent }),
    agent: name,
    task,
    setup: { ...setup, program, model: modelName, system, contextWindow, tools: toolNames(options) },
    limits,
    startedAt: now,
    status: "running",
  };
}

function toolNames(options: AgentOptions): string[] {
  return offeredTools(options).map((tool) => tool.name);
}
