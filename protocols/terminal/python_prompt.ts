/**
 * Python as a conversation: a statement, what it prints, its value, and the next one, all in one session.
 *
 * @module
 */
import type { Python, PythonResult } from "../../workspace/python/open_python.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { harmless } from "./harmless.ts";
import type { Keyboard } from "./keyboard.ts";
import { noteLine } from "./pieces.ts";
import { goesOn } from "./python_blocks.ts";
import { CodeRun } from "./python_run.ts";
import type { Stage } from "./stage.ts";

const PROMPTS = { first: ">>> ", next: "... " };
const SESSION = "prompt";
/** An expression, so that it leaves no name behind. */
const VERSION = "__import__('platform').python_version()";
/** Said so, a person wants to leave. A program that ends itself with another status is an error to the sandbox. */
const LEAVES = /^(?:exit|quit|(?:exit|quit|sys\.exit)\((?:0|None)?\))$/;

/** Talks until the person leaves; answers the exit code. */
export async function converse(stage: Stage, open: () => Promise<Python>): Promise<number> {
  await using python = await open();
  const begun = await new CodeRun(stage, python).run(VERSION, SESSION);
  if (begun === undefined) return EXIT_CODES.interrupted;
  const version = begun.value?.replaceAll("'", "") ?? "";
  await say(stage, `Python ${version} in a sandbox. Ctrl-C stops what runs, exit() or Ctrl-D ends.\n`);
  const keyboard = stage.outside.openKeyboard();
  try {
    return await answerAll(stage, python, keyboard);
  } finally {
    keyboard.close();
  }
}

async function answerAll(stage: Stage, python: Python, keyboard: Keyboard): Promise<number> {
  while (true) {
    const typed = await keyboard.statement(PROMPTS, goesOn);
    if (typed === "interrupted") {
      await say(stage, "KeyboardInterrupt\n");
      continue;
    }
    if (typed === "ended") {
      await say(stage, "\n");
      return EXIT_CODES.answered;
    }
    const code = typed.text.trim();
    if (LEAVES.test(code)) return EXIT_CODES.answered;
    if (code === "") continue;
    const status = await answer(stage, python, keyboard, typed.text);
    if (status !== undefined) return status;
  }
}

/** Runs a statement; answers the exit code when it ends the conversation. */
async function answer(
  stage: Stage,
  python: Python,
  keyboard: Keyboard,
  text: string,
): Promise<number | undefined> {
  const run = new CodeRun(stage, python);
  keyboard.onInterrupt = () => run.stop();
  const result = await run.run(text, SESSION);
  keyboard.onInterrupt = undefined;
  if (result === undefined) return undefined;
  await run.showRest(result);
  if (run.withinLine) await stage.screen.write([{ to: "stdout", text: "\n" }]);
  if (result.value !== null) await show(stage, result.value);
  const status = await run.showError(result, (traceback) => traceback);
  if (isExit(result)) return status;
  if (isAnew(result)) {
    await stage.screen.write(noteLine("Python begins anew: names and files in memory are gone"));
  }
  return undefined;
}

async function show({ screen, outside: { stdout } }: Stage, value: string): Promise<void> {
  await screen.write([{ to: "stdout", text: `${stdout.terminal ? harmless(value) : value}\n` }]);
}

async function say({ screen }: Stage, text: string): Promise<void> {
  await screen.write([{ to: "stderr", text }]);
}

function isExit({ error }: PythonResult): boolean {
  return error?.kind === "exception" && /^SystemExit\b/.test(error.message);
}

/** An interpreter that still stands can say where it was. */
function isAnew({ error }: PythonResult): boolean {
  return error !== undefined && error.kind !== "exception" && error.traceback === "";
}
