/**
 * What a journal tells of a run: the events its watchers saw, worked out from intents and receipts.
 *
 * A replay would tell the same by playing the program again; this also reads runs that stand in the middle
 * of an effect, and those of an older version of the program.
 *
 * @module
 */
import { z } from "zod";
import { asToolOutcome, subAgent } from "../../actors/agents/delegation.ts";
import type { JournalEntry, RunRecord } from "../messages/journal.ts";
import { Thought, ToolCall } from "../messages/model.ts";
import { RunEvent, RunOutcome } from "../messages/run.ts";
import { ToolOutcome } from "../messages/tool.ts";

/** A run as far as its journal goes. */
export interface Told {
  readonly events: readonly RunEvent[];
  /** Effects that are no events: begun and not finished, or of a kind this version does not know. */
  readonly unclear: readonly string[];
}

const recorded = <Value extends z.ZodType>(value: Value) =>
  z.object({ value: z.object({ value, events: z.array(RunEvent(z)) }) }).optional();

const Entry = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("think"), receipt: recorded(Thought(z)) }),
  z.object({ kind: z.literal("compact"), receipt: recorded(z.unknown()) }),
  z.object({
    kind: z.enum(["act", "execute", "patch", "use"]),
    intent: ToolCall(z),
    receipt: recorded(z.object({ outcome: ToolOutcome(z), ms: z.number() })),
  }),
  z.object({
    kind: z.literal("spawn"),
    intent: z.object({ name: z.string(), task: z.string(), call: ToolCall(z).optional() }),
    receipt: recorded(z.object({ sub: RunOutcome(z), ms: z.number() })),
  }),
  // Of a remote agent: a message to it, its work, a question to a person.
  z.object({ kind: z.enum(["send", "follow", "ask"]), receipt: recorded(z.unknown()) }),
  z.object({
    kind: z.literal("log"),
    intent: z.object({ level: z.enum(["debug", "info", "warn", "error"]), message: z.string() }),
    receipt: recorded(z.null()),
  }),
]);
type Entry = z.infer<typeof Entry>;

/** Everything a journal tells of a run, from its first effect to its end where it has one. */
export function told(
  { run, agent, startedAt, endedAt, outcome }: RunRecord,
  entries: readonly JournalEntry[],
): Told {
  const events: RunEvent[] = [];
  const unclear: string[] = [];
  let turn = 0;
  for (const entry of entries) {
    if (entry.kind === "think") events.push({ type: "turn_started", agent, turn: ++turn });
    const known = Entry.safeParse(entry);
    if (known.success) events.push(...eventsOf(known.data, agent));
    if (!known.success) {
      unclear.push(`effect ${entry.seq}, ${entry.kind}, is of a kind this version does not know`);
    } else if (entry.receipt === undefined) {
      unclear.push(`effect ${entry.seq}, ${entry.kind}, was begun and has no result yet`);
    }
  }
  if (outcome !== undefined) {
    events.push({ type: "run_ended", agent, run, outcome, ms: (endedAt ?? startedAt) - startedAt });
  }
  return { events, unclear };
}

function eventsOf(entry: Entry, agent: string): RunEvent[] {
  const during = entry.receipt?.value.events ?? [];
  switch (entry.kind) {
    case "think":
      return entry.receipt === undefined
        ? []
        : [...during, { type: "thought", agent, thought: entry.receipt.value.value }];
    case "compact":
      return [...during, { type: "log", agent, level: "info", message: "the conversation was compacted" }];
    case "log":
      return [{ type: "log", agent, ...entry.intent }];
    case "spawn":
      return spawnEvents(entry, agent, during);
    case "send":
    case "follow":
    case "ask":
      return [...during];
    default:
      return callEvents(entry, agent, during);
  }
}

function callEvents(
  { intent: call, receipt }: Extract<Entry, { kind: "act" | "execute" | "patch" | "use" }>,
  agent: string,
  during: readonly RunEvent[],
): RunEvent[] {
  const started: RunEvent = { type: "tool_started", agent, call };
  if (receipt === undefined) return [started];
  return [started, ...during, { type: "tool_ended", agent, call, ...receipt.value.value }];
}

function spawnEvents(
  { intent: { name, task, call }, receipt }: Extract<Entry, { kind: "spawn" }>,
  agent: string,
  during: readonly RunEvent[],
): RunEvent[] {
  const child = `${agent}/${name}`;
  const spawned: RunEvent = { type: "agent_spawned", agent, child, run: "", task };
  if (receipt === undefined) return [spawned];
  const { sub, ms } = receipt.value.value;
  const events: RunEvent[] = [spawned, ...during, { type: "agent_ended", agent, child, outcome: sub }];
  if (call !== undefined) {
    events.push({ type: "tool_ended", agent, call, outcome: asToolOutcome(subAgent(name), sub), ms });
  }
  return events;
}
