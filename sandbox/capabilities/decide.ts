/**
 * Whether a tool may be called: only when everything it needs is granted.
 *
 * @module
 */
import type { Capability, Decision } from "../../protocols/messages/capability.ts";

/** Decides about the calls of one tool. What is granted and not needed changes nothing. */
export function decide(
  tool: string,
  needs: readonly Capability[],
  granted: readonly Capability[],
): Decision {
  const denied = needs.filter((need) => !granted.includes(need));
  const used = needs.filter((need) => granted.includes(need));
  return {
    tool,
    allowed: denied.length === 0,
    denied,
    grant: used.join(", ") || "nothing",
    reason: reasonOf(tool, needs, denied),
  };
}

function reasonOf(tool: string, needs: readonly Capability[], denied: readonly Capability[]): string {
  if (needs.length === 0) return "it needs nothing";
  if (denied.length === 0) return "all it needs is granted";
  return `${tool} needs ${denied.join(", ")}, which ${denied.length === 1 ? "is" : "are"} not granted`;
}
