/**
 * `troupe python`: a program in a sandbox, or a prompt.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import type { Python } from "../../workspace/python/open_python.ts";
import { jsonLine } from "./harmless.ts";
import { EXIT_CODES } from "./exit_codes.ts";
import { CodeRun } from "./python_run.ts";
import { converse } from "./python_prompt.ts";
import { readStdin } from "./read_stdin.ts";
import type { Stage } from "./stage.ts";

/** Characters of a program. */
const MAX_CODE = 1_000_000;
/** What the traceback of the first code of an interpreter calls it. */
const FIRST_CELL = 'File "<cell 1>"';

/**
 * Runs a program and answers its exit code: that of `sys.exit`, 1 after an exception, 4 when a limit ended it.
 * @throws {Fault} code `usage` when there is no program to be read.
 */
export async function python(stage: Stage, file: string | undefined): Promise<number> {
  const { outside, options: { files = true, workspace, config, json = false } } = stage;
  const choices = { files, workspace, config };
  if (file === undefined && outside.stdinTerminal) {
    if (json) throw new Fault("usage", "Cannot print a result as JSON: no program was given");
    return await converse(stage, () => outside.openPython(choices));
  }
  const code = await programOf(stage, file);
  await using opened = await outside.openPython(choices);
  const name = file === undefined || file === "-" ? "<stdin>" : file;
  return json ? await runForJson(stage, opened, code) : await runShown(stage, opened, code, name);
}

async function programOf({ outside }: Stage, file: string | undefined): Promise<string> {
  const fromStdin = file === undefined || file === "-";
  const code = fromStdin ? await readStdin(outside, "program") : await outside.readText(file);
  if (code.length <= MAX_CODE) return code;
  throw new Fault("usage", `Cannot run the program: it is longer than ${MAX_CODE} characters`);
}

async function runShown(stage: Stage, opened: Python, code: string, name: string): Promise<number> {
  const run = new CodeRun(stage, opened);
  const result = await run.run(code);
  if (result === undefined) return EXIT_CODES.interrupted;
  await run.showRest(result);
  return await run.showError(result, (traceback) => traceback.replaceAll(FIRST_CELL, `File "${name}"`));
}

async function runForJson(stage: Stage, opened: Python, code: string): Promise<number> {
  const run = new CodeRun(stage, opened, true);
  const result = await run.run(code);
  if (result === undefined) return EXIT_CODES.interrupted;
  await stage.screen.write([{ to: "stdout", text: jsonLine(result) }]);
  return run.exitCode(result);
}
