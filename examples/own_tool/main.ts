/**
 * An agent with a tool of one's own. Its model plays a script here; `openAi` of `@troupe/troupe/actors` asks a real one.
 *
 *   deno run --no-prompt -A examples/own_tool/main.ts
 */
// deno-lint-ignore-file no-console -- an example shows what it does
import { child } from "@troupe/troupe";
import { FREE, scripted } from "@troupe/troupe/actors";
import { crew, MODEL, openRuntime, tool } from "@troupe/troupe/workspace";
import { wordCount } from "./word_count.ts";

const script = [
  { text: "Let me count.", toolCalls: [{ name: "word_count", arguments: { text: "to be or not to be" } }] },
  { text: "It has {result} words." },
];
const folder = await Deno.makeTempDir({ prefix: "troupe-example-" });
const runtime = await openRuntime({
  db: `${folder}/troupe.db`,
  workspace: folder,
  limits: { turns: 5 },
  crew: () =>
    Promise.resolve(crew({
      model: child(MODEL, scripted, { model: "scripted", script }),
      tools: [tool(wordCount, {}, "none")], // its worker may do nothing but count
      agent: { name: "agent", modelName: "scripted", price: FREE, program: "react", contextWindow: 8_000 },
    })),
});

const run = await runtime.start('How many words has "to be or not to be"?', {});
for await (const event of run.events) {
  if (event.type === "thought") console.log("model:", event.thought.text);
  if (event.type === "tool_ended") console.log("tool:", event.call.name, event.outcome);
}
console.log("answer:", (await run.outcome).answer);

await runtime.close();
await Deno.remove(folder, { recursive: true });
