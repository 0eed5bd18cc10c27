/**
 * A run as people read it: streamed text, a line per tool call, the answer, a summary.
 *
 * @module
 */
import type { RunEvent } from "../messages/run.ts";
import { oneLine } from "./harmless.ts";
import { type Paint, painter } from "./paint.ts";
import { answerPieces, noteLine, type Piece, type Renderer } from "./pieces.ts";
import { reportLine, type ReportStyle, savedLines, waitingFor } from "./report.ts";
import { columnsOf } from "./preview.ts";
import { isBlank, Speech } from "./speech.ts";
import { resumeHint, summaryLine } from "./summary.ts";
import { indent, ToolLines } from "./tool_lines.ts";

/** For whom a run is rendered. */
export interface View {
  /** The run whose answer is wanted; those of its sub-agents are only reported. */
  readonly run: string;
  /** Path of the agent that runs it, where that is known before `run_started`. */
  readonly root?: string;
  /**
   * stderr is a screen: text appears as it comes. Otherwise it appears when its inference is complete, and so
   * in the journal: what a crash or a request to stop cut off could not be repeated by a replay.
   */
  readonly live: boolean;
  /** stdout is a terminal: the answer must be harmless. */
  readonly answerTerminal: boolean;
  /** Both outputs are seen as one: the agent's last words are not repeated as its answer. */
  readonly merged: boolean;
  /** Width of the screen it is read on; infinite where there is none. */
  readonly columns: number;
  /** Colour on stderr. */
  readonly colour: boolean;
  /** Shows retries, and deaths and restarts of actors, which a replay need not repeat. */
  readonly news: boolean;
  /** Shows log events of level debug. */
  readonly debug: boolean;
  /** How people call this program. */
  readonly command: string;
  /** The options that say where the run is kept, as `keptAt` writes them. */
  readonly where: string;
}

type EventOf<T extends RunEvent["type"]> = Extract<RunEvent, { type: T }>;

/** Renders a run for people. */
export function textRenderer(view: View): Renderer {
  return new TextRenderer(view);
}

class TextRenderer implements Renderer {
  readonly #view: View;
  readonly #paint: Paint;
  readonly #style: Omit<ReportStyle, "columns">;
  readonly #tools: ToolLines;
  readonly #speeches = new Map<string, Speech>();
  /** Agents that have said something in their present turn. */
  readonly #spoke = new Set<string>();
  /** Path of the agent that runs `view.run`. */
  #root: string | undefined;
  /** The agent whose line stands unfinished on the screen. */
  #open: string | undefined;
  #waiting: string | undefined;
  /** What the root agent has said in its present turn. */
  #told = "";
  /** The newest words of the root agent, which a run cut short has for an answer. */
  #lastWords = "";

  constructor(view: View) {
    this.#view = view;
    this.#root = view.root;
    this.#paint = painter(view.colour);
    this.#tools = new ToolLines(this.#paint, view.columns);
    this.#style = { paint: this.#paint, nameOf: (agent) => this.#nameOf(agent) };
  }

  get waiting(): string | undefined {
    return this.#open === undefined ? this.#waiting : undefined;
  }

  note(line: string): Piece[] {
    return [...this.breakLine(), ...noteLine(line)];
  }

  breakLine(): Piece[] {
    return toStderr(this.#closeLine());
  }

  render(event: RunEvent): Piece[] {
    this.#wait(event);
    if (event.type === "run_ended") return event.run === this.#view.run ? this.#finish(event) : [];
    return toStderr(this.#textOf(event));
  }

  #wait(event: RunEvent): void {
    const label = waitingFor(event);
    if (label === undefined) return;
    const name = this.#nameOf(event.agent);
    this.#waiting = event.agent === this.#root ? label : `${name}: ${label}`;
  }

  #textOf(event: RunEvent): string {
    switch (event.type) {
      case "run_started":
        return this.#begin(event);
      case "text":
        return this.#view.live ? this.#say(event.agent, event.text) : "";
      case "thought":
        return this.#completeThought(event);
      case "turn_started":
        return this.#nextTurn(event.agent);
      case "tool_started":
        this.#tools.started(event);
        return this.#nextTurn(event.agent);
      case "tool_output":
        return this.#view.live ? this.#lines(event.agent, this.#tools.output(event)) : "";
      case "tool_ended":
        return this.#lines(event.agent, this.#tools.ended(event)) +
          this.#report(event, indent(event.parent)) +
          this.#lines(event.agent, savedLines(event, this.#paint));
      case "retry":
        return this.#nextTurn(event.agent) + (this.#view.news ? this.#report(event) : "");
      case "actor":
        return this.#restart(event);
      case "log":
        return event.level !== "debug" || this.#view.debug ? this.#report(event) : "";
      default:
        return this.#report(event);
    }
  }

