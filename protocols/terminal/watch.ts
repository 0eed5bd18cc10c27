/**
 * Shows a run while it runs.
 *
 * @module
 */
import { EXIT_CODES } from "./exit_codes.ts";
import { keptAt, outputOf } from "./options.ts";
import { steerable, wantsColour } from "./paint.ts";
import { jsonRenderer, quietRenderer, type Renderer } from "./pieces.ts";
import { canAsk, Prompt } from "./prompt.ts";
import { textRenderer } from "./render.ts";
import type { RunHandle } from "../../workspace/runtime/runtime.ts";
import type { Screen } from "./screen.ts";
import type { Stage } from "./stage.ts";

/**
 * Shows a run until its end, passing requests to stop on to it, and what its tools ask to the person where one is
 * there to answer; answers its exit code.
 * With `news` retries, deaths and restarts are shown even where the output is no terminal.
 */
export async function watchRun(stage: Stage, handle: RunHandle, news = false): Promise<number> {
  const { screen, interrupts, outside } = stage;
  const renderer = rendererFor(stage, handle.run, news);
  const prompt = new Prompt(stage, renderer);
  const leave = canAsk(stage) ? handle.questions.answeredBy((...asked) => prompt.ask(...asked)) : () => {};
  // A refusal that is on its way is recorded before the run stops: else nobody would know whether the call happened.
  const refused = Promise.withResolvers<void>();
  interrupts.firstly(() => {
    if (prompt.close()) void refused.promise.then(() => handle.interrupt());
    else handle.interrupt();
    const resume = `${outside.command} resume ${handle.run}${keptAt(stage.options)}`;
    void screen.write(renderer.note(`stopping; resume with: ${resume}`));
  });
  try {
    const [outcome] = await Promise.all([
      handle.outcome,
      follow(handle, renderer, screen, prompt, refused.resolve),
    ]);
    return EXIT_CODES[outcome.status];
  } finally {
    leave();
    prompt.close();
    interrupts.firstly(undefined);
  }
}

/** The renderer that the options and the outputs ask for. */
function rendererFor({ options, outside }: Stage, run: string, news: boolean): Renderer {
  const { stdout, stderr, env, command } = outside;
  const { json, quiet, color, debug } = outputOf(options);
  if (json) return jsonRenderer();
  if (quiet) return quietRenderer(run, stdout.terminal);
  const live = steerable(stderr, env);
  return textRenderer({
    run,
    live,
    answerTerminal: stdout.terminal,
    merged: live && stdout.terminal,
    columns: live ? stderr.columns() : Infinity,
    colour: wantsColour(stderr, env, color),
    news: live || news,
    debug,
    command,
    where: keptAt(options),
  });
}

async function follow(
  handle: RunHandle,
  renderer: Renderer,
  screen: Screen,
  prompt: Prompt,
  toolEnded: () => void,
): Promise<void> {
  let read = true;
  for await (const event of handle.events) {
    await prompt.idle();
    if (event.type === "tool_ended" && prompt.isClosed) toolEnded();
    const written = await screen.write(renderer.render(event));
    screen.waitFor(renderer.waiting);
    // Nobody reads any more: go no further than where it can be resumed.
    if (read && !written) handle.interrupt();
    read = read && written;
  }
}
