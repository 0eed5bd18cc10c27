/**
 * Getting Python packages: the one who asks has no network and receives bytes that were checked.
 *
 * @module
 */
import { type Infer, protocol, schema } from "./protocol.ts";

/** A file of packages that can be unpacked for Python. */
export const Wheel = schema((z) =>
  z.object({
    /** Normalized: "ruamel-yaml". */
    name: z.string(),
    version: z.string(),
    /** Ends with ".whl", or with ".zip" for shared libraries of the Pyodide distribution. */
    file: z.string(),
    /** Of the file, 64 lower-case hexadecimal digits. */
    sha256: z.string().regex(/^[0-9a-f]{64}$/),
    /** Of the file, in bytes. */
    size: z.int(),
    /** What `import` can name. */
    imports: z.array(z.string()),
    /** Paths of native code within the file. */
    native: z.array(z.string()),
  })
);
/** See the schema of the same name. */
export type Wheel = Infer<typeof Wheel>;

/** An import that no allowed package provides. */
export const DeniedImport = schema((z) =>
  z.object({
    /** As imported. */
    import: z.string(),
    /** Why, and what to put into the configuration. */
    message: z.string(),
  })
);
/** See the schema of the same name. */
export type DeniedImport = Infer<typeof DeniedImport>;

const Names = schema((z) => z.array(z.string().min(1).max(200)).max(100));

/** The protocol of whoever installs Python packages. */
export const Packages = protocol("packages", (z) => ({
  /**
   * Call. The allowed packages that provide these imports and all they need, what is needed first; fetched when they are
   * not here yet. Ask only for what Python does not find itself. Faults: as `wheels`.
   */
  provide: {
    request: z.object({ imports: Names(z) }),
    reply: z.object({ wheels: z.array(Wheel(z)), denied: z.array(DeniedImport(z)) }),
  },
  /**
   * Call. These packages and all they need, likewise. Faults: `not_allowed`, `unresolved`, `not_found`, `unreachable`,
   * `hash_mismatch`, `too_large`, `foreign_host`, `bad_archive`, `bad_lock`, `bad_index`.
   */
  wheels: { request: z.object({ names: Names(z) }), reply: z.array(Wheel(z)) },
  /** Stream. The content of a file a reply named, in base64, each piece at most 1 MiB of text. Replies its size. */
  bytes: {
    request: z.object({ sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
    item: z.string(),
    reply: z.int(),
  },
}));
