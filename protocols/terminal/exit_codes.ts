/**
 * What the process says when it ends:
 *
 * | code | meaning |
 * | ---: | --- |
 * | 0 | answered, or done |
 * | 1 | failed |
 * | 2 | usage or configuration: nothing was started |
 * | 3 | blocked until a person decides |
 * | 4 | a limit ended it (turns, tokens, dollars, time) |
 * | 5 | denied by policy |
 * | 130 | interrupted |
 *
 * @module
 */
import type { RunStatus } from "../messages/run.ts";

/** Exit code of wrong usage and of a configuration that cannot be used. */
export const USAGE = 2;

/** Exit code of a process told to stop. */
export const INTERRUPTED = 130;

/** Exit code of every way a run can stand when it is let go. */
export const EXIT_CODES: Readonly<Record<RunStatus, number>> = {
  answered: 0,
  failed: 1,
  running: 1,
  blocked: 3,
  limited: 4,
  denied: 5,
  interrupted: INTERRUPTED,
};

/** Faults that are exit codes of their own; every other fault is a failure, 1. */
const FAULT_CODES: Readonly<Record<string, number>> = {
  usage: USAGE,
  no_model: USAGE,
  unknown_run: USAGE,
  run_ended: USAGE,
  run_locked: USAGE,
  store_readonly: USAGE,
  store_corrupt: USAGE,
  store_foreign: USAGE,
  store_newer: USAGE,
  denied: 5,
  grant_refused: 5,
};

/** Exit code of a fault that ended a command. Codes that begin with `config` are configuration. */
export function faultExitCode(code: string): number {
  if (code.startsWith("config")) return USAGE;
  return FAULT_CODES[code] ?? EXIT_CODES.failed;
}
