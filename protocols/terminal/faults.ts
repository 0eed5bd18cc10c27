/**
 * Errors as people see them: one line, no stack trace unless they ask.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import { harmless, oneLine } from "./harmless.ts";

/** What helps after a fault of that code, behind how people call this program. */
const HELP: Readonly<Record<string, readonly [words: string, command: string]>> = {
  no_model: ["watch a team that needs none with", "demo"],
  unknown_run: ["list the runs there are with", "runs"],
  run_ended: ["see it with", "show <run>"],
};

/** What is printed of an error; with `debug` also where it comes from and what caused it. */
export function faultText(thrown: unknown, calledAs: string, debug: boolean): string {
  const fault = Fault.of(thrown);
  const [words, command] = HELP[fault.code] ?? [];
  const help = words === undefined ? "" : `; ${words}: ${calledAs} ${command}`;
  // A configuration can be wrong in several places, each of which has its line.
  const message = fault.code.startsWith("config") ? harmless(fault.message) : oneLine(fault.message);
  return `troupe: ${message}${help}\n${debug ? stacksOf(thrown) : ""}`;
}

function stacksOf(thrown: unknown): string {
  let text = "";
  for (let error = thrown; error instanceof Error; error = error.cause) {
    text += `${harmless(error.stack ?? error.message)}\n`;
  }
  return text;
}
