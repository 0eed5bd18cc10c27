/**
 * What a call of a tool does, as far as it follows from what its declaration says anyway.
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";
import type { Annotations, SettleClass } from "../../protocols/messages/tool.ts";

/** What a tool's declaration says. */
export interface Declared {
  readonly settle: SettleClass;
  readonly needs: readonly Capability[];
  /** Whether it may have its caller call others. */
  readonly uses: boolean;
}

/** Needs with which nothing can be changed. */
const READING: ReadonlySet<Capability> = new Set<Capability>(["FileRead", "DatabaseRead", "SecretAccess"]);
/** Needs that reach no further than the workspace. */
const NEAR: ReadonlySet<Capability> = new Set<Capability>(["FileRead", "FileWrite", "SecretAccess"]);

/** What is not said is the worst that such a tool can do. */
export function annotationsOf(
  { settle, needs, uses }: Declared,
  said: Partial<Annotations> = {},
): Annotations {
  const repeatable = settle === "repeatable";
  const reads = repeatable && !uses && needs.every((need) => READING.has(need));
  const readOnly = said.readOnly ?? reads;
  const openWorld = uses || needs.some((need) => !NEAR.has(need));
  return { readOnly, destructive: !readOnly, idempotent: repeatable && !uses, openWorld, ...said };
}
