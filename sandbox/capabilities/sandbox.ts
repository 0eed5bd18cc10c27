/**
 * Which tools may be called, and what was decided.
 *
 * It only decides. That a tool cannot do more than it declared is the work of its worker, whose permissions are made of
 * the same capabilities by `permissionsFor`.
 *
 * @module
 */
import type { Capability, Decision } from "../../protocols/messages/capability.ts";
import { decide } from "./decide.ts";
import type { ToolManifest } from "./manifest.ts";

/** How a {@linkcode Sandbox} begins. */
export interface SandboxConfig {
  /** What is granted from the start. Default nothing. */
  readonly granted?: readonly Capability[];
  /** Decisions kept, the newest. Default 10 000. */
  readonly kept?: number;
}

/** The answer of {@linkcode Sandbox.check}. */
export type Checked =
  | { readonly ok: true }
  | { readonly ok: false; readonly denied: readonly string[]; readonly reason: string };

/** Decides about tools by what they need and what is granted. Nothing is granted by default. */
export class Sandbox {
  readonly #granted: Set<Capability>;
  readonly #tools = new Map<string, ToolManifest>();
  readonly #decisions: Decision[] = [];
  readonly #kept: number;

  /** Knows no tool yet. */
  constructor({ granted = [], kept = 10_000 }: SandboxConfig = {}) {
    this.#granted = new Set(granted);
    this.#kept = kept;
  }

  /** Grants it to every tool that needs it, from the next check on. */
  grant(permission: Capability): void {
    this.#granted.add(permission);
  }

  /** Makes a tool known; one of the same name is replaced. */
  registerTool(manifest: ToolManifest): void {
    this.#tools.set(manifest.name, manifest);
  }

  /** Decides about one call. A tool nobody registered is denied. */
  check(tool: string): Checked {
    const decision = this.decide(tool);
    return decision.allowed ? { ok: true } : { ok: false, denied: decision.denied, reason: decision.reason };
  }

  /** The same with all that is kept of it in the audit log. */
  decide(tool: string): Decision {
    const manifest = this.#tools.get(tool);
    const decision = manifest === undefined
      ? { tool, allowed: false, denied: [], grant: "nothing", reason: `there is no tool "${tool}"` }
      : decide(tool, manifest.needs, [...this.#granted]);
    this.#decisions.push(decision);
    if (this.#decisions.length > this.#kept) this.#decisions.shift();
    return decision;
  }

  /** Every decision so far, oldest first. */
  auditLog(): readonly Decision[] {
    return [...this.#decisions];
  }
}
