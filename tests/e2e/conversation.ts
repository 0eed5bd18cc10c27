/**
 * Models for end-to-end tests whose answers depend on the conversation alone.
 *
 * @module
 */
import { type Answer, type SeenRequest, text, toolCalls } from "../support/scripted_openai.ts";

/** How often the model has spoken in the conversation it is asked about. */
export function turnOf({ body }: SeenRequest): number {
  return body.messages.filter(({ role }) => role === "assistant").length;
}

/** Text of the answer of {@linkcode writeThenTell}. */
export const TOLD = "One two three four five six seven eight nine ten.";

/** Writes a file, then tells an answer slowly enough for a test to act in the middle of it. */
export function writeThenTell(request: SeenRequest): Answer {
  if (turnOf(request) > 0) return text(TOLD, { chunkMs: 60 });
  const write = { id: "call_1", name: "write_file", arguments: { path: "note.txt", content: "first" } };
  return toolCalls([write], { text: "I take a note. " });
}
