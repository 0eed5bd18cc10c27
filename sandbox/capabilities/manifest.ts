/**
 * What a tool says of itself.
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";

/**
 * A tool's name, what it is for and what it needs. Never changes: each method answers another manifest.
 *
 * ```ts
 * new ToolManifest("fetch_page").require("Network").withDescription("Reads a page of the web.");
 * ```
 */
export class ToolManifest {
  /** What it needs, each once, in the order of asking. */
  readonly needs: readonly Capability[];

  /** A tool that needs nothing, unless `needs` says more. */
  constructor(readonly name: string, needs: readonly Capability[] = [], readonly description: string = "") {
    this.needs = Object.freeze([...new Set(needs)]);
    Object.freeze(this);
  }

  /** The same tool, needing this as well. */
  require(permission: Capability): ToolManifest {
    return new ToolManifest(this.name, [...this.needs, permission], this.description);
  }

  /** The same tool in other words. */
  withDescription(text: string): ToolManifest {
    return new ToolManifest(this.name, this.needs, text);
  }
}
