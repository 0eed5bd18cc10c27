/**
 * What stands above the line of a tool call: its name, once there is something to put under it, what it shows while it
 * works, and the calls it asks for.
 *
 * @module
 */
import type { ToolCall } from "../messages/model.ts";
import type { RunEvent } from "../messages/run.ts";
import type { Channel } from "../messages/tool.ts";
import { harmless } from "./harmless.ts";
import type { Paint } from "./paint.ts";
import { argumentsPreview, preview } from "./preview.ts";

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Columns for the name of a call and its arguments, at most. */
const PREVIEW = 100;
/** Characters of a line of output that are shown. */
const MAX_LINE = 1_000;
const INDENT = "  ";
/** What programs colour their output with; all else that could steer the terminal is written out. */
const COLOUR = /\p{Cc}\[[\d;]*m/gu;

/** A call at work. */
interface AtWork {
  readonly call: ToolCall;
  readonly parent: string | undefined;
  /** Whether its name stands on the screen. */
  named: boolean;
  /** Output whose line has not ended yet. */
  readonly rest: Record<Channel, string>;
}

/** The calls at work of one run. */
export class ToolLines {
  readonly #paint: Paint;
  readonly #columns: number;
  readonly #atWork = new Map<string, AtWork>();

  /** `columns` is the width of the screen. */
  constructor(paint: Paint, columns: number) {
    this.#paint = paint;
    this.#columns = Math.min(PREVIEW, columns - INDENT.length);
  }

  /** A call began. */
  started({ agent, call, parent }: EventOf<"tool_started">): void {
    this.#atWork.set(key(agent, call.id), { call, parent, named: false, rest: { stdout: "", stderr: "" } });
  }

  /** The lines of its output that are complete now. */
  output({ agent, call, channel, text }: EventOf<"tool_output">): string[] {
    const tool = this.#atWork.get(key(agent, call));
    if (tool === undefined) return [];
    const lines = (tool.rest[channel] + text.replace(COLOUR, "")).split("\n");
    const rest = lines.pop() ?? "";
    tool.rest[channel] = rest.length > MAX_LINE ? "" : rest;
    if (rest.length > MAX_LINE) lines.push(rest);
    return lines.length === 0 ? [] : [...this.#named(agent, tool), ...this.#shown(tool, lines)];
  }

  /** The lines above the line of a call that ended; nothing is known of it afterwards. */
  ended({ agent, call, parent }: EventOf<"tool_ended">): string[] {
    const tool = this.#atWork.get(key(agent, call.id));
    this.#atWork.delete(key(agent, call.id));
    const rest = Object.values(tool?.rest ?? {}).filter((line) => line !== "");
    const own = tool === undefined || rest.length === 0
      ? []
      : [...this.#named(agent, tool), ...this.#shown(tool, rest)];
    const outer = parent === undefined ? undefined : this.#atWork.get(key(agent, parent));
    return outer === undefined ? own : [...this.#named(agent, outer), ...own];
  }

  #named(agent: string, tool: AtWork): string[] {
    if (tool.named) return [];
    tool.named = true;
    const outer = tool.parent === undefined ? undefined : this.#atWork.get(key(agent, tool.parent));
    const { name, arguments: args } = tool.call;
    const line = preview(`▸ ${name} ${argumentsPreview(args, PREVIEW)}`, Math.max(1, this.#columns));
    const own = indent(tool.parent) + this.#paint("quiet", line);
    return outer === undefined ? [own] : [...this.#named(agent, outer), own];
  }

  #shown({ parent }: AtWork, lines: readonly string[]): string[] {
    return lines.map((line) => {
      // Where a program wrote over its own line, the last state counts.
      const last = line.replace(/\r+$/, "").split("\r").at(-1) ?? "";
      return `${indent(parent)}${INDENT}${this.#paint("quiet", harmless(last.slice(0, MAX_LINE)))}`.trimEnd();
    });
  }
}

/** How far in the line of a call stands; `parent` is the call it was asked for by. */
export function indent(parent: string | undefined): string {
  return parent === undefined ? "" : INDENT;
}

function key(agent: string, call: string): string {
  return `${agent}\n${call}`;
}
