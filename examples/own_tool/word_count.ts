/** A tool: the same lines describe it to the model, check its arguments and give them types. */
import { serve } from "@troupe/troupe/actor";
import { defineTool } from "@troupe/troupe/tool";

export const wordCount = defineTool({
  module: import.meta.url,
  name: "word_count",
  description: "Counts the words of a text.",
  parameters: (z) => z.object({ text: z.string() }),
  settle: "repeatable",
  invoke: (_state, { text }) => String(text.match(/\S+/g)?.length ?? 0),
});

if (import.meta.main) serve(wordCount);
