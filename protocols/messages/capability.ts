/**
 * What a tool may need, in words a person can grant.
 *
 * @module
 */
import { type Infer, schema } from "./protocol.ts";

/** A kind of authority a tool declares: one of the known ones, or a name of the tool's own. */
export const Capability = schema((z) =>
  z.union([
    z.enum([
      "FileRead",
      "FileWrite",
      "Network",
      "DatabaseRead",
      "DatabaseWrite",
      "ShellExec",
      "SecretAccess",
    ]),
    z.string().regex(/^Custom\([^()]{1,100}\)$/),
  ])
);
/** See the schema of the same name. */
export type Capability =
  | "FileRead"
  | "FileWrite"
  | "Network"
  | "DatabaseRead"
  | "DatabaseWrite"
  | "ShellExec"
  | "SecretAccess"
  | `Custom(${string})`;

/** One decision about one call of a tool, as kept with its run. */
export const Decision = schema((z) =>
  z.object({
    /** The tool. */
    tool: z.string(),
    /** Whether it was called. */
    allowed: z.boolean(),
    /** What it needs and was not granted. */
    denied: z.array(Capability(z)),
    /** What decided: the capabilities granted, a rule of the policy, a person. */
    grant: z.string(),
    /** Why, for people and models. */
    reason: z.string(),
  })
);
/** See the schema of the same name. */
export type Decision = Infer<typeof Decision>;
