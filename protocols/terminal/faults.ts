/**
 * Errors as people see them: one line, no stack trace unless they ask.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import { harmless, oneLine } from "./harmless.ts";

/** What is printed of an error; with `debug` also where it comes from and what caused it. */
export function faultText(thrown: unknown, debug: boolean): string {
  const fault = Fault.of(thrown);
  // A configuration can be wrong in several places, each of which has its line.
  const message = fault.code.startsWith("config") ? harmless(fault.message) : oneLine(fault.message);
  return `troupe: ${message}\n${debug ? stacksOf(thrown) : ""}`;
}

function stacksOf(thrown: unknown): string {
  let text = "";
  for (let error = thrown; error instanceof Error; error = error.cause) {
    text += `${harmless(error.stack ?? error.message)}\n`;
  }
  return text;
}
