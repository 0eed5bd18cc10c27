/**
 * Tokens, roughly, where the provider does not count them.
 *
 * @module
 */
import type { ThinkRequest, Thought, Usage } from "../../protocols/messages/model.ts";

/** Turns a number of characters (UTF-16 code units) into a number of tokens. */
export type TokenEstimate = (characters: number) => number;

/** ceil(characters / 4): right within a third for English, low for scripts beyond Latin. */
export function quarterOfCharacters(characters: number): number {
  return Math.ceil(characters / 4);
}

/** What an inference used by estimate: all lines and tools in, the text and the tool calls out. */
export function estimatedUsage(
  request: Pick<ThinkRequest, "lines" | "tools">,
  said: Pick<Thought, "text" | "toolCalls">,
  estimate: TokenEstimate = quarterOfCharacters,
): Usage {
  const tools = request.tools.length === 0 ? 0 : JSON.stringify(request.tools).length;
  const input = request.lines.reduce((sum, line) => sum + charactersOf(line), tools);
  return {
    inputTokens: estimate(input),
    cachedTokens: 0,
    outputTokens: estimate(charactersOf(said)),
    estimated: true,
  };
}

function charactersOf(said: { text: string; toolCalls?: Thought["toolCalls"] }): number {
  const calls = said.toolCalls ?? [];
  return calls.reduce((sum, call) => sum + call.name.length + call.arguments.length, said.text.length);
}
