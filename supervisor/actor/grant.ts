/**
 * The permissions of one worker, and the rule that they only shrink on the way down (K10).
 *
 * @module
 */
import { resolve, sep } from "node:path";
import { Fault } from "../../protocols/messages/fault.ts";

/** `true` is all of a kind, a list is exactly those, absent is nothing. */
export interface Permissions {
  /** Paths. */
  readonly read?: true | readonly string[];
  /** Paths. */
  readonly write?: true | readonly string[];
  /** "host" or "host:port". */
  readonly net?: true | readonly string[];
  /** Names of variables. */
  readonly env?: true | readonly string[];
  /** Names of system calls, as Deno's `--allow-sys`. */
  readonly sys?: true | readonly string[];
  /** Programs. */
  readonly run?: true | readonly string[];
  /** Paths of native libraries. */
  readonly ffi?: true | readonly string[];
}

/** What a worker may do. */
export type Grant = "none" | Permissions;

/** Everything, for the root of a tree; what the process itself may not do is refused by Deno. */
export const ALL: Permissions = {
  read: true,
  write: true,
  net: true,
  env: true,
  sys: true,
  run: true,
  ffi: true,
};

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi"] as const;

/**
 * Passes when `asked` is within `allowed`.
 * @throws {Fault} code `grant_refused`, naming what was asked and what was allowed.
 */
export function attenuate(actor: string, asked: Grant, allowed: Grant): Grant {
  if (asked === "none") return asked;
  const within = allowed === "none" ? {} : allowed;
  for (const kind of KINDS) {
    const wants = asked[kind];
    if (wants === undefined) continue;
    const may = within[kind] ?? [];
    if (may === true) continue;
    const refused = wants === true ? ["everything"] : wants.filter((want) => !covers(kind, may, want));
    if (refused.length > 0) {
      throw new Fault(
        "grant_refused",
        `Cannot start "${actor}": it asks to ${kind} ${refused.join(", ")} but its parent may ` +
          (may.length === 0 ? `${kind} nothing` : `only ${kind} ${may.join(", ")}`),
      );
    }
  }
  return asked;
}

/** A path covers what lies below it, however it is written, a host all of its ports; the other kinds are exact. */
function covers(kind: (typeof KINDS)[number], allowed: readonly string[], wanted: string): boolean {
  if (kind === "read" || kind === "write" || kind === "ffi") {
    const path = resolve(wanted);
    return allowed.map((root) => resolve(root)).some((root) =>
      path === root || path.startsWith(root.endsWith(sep) ? root : root + sep)
    );
  }
  if (kind === "net") return allowed.some((host) => wanted === host || wanted.startsWith(host + ":"));
  return allowed.includes(wanted);
}
