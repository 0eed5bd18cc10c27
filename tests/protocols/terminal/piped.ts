/**
 * The shell as a process of its own, with a runtime whose run says "ready" and then goes on until it is
 * interrupted, talking when its task is "talk"; with "deaf" as its task it does not even heed that.
 *
 * @module
 */
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import { runCli } from "../../../protocols/terminal/cli.ts";
import type { RunHandle } from "../../../workspace/runtime/runtime.ts";
import { processSurroundings } from "../../../protocols/terminal/stdio.ts";
import { stand } from "./outside.ts";
import { ended, outcome, RUN, STARTED } from "./runs.ts";

/** A test that fails must not leave its process behind. */
const PATIENCE_MS = 20_000;

function endless(task: string): RunHandle {
  const stopped = Promise.withResolvers<void>();
  const done = Promise.withResolvers<RunOutcome>();
  const end = outcome("interrupted", "");
  async function* events(): AsyncIterable<RunEvent> {
    yield STARTED;
    yield { type: "log", agent: "lead", level: "info", message: "ready" };
    const began = Date.now();
    for (let over = false; !over && Date.now() - began < PATIENCE_MS;) {
      if (task === "talk") yield { type: "text", agent: "lead", text: "x".repeat(1000) };
      const pause = new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 1));
      over = await Promise.race([pause, stopped.promise.then(() => true)]);
    }
    yield ended(end);
    done.resolve(end);
  }
  return {
    run: RUN,
    events: events(),
    outcome: done.promise,
    questions: { answeredBy: () => () => {} },
    interrupt: () => task === "deaf" ? undefined : stopped.resolve(),
  };
}

const start = (task: string) => Promise.resolve(endless(task));
const { openRuntime, openService, openPython, version, command } = stand({ runtime: { start } }).outside;
const own = { openRuntime, openService, openPython, version, command };
Deno.exit(await runCli(Deno.args, { ...processSurroundings(), ...own }));
