/**
 * How a run begins: its record in the journal, its first event and its program.
 *
 * @module
 */
import type { RunRecord } from "../../protocols/messages/journal.ts";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { isFinal, type JournaledRun, type JournalPort } from "../../supervisor/durable/journal.ts";
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

/**
 * The run as its journal knows it, opened or reopened with the limits asked for; one that is over for good stays so.
 * `now` is milliseconds since 1970.
 * @throws {RunEnd} `failed` when it may not be begun so.
 */
export async function openRun(
  options: AgentOptions,
  journal: JournalPort,
  request: RunRequest,
  now: number,
): Promise<JournaledRun> {
  const { run, parent, task, limits } = request;
  if (limits.nanoUsd !== undefined && options.price === null) {
    throw new RunEnd(
      "failed",
      `Cannot keep to a limit of ${
        limits.nanoUsd / 1e9
      } USD: the price of "${options.modelName}" is not known. ` +
        "Give its price in the configuration, or leave the limit in dollars out",
    );
  }
  const known = await journal.read({ run });
  if (known === null) {
    const record = newRecord(options, request, now);
    await journal.open(record);
    return { record, entries: [] };
  }
  if (known.record.task !== task || known.record.parent !== parent) {
    throw new RunEnd("failed", `Cannot start run "${run}": it is the run of another task`);
  }
  if (isFinal(known.record.status)) return known;
  await journal.reopen({ run, limits });
  const { outcome: _outcome, endedAt: _endedAt, ...record } = known.record;
  return { record: { ...record, status: "running", limits }, entries: known.entries };
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

function newRecord(options: AgentOptions, { run, parent, task, limits }: RunRequest, now: number): RunRecord {
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