  #begin(event: EventOf<"run_started">): string {
    if (event.run !== this.#view.run) return "";
    this.#root = event.agent;
    this.#waiting = waitingFor(event);
    const tools = event.tools.length === 1 ? "1 tool" : `${event.tools.length} tools`;
    return this.#line(
      event.agent,
      this.#paint("quiet", oneLine(`run ${event.run} · ${event.model} · ${tools}`)),
    );
  }

  /** Where nothing was streamed the whole text comes now. */
  #completeThought({ agent, thought }: EventOf<"thought">): string {
    if (agent === this.#root && thought.text !== "") this.#lastWords = thought.text;
    const unsaid = this.#spoke.has(agent) ? "" : this.#say(agent, thought.text);
    return unsaid + this.#endSpeech(agent);
  }

  /** What was said so far is not the answer. */
  #nextTurn(agent: string): string {
    this.#spoke.delete(agent);
    if (agent === this.#root) this.#told = "";
    return this.#endSpeech(agent);
  }

  /** An actor stands in no agent's column; an agent that comes back has lost the inference it was in. */
  #restart(event: EventOf<"actor">): string {
    const ended = event.change === "restarted" ? this.#nextTurn(event.agent) : "";
    return this.#view.news ? ended + this.#line(this.#root, this.#reportLine(event, "")) : ended;
  }

  #finish({ outcome, run, ms }: EventOf<"run_ended">): Piece[] {
    this.#waiting = undefined;
    const rest = [...this.#speeches.keys()].map((agent) => this.#endSpeech(agent)).join("");
    const { merged, answerTerminal, command, where } = this.#view;
    const words = outcome.status === "answered" ? this.#told : this.#lastWords;
    const shown = merged && words.trim() === outcome.answer.trim();
    const mark = outcome.status === "answered" ? this.#paint("good", "✓") : this.#paint("bad", "✗");
    const lines = [`${mark} ${summaryLine(outcome, ms, run)}`];
    if (outcome.reason !== undefined) lines.unshift(`${mark} ${oneLine(outcome.reason)}`);
    const hint = resumeHint(outcome, run, command, where);
    if (hint !== undefined) lines.push(hint);
    return [
      ...toStderr(rest),
      ...(shown ? [] : answerPieces(outcome, answerTerminal)),
      ...toStderr(`${lines.join("\n")}\n`),
    ];
  }

  #report(event: RunEvent, indent = ""): string {
    const text = this.#reportLine(event, this.#bar(event.agent, false) + indent);
    return text === "" ? "" : this.#endSpeech(event.agent) + this.#line(event.agent, indent + text);
  }

  #lines(agent: string, lines: readonly string[]): string {
    if (lines.length === 0) return "";
    return this.#endSpeech(agent) + lines.map((line) => this.#line(agent, line)).join("");
  }

  /** Its line where it stands behind `bar`. */
  #reportLine(event: RunEvent, bar: string): string {
    const columns = this.#view.columns - (bar === "" ? 0 : columnsOf(bar) + 1);
    return reportLine(event, { ...this.#style, columns });
  }

  #say(agent: string, chunk: string): string {
    if (agent === this.#root) this.#told += chunk;
    if (!isBlank(chunk)) this.#spoke.add(agent);
    return this.#body(agent, this.#speech(agent).add(chunk, this.#open === agent));
  }

  #endSpeech(agent: string): string {
    const rest = this.#body(agent, this.#speech(agent).end(this.#open === agent));
    return rest + (this.#open === agent ? this.#closeLine() : "");
  }

  #speech(agent: string): Speech {
    let speech = this.#speeches.get(agent);
    if (speech === undefined) this.#speeches.set(agent, speech = new Speech());
    return speech;
  }

  /** Text behind the agent's prefix, on its open line where it has one. */
  #body(agent: string, text: string): string {
    if (text === "") return "";
    const bar = this.#bar(agent);
    const behind = (line: string) => bar === "" || line === "" ? bar + line : `${bar} ${line}`;
    const [first = "", ...more] = text.split("\n");
    const opening = this.#open === agent ? first : this.#closeLine() + behind(first);
    this.#open = agent;
    return [opening, ...more.map(behind)].join("\n");
  }

  #line(agent: string | undefined, text: string): string {
    const bar = this.#bar(agent);
    return `${this.#closeLine()}${bar === "" ? text : `${bar} ${text}`}\n`;
  }

  #closeLine(): string {
    if (this.#open === undefined) return "";
    this.#open = undefined;
    return "\n";
  }

  /** What stands before every line of an agent: nothing for the root, its name further in for its sub-agents. */
  #bar(agent: string | undefined, painted = true): string {
    if (agent === undefined || agent === this.#root) return "";
    const name = this.#nameOf(agent);
    const bar = `${name} │`;
    return "  ".repeat(name.split("/").length) + (painted ? this.#paint("quiet", bar) : bar);
  }

  /** The path of an agent below the root. */
  #nameOf(agent: string): string {
    const below = `${this.#root}/`;
    return oneLine(agent.startsWith(below) ? agent.slice(below.length) : agent);
  }
}

function toStderr(text: string): Piece[] {
  return text === "" ? [] : [{ to: "stderr", text }];
}
