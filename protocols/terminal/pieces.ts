/**
 * What a run looks like: every event becomes pieces of text for one of the two outputs. The same events
 * give the same pieces, whenever they are shown; only a screen adds what depends on time.
 *
 * @module
 */
import type { RunEvent, RunOutcome } from "../messages/run.ts";
import { harmless, jsonLine, oneLine } from "./harmless.ts";

/** Text for one of the outputs, to be written as it is. */
export interface Piece {
  readonly to: "stdout" | "stderr";
  readonly text: string;
}

/** Turns the events of one run into text. */
export interface Renderer {
  /** The text of the next event. */
  render(event: RunEvent): Piece[];
  /** A line for the person that is no event of the run. */
  note(line: string): Piece[];
  /** Ends a line that stands unfinished, so that others can write. */
  breakLine(): Piece[];
  /** What is being waited for; undefined while a line is unfinished, after the end, or when nobody asks. */
  readonly waiting: string | undefined;
}

/** One JSON document per event, and nothing else on stdout. */
export function jsonRenderer(): Renderer {
  return {
    render: (event) => [{ to: "stdout", text: jsonLine(event) }],
    note: noteLine,
    breakLine: () => [],
    waiting: undefined,
  };
}

/** The answer of `run` alone; why there is none goes to stderr. */
export function quietRenderer(run: string, answerTerminal: boolean): Renderer {
  return {
    render(event) {
      if (event.type !== "run_ended" || event.run !== run) return [];
      const { status, reason } = event.outcome;
      const answer = answerPieces(event.outcome, answerTerminal);
      if (status === "answered") return answer;
      return [...answer, ...noteLine(reason === undefined ? status : `${status}: ${reason}`)];
    },
    note: noteLine,
    breakLine: () => [],
    waiting: undefined,
  };
}

/** The answer on stdout: as it is for programs, harmless for a terminal. Nothing when there is none. */
export function answerPieces({ answer }: RunOutcome, terminal: boolean): Piece[] {
  if (answer === "") return [];
  const text = terminal ? harmless(answer) : answer;
  return [{ to: "stdout", text: text.endsWith("\n") ? text : `${text}\n` }];
}

/** A line of this program itself, on stderr. */
export function noteLine(line: string): Piece[] {
  return [{ to: "stderr", text: `troupe: ${oneLine(line)}\n` }];
}
