/**
 * The events of a run that are one line each.
 *
 * @module
 */
import type { RunEvent } from "../messages/run.ts";
import { formatMs } from "./duration.ts";
import { harmless } from "./harmless.ts";
import type { Paint } from "./paint.ts";
import { argumentsPreview, columnsOf, preview } from "./preview.ts";
import { spentLine } from "./summary.ts";

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Columns for the arguments, and for the result, of a tool call: at most, and at least where there is little room. */
const PREVIEW = 60;
const MIN_PREVIEW = 10;

/** Columns for tasks, reasons and log messages. */
const SENTENCE = 160;

/** How lines look, and how agents are called in them. */
export interface ReportStyle {
  readonly paint: Paint;
  /** Columns a line should fit in; infinite where it is not for a screen. */
  readonly columns: number;
  /** The short name of an agent. */
  nameOf(agent: string): string;
}

/** The line of an event; empty when it has none. */
export function reportLine(event: RunEvent, { paint, columns, nameOf }: ReportStyle): string {
  switch (event.type) {
    case "tool_ended":
      return toolLine(event, paint, columns);
    case "decision":
      return decisionLine(event, paint);
    case "retry": {
      const reason = preview(event.reason, SENTENCE);
      return paint("warning", `↻ ${reason}; attempt ${event.attempt} in ${formatMs(event.delayMs)}`);
    }
    case "agent_spawned":
      return `→ ${nameOf(event.child)} ${paint("quiet", preview(event.task, SENTENCE))}`;
    case "agent_ended": {
      const good = event.outcome.status === "answered";
      const line = `← ${nameOf(event.child)} ${paint("quiet", spentLine(event.outcome))}`;
      return good ? line : `${line} ${paint("bad", preview(event.outcome.reason ?? "", SENTENCE))}`.trimEnd();
    }
    case "compacted":
      return paint("quiet", `≈ compacted ${event.before} to ${event.after}`);
    case "log":
      return logLine(event, paint);
    case "actor": {
      const mark = event.change === "died" ? "†" : "↺";
      return paint(
        "warning",
        `${mark} ${nameOf(event.agent)} ${event.change}: ${preview(event.reason, SENTENCE)}`,
      );
    }
    default:
      return "";
  }
}

/** What is being waited for after an event; undefined when it does not say. */
export function waitingFor(event: RunEvent): string | undefined {
  switch (event.type) {
    case "run_started":
      return "starting";
    case "turn_started":
    case "agent_ended":
      return "thinking";
    case "tool_started":
      return preview(event.call.name, PREVIEW);
    case "thought":
    case "tool_ended":
      return "working";
    case "retry":
      return "waiting to try again";
    default:
      return undefined;
  }
}

/** "✓ execute_python 12 ms code="print(1)" → 1". */
function toolLine({ call, outcome, ms }: EventOf<"tool_ended">, paint: Paint, columns: number): string {
  const mark = outcome.ok ? paint("good", "✓") : paint("bad", "✗");
  const done = `${preview(call.name, PREVIEW)} ${formatMs(ms)}`;
  const room = columns - columnsOf(`✓ ${done}  → `);
  const bounded = (most: number) => Math.max(MIN_PREVIEW, Math.min(PREVIEW, Math.floor(most)));
  const wanted = argumentsPreview(call.arguments, bounded(room / 2));
  const result = outcome.ok
    ? preview(outcome.content, bounded(room - columnsOf(wanted)))
    : paint("bad", `${outcome.kind}: ${preview(reasonOf(outcome.message), SENTENCE)}`);
  return [
    `${mark} ${done}`,
    paint("quiet", wanted),
    result && `→ ${result}`,
  ]
    .filter((part) => part !== "").join(" ");
}

/** The pictures a call saved, below its line. */
export function savedLines({ outcome, parent }: EventOf<"tool_ended">, paint: Paint): string[] {
  const artifacts = outcome.ok ? outcome.artifacts ?? [] : [];
  const lead = parent === undefined ? "  " : "    ";
  return artifacts.flatMap(({ path }) =>
    path === undefined ? [] : [`${lead}${paint("quiet", `saved ${harmless(path)}`)}`]
  );
}

/** What was allowed is seen by what it does; why something was not stands with its call. */
function decisionLine({ decision }: EventOf<"decision">, paint: Paint): string {
  const { tool, allowed, denied, grant } = decision;
  if (allowed) return "";
  const why = denied.length > 0 ? `needs ${denied.join(", ")}` : `was denied by ${grant}`;
  return paint("warning", `⊘ ${preview(`${tool} ${why}`, SENTENCE)}`);
}

/** Without the word that tells a model it was denied: people read that already. */
function reasonOf(message: string): string {
  return message.replace(/^TOOL_DENIED: /, "");
}

function logLine({ level, message }: EventOf<"log">, paint: Paint): string {
  const text = preview(message, SENTENCE);
  if (level === "error") return paint("bad", `! ${text}`);
  return level === "warn" ? paint("warning", `! ${text}`) : paint("quiet", `· ${text}`);
}
