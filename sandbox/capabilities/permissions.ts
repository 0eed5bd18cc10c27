/**
 * From what a tool was granted to what its worker may do: the declaration is kept by the platform.
 *
 * | capability      | the worker may                                    |
 * | --------------- | ------------------------------------------------- |
 * | `FileRead`      | read below the workspace                          |
 * | `FileWrite`     | write below the workspace; not read there         |
 * | `Network`       | connect to the hosts                              |
 * | `DatabaseRead`  | read the database files                           |
 * | `DatabaseWrite` | read and write them and what is kept beside them  |
 * | `ShellExec`     | start the programs, read where they are           |
 * | `SecretAccess`  | read the variables (a worker finds none: it is    |
 * |                 | handed the one value it uses in its options)      |
 * | `Custom(name)`  | what the scope says of that name                  |
 *
 * @module
 */
import type { Capability } from "../../protocols/messages/capability.ts";
import type { Grant, Permissions } from "../../supervisor/actor/grant.ts";

/** What capabilities are about. What is absent is nothing: no capability alone reaches anywhere. */
export interface Scope {
  /** Folder. */
  readonly workspace?: string;
  /** "host" or "host:port". */
  readonly hosts?: readonly string[];
  /** Names or paths; `true` is any, for a tool that judges commands itself. */
  readonly programs?: true | readonly string[];
  /** Folders in which programs are looked for. */
  readonly programFolders?: readonly string[];
  /** Paths of files. */
  readonly databases?: readonly string[];
  /** Names of variables of the environment. */
  readonly variables?: readonly string[];
  /** By the name in `Custom(name)`. */
  readonly custom?: Readonly<Record<string, Permissions>>;
}

/** Exactly what these capabilities come to within that scope. */
export function permissionsFor(capabilities: readonly Capability[], scope: Scope): Grant {
  const merged: { -readonly [K in keyof Permissions]: Permissions[K] } = {};
  for (const capability of new Set(capabilities)) {
    for (const [kind, more] of entriesOf(permissionsOf(capability, scope))) {
      const known = merged[kind];
      if (more === undefined || (more !== true && more.length === 0)) continue;
      merged[kind] = known === true || more === true ? true : [...new Set([...known ?? [], ...more])];
    }
  }
  return Object.keys(merged).length === 0 ? "none" : merged;
}

function permissionsOf(capability: Capability, scope: Scope): Permissions {
  const { hosts = [], programs = [], programFolders = [], databases = [], variables = [] } = scope;
  const workspace = scope.workspace === undefined ? [] : [scope.workspace];
  switch (capability) {
    case "FileRead":
      return { read: workspace };
    case "FileWrite":
      return { write: workspace };
    case "Network":
      return { net: hosts };
    case "DatabaseRead":
      return { read: databases };
    case "DatabaseWrite": {
      const beside = databases.flatMap((file) => ["", "-journal", "-wal", "-shm"].map((end) => file + end));
      return { read: beside, write: beside };
    }
    case "ShellExec":
      return { run: programs, read: programFolders };
    case "SecretAccess":
      return { env: variables };
    default: {
      const name = /^Custom\((.*)\)$/.exec(capability)?.[1] ?? "";
      const { custom = {} } = scope;
      return Object.hasOwn(custom, name) ? custom[name]! : {};
    }
  }
}

function entriesOf(permissions: Permissions): [keyof Permissions, Permissions[keyof Permissions]][] {
  return Object.entries(permissions) as [keyof Permissions, Permissions[keyof Permissions]][];
}
