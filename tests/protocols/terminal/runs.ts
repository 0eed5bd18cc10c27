/**
 * Runs to show.
 *
 * @module
 */
import type { RunRecord } from "../../../protocols/messages/journal.ts";
import type { Thought } from "../../../protocols/messages/model.ts";
import type { RunEvent, RunOutcome, RunStatus } from "../../../protocols/messages/run.ts";

/** Id of every run here. */
export const RUN = "01jd0v7m3q8x";

/** An outcome with the usage of three turns. */
export function outcome(status: RunStatus, answer: string, more: Partial<RunOutcome> = {}): RunOutcome {
  const spent = { turns: 3, inputTokens: 1234, outputTokens: 56, nanoUsd: 1_234_500 };
  return { status, answer, spent, ...more };
}

/** A thought without tool calls. */
export function thought(text: string): Thought {
  return {
    text,
    toolCalls: [],
    usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, estimated: false },
    model: "m-1",
    costNanoUsd: 0,
    finish: "stop",
  };
}

/** The first event of the run. */
export const STARTED: Extract<RunEvent, { type: "run_started" }> = {
  type: "run_started",
  agent: "lead",
  run: RUN,
  task: "Sort it",
  model: "m-1",
  tools: ["echo", "execute_python"],
};

/** The last event of the run. */
export function ended(end: RunOutcome): RunEvent {
  return { type: "run_ended", agent: "lead", run: RUN, outcome: end, ms: 4_210 };
}

/** A run with text, tools that work and fail, a sub-agent, a retry and a crash. */
export const EVENTFUL: readonly RunEvent[] = [
  STARTED,
  { type: "turn_started", agent: "lead", turn: 1 },
  { type: "text", agent: "lead", text: "I will " },
  { type: "text", agent: "lead", text: "sort.\n\nFirst" },
  { type: "text", agent: "lead", text: " the list.\n" },
  { type: "thought", agent: "lead", thought: thought("I will sort.\n\nFirst the list.\n") },
  { type: "tool_started", agent: "lead", call: call("execute_python", '{"code":"print(1)\\nprint(2)"}') },
  {
    type: "tool_ended",
    agent: "lead",
    call: call("execute_python", '{"code":"print(1)\\nprint(2)"}'),
    outcome: { ok: true, content: "1\n2\n" },
    ms: 12.4,
  },
  {
    type: "tool_ended",
    agent: "lead",
    call: call("read_file", "{broken"),
    outcome: { ok: false, kind: "denied", message: "outside the workspace" },
    ms: 1_250,
  },
  { type: "agent_spawned", agent: "lead", child: "lead/checker", run: "01child", task: "Check it" },
  { type: "run_started", agent: "lead/checker", run: "01child", task: "Check it", model: "m-1", tools: [] },
  { type: "turn_started", agent: "lead/checker", turn: 1 },
  { type: "retry", agent: "lead/checker", reason: "HTTP 429", attempt: 2, delayMs: 500 },
  { type: "text", agent: "lead/checker", text: "Looks right.\nYes." },
  { type: "actor", agent: "troupe/echo", change: "died", reason: "killed" },
  { type: "actor", agent: "troupe/echo", change: "restarted", reason: "killed" },
  { type: "thought", agent: "lead/checker", thought: thought("Looks right.\nYes.") },
  { type: "run_ended", agent: "lead/checker", run: "01child", outcome: outcome("answered", "Yes."), ms: 9 },
  { type: "agent_ended", agent: "lead", child: "lead/checker", outcome: outcome("answered", "Yes.") },
  { type: "compacted", agent: "lead", before: 900, after: 300 },
  { type: "log", agent: "lead", level: "warn", message: "nearly done" },
  { type: "log", agent: "lead", level: "debug", message: "not for everybody" },
  { type: "turn_started", agent: "lead", turn: 2 },
  { type: "thought", agent: "lead", thought: thought("It is [1, 2].") },
  ended(outcome("answered", "[1, 2]")),
];

/** A run as the journal keeps it. */
export function record(more: Partial<RunRecord> = {}): RunRecord {
  return {
    run: RUN,
    agent: "lead",
    task: "Sort it",
    setup: {},
    limits: { turns: 25 },
    startedAt: 1_760_000_000_000 - 125_000,
    endedAt: 1_760_000_000_000 - 120_790,
    status: "answered",
    outcome: outcome("answered", "[1, 2]"),
    ...more,
  };
}

function call(name: string, args: string): { id: string; name: string; arguments: string } {
  return { id: "c1", name, arguments: args };
}
