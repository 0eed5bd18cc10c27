/**
 * Giving up the permissions of a worker, for good.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";

const KINDS = ["read", "write", "net", "env", "sys", "run", "ffi", "import"] as const;

/**
 * Passes when none of this worker's permissions is unlimited, so that giving them up cannot strip a whole process.
 * @throws {Fault} code `not_contained`, naming what is granted in full.
 */
export function requireLimitedPermissions(): void {
  const unlimited = KINDS.filter((name) => stateOf({ name } as Deno.PermissionDescriptor) === "granted");
  if (unlimited.length > 0) {
    throw new Fault(
      "not_contained",
      `Cannot contain code here: this thread may ${unlimited.join(", ")} without limit; ` +
        "start a worker that may only read what it loads",
    );
  }
}

/**
 * Takes every permission from this worker. Others are not touched, and nothing brings them back.
 * @throws {Fault} code `not_contained` when something is still granted: then no foreign code may run.
 */
export function renouncePermissions(readPath: string): void {
  for (const name of KINDS) Deno.permissions.revokeSync({ name } as Deno.PermissionDescriptor);
  const left = KINDS.filter((name) => stateOf({ name } as Deno.PermissionDescriptor) === "granted");
  // A grant of some paths does not show in the answer for the whole kind.
  if (stateOf({ name: "read", path: readPath }) === "granted") left.push("read");
  if (left.length > 0) {
    throw new Fault("not_contained", `Cannot contain code here: this worker still may ${left.join(", ")}`);
  }
}

function stateOf(descriptor: Deno.PermissionDescriptor): Deno.PermissionState {
  return Deno.permissions.querySync(descriptor).state;
}
