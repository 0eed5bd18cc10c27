/**
 * What a run does, in words for whoever waits for it, and what it made.
 *
 * @module
 */
import type { RunEvent } from "../../messages/run.ts";
import type { ToolCall } from "../../messages/model.ts";
import { TaskState } from "@a2a-js/sdk";
import { artifact, filePart, textPart } from "./parts.ts";
import type { Happening } from "./workshop.ts";

/** Characters of a call's arguments that are told. */
const ARGUMENT_CHARS = 160;
/** Characters of anything else that is told. */
const WORDS_CHARS = 400;
/** Characters of a written text that is handed on as an artifact; of a longer one only its path is told. */
const FILE_CHARS = 256 * 1024;

/** What an event of a run means to whoever watches the task; nothing for most. */
export function happenings(event: RunEvent): Happening[] {
  const words = wordsOf(event);
  const told: Happening[] = words === null ? [] : [{
    type: "status",
    state: TaskState.TASK_STATE_WORKING,
    parts: [textPart(by(event.agent) + words)],
    passing: true,
  }];
  return event.type === "tool_ended" ? [...told, ...made(event)] : told;
}

function wordsOf(event: RunEvent): string | null {
  switch (event.type) {
    case "turn_started":
      return "Thinking";
    case "thought":
      return event.thought.toolCalls.length > 0 && event.thought.text.trim() !== ""
        ? cut(event.thought.text.trim(), WORDS_CHARS)
        : null;
    case "retry":
      return `The model did not answer (${cut(event.reason, WORDS_CHARS)}); trying again`;
    case "tool_started":
      return `Calling ${event.call.name} ${shortArguments(event.call)}`.trimEnd();
    case "tool_ended":
      return event.outcome.ok
        ? null
        : `${event.call.name} failed: ${cut(event.outcome.message, WORDS_CHARS)}`;
    case "agent_spawned":
      return `Gave ${event.child} a task: ${cut(event.task, WORDS_CHARS)}`;
    case "agent_ended":
      return `${event.child} is done: ${event.outcome.status}`;
    case "actor":
      return event.change === "died"
        ? `Something ended by itself and is started again: ${event.reason}`
        : null;
    default:
      return null;
  }
}

/** "lead/researcher: " before what a sub-agent does. */
function by(agent: string): string {
  return agent.includes("/") ? `${agent}: ` : "";
}

/** `path=notes.txt, content=…` */
function shortArguments(call: ToolCall): string {
  const args = argumentsOf(call);
  if (args === null) return cut(call.arguments, ARGUMENT_CHARS);
  const pieces = Object.entries(args).map(([name, value]) => {
    const text = typeof value === "string" ? value : JSON.stringify(value) ?? "";
    return `${name}=${cut(text.replaceAll(/\s+/g, " "), ARGUMENT_CHARS / 2)}`;
  });
  return cut(pieces.join(", "), ARGUMENT_CHARS);
}

/** Ids come from the call, so that a run told of again makes the same artifacts again. */
function made({ call, outcome }: Extract<RunEvent, { type: "tool_ended" }>): Happening[] {
  if (!outcome.ok) return [];
  const files = (outcome.artifacts ?? []).map(({ name, mediaType, base64, path }, at): Happening => ({
    type: "artifact",
    artifact: artifact(
      `${call.id}-${at + 1}`,
      name,
      [filePart(name, mediaType, base64)],
      path === undefined ? `Made by ${call.name}` : `Made by ${call.name}, saved as ${path}`,
    ),
  }));
  return [...files, ...changed(call)];
}

/** The file a call wrote, or the patch it applied, as its arguments tell. */
function changed(call: ToolCall): Happening[] {
  const args = argumentsOf(call);
  if (call.name === "write_file" && typeof args?.path === "string" && typeof args.content === "string") {
    return [text(call, args.path, args.content, "Written to the workspace")];
  }
  if (call.name === "apply_patch" && typeof args?.diff === "string" && args.dry_run !== true) {
    return [text(call, "changes.patch", args.diff, "Applied to the workspace")];
  }
  return [];
}

function text(call: ToolCall, name: string, content: string, description: string): Happening {
  const part = textPart(content.length <= FILE_CHARS ? content : `${name}: ${content.length} characters`);
  return {
    type: "artifact",
    artifact: artifact(`${call.id}-file`, name, [{ ...part, filename: name }], description),
  };
}

function argumentsOf(call: ToolCall): Record<string, unknown> | null {
  try {
    const args: unknown = JSON.parse(call.arguments);
    return typeof args === "object" && args !== null && !Array.isArray(args) ? { ...args } : null;
  } catch {
    return null; // what a model wrote need not be JSON
  }
}

function cut(text: string, chars: number): string {
  return text.length <= chars ? text : `${text.slice(0, chars - 1)}…`;
}
