/**
 * A conversation as providers want it: one system line first, user and assistant taking turns, every tool call
 * followed at once by its result, no output beyond its bound.
 *
 * @module
 */
import type { Line } from "../../protocols/messages/model.ts";

/** Bounds of a conversation. */
export interface NormalizeOptions {
  /** Greatest length of one tool result in characters. */
  readonly maxOutputChars: number;
}

type User = Extract<Line, { role: "user" }>;
type Assistant = Extract<Line, { role: "assistant" }>;

/** A line and, where it calls tools, what they answered by call id. */
interface Said {
  line: User | Assistant;
  readonly results: Map<string, string>;
}

/** The same conversation, normalised. What is normal already comes back equal. */
export function normalize(lines: readonly Line[], { maxOutputChars }: NormalizeOptions): Line[] {
  const system = lines.filter((line) => line.role === "system").map((line) => line.text);
  const rest = merged(paired(lines)).flatMap(({ line, results }): Line[] => {
    const calls = line.role === "assistant" ? line.toolCalls : [];
    return [
      line,
      ...calls.map(({ id }): Line => ({
        role: "tool",
        callId: id,
        text: truncate(results.get(id) ?? "(no result)", maxOutputChars),
      })),
    ];
  });
  return system.length === 0 ? rest : [{ role: "system", text: joined(...system) }, ...rest];
}

/**
 * At most `max` characters: the beginning and the end, and between them how much was cut.
 * `max` is at least 100.
 */
export function truncate(text: string, max: number): string {
  if (text.length <= max) return text;
  const kept = max - 60;
  const head = whole(text.slice(0, Math.ceil(kept * 0.7)));
  const tail = whole(text.slice(text.length - Math.floor(kept * 0.3)));
  const cut = text.length - head.length - tail.length;
  return `${head}\n[... ${cut} of ${text.length} characters cut ...]\n${tail}`;
}

/** The bound of one output for a model with this context: an eighth of it, between 1 000 and 20 000 characters. */
export function outputBound(contextWindow: number): number {
  return Math.min(20_000, Math.max(1_000, Math.floor(contextWindow / 2)));
}

/**
 * User and assistant lines with their results. A result belongs to the latest call of its id; one whose call is gone
 * (compacted, say) is told as a user would. An assistant that said and called nothing is left out.
 */
function paired(lines: readonly Line[]): Said[] {
  const said: Said[] = [];
  const callers = new Map<string, Said>();
  for (const line of lines) {
    if (line.role === "system") continue;
    if (line.role === "tool") {
      const caller = callers.get(line.callId);
      if (caller !== undefined) caller.results.set(line.callId, line.text);
      else {
        said.push({
          line: { role: "user", text: `Result of an earlier tool call: ${line.text}` },
          results: new Map(),
        });
      }
      continue;
    }
    if (line.role === "assistant" && line.text === "" && line.toolCalls.length === 0) continue;
    const entry: Said = { line, results: new Map() };
    said.push(entry);
    if (line.role === "assistant") { for (const call of line.toolCalls) callers.set(call.id, entry); }
  }
  return said;
}

/** Neighbours of one role become one line; results stand between an assistant that called tools and the next one. */
function merged(said: readonly Said[]): Said[] {
  const out: Said[] = [];
  for (const { line, results } of said) {
    const last = out.at(-1);
    const text = joined(last?.line.text ?? "", line.text);
    if (last?.line.role === "user" && line.role === "user") last.line = { role: "user", text };
    else if (
      last?.line.role === "assistant" && line.role === "assistant" && last.line.toolCalls.length === 0
    ) {
      out[out.length - 1] = { line: { ...line, text }, results };
    } else out.push({ line, results });
  }
  return out;
}

function joined(...texts: string[]): string {
  return texts.filter((text) => text !== "").join("\n\n");
}

/** Without the halves of surrogate pairs that a cut left at its ends. */
function whole(text: string): string {
  return text.replace(/^[\udc00-\udfff]|[\ud800-\udbff]$/g, "");
}
