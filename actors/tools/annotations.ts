/**
 * What a call of a tool does, as far as it follows from what its declaration says anyway.
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";
import type { Annotations, SettleClass } from "../../protocols/messages/tool.ts";

/** Needs with which nothing can be changed. */
const READING: ReadonlySet<Capability> = new Set<Capability>(["FileRead", "DatabaseRead", "SecretAccess"]);
/** Needs that reach no further than the workspace. */
const NEAR: ReadonlySet<Capability> = new Set<Capability>(["FileRead", "FileWrite", "SecretAccess"]);

/** What is not said is the worst that such a tool can do. */
export function annotationsOf(
  settle: SettleClass,
  needs: readonly Capability[],
  said: Partial<Annotations> = {},
): Annotations {
  const repeatable = settle === "repeatable";
  const readOnly = said.readOnly ?? (repeatable && needs.every((need) => READING.has(need)));
  const openWorld = needs.some((need) => !NEAR.has(need));
  return { readOnly, destructive: !readOnly, idempotent: repeatable, openWorld, ...said };
}
