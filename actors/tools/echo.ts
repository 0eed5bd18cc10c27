/**
 * The tool that returns its input.
 *
 * @module
 */
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool } from "./tool.ts";

/** `{ text }`; answers with the text. */
export const echo = defineTool({
  module: import.meta.url,
  name: "echo",
  description: "Returns the text it is given, unchanged.",
  parameters: (z) => z.object({ text: z.string() }),
  settle: "repeatable",
  invoke: (_state, { text }) => text,
});

if (import.meta.main) serve(echo);
