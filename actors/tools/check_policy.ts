/**
 * The tool that says what the exec policy makes of a shell command, without running it.
 *
 * @module
 */
import { type Infer, schema } from "../../protocols/messages/protocol.ts";
import { judge } from "../../sandbox/policy/judge.ts";
import type { PolicyRule } from "../../sandbox/policy/rules.ts";
import { serve } from "../../supervisor/actor/serve.ts";
import { defineTool } from "./tool.ts";

/** What {@linkcode checkPolicy} is started with. */
export interface CheckPolicyOptions {
  /** Rules of one's own, beside those that hold by default. */
  readonly rules: readonly PolicyRule[];
  /** Absolute path of the workspace. */
  readonly workspace: string;
}

/** What {@linkcode checkPolicy} answers, as JSON text. */
export const PolicyCheck = schema((z) => {
  const verdict = z.enum(["allow", "ask", "deny"]);
  return z.object({
    verdict: verdict.describe("The strictest of the parts"),
    rule: z.string(),
    reason: z.string(),
    parts: z.array(
      z.object({
        program: z.string(),
        args: z.array(z.string()),
        verdict,
        rule: z.string(),
        reason: z.string(),
      }),
    ),
  });
});
/** See the schema of the same name. */
export type PolicyCheck = Infer<typeof PolicyCheck>;

/**
 * `{ command, cwd? }`; answers with JSON: the verdict (`allow`, `ask` or `deny`), the rule and the reason, then the same
 * for each part of the command. Needs no permission.
 */
export const checkPolicy = defineTool({
  module: import.meta.url,
  name: "check_policy",
  description: "Says whether a shell command would be allowed, asked for or denied, by which rule and why, " +
    "without running anything. Answers with JSON: verdict, rule, reason and the parts of the command.",
  parameters: (z) =>
    z.object({
      command: z.string().describe("The command, as for run_command"),
      cwd: z.string().optional().describe(
        "Folder it would start in, relative to the workspace; default: the workspace",
      ),
    }),
  settle: "repeatable",
  result: PolicyCheck,
  open: (options: CheckPolicyOptions) => options,
  invoke({ rules, workspace }, { command, cwd }) {
    const { verdict, rule, reason, parts } = judge(command, { rules, workspace, cwd });
    const told = parts.map((part) => ({ ...part, args: [...part.args] }));
    return JSON.stringify({ verdict, rule, reason, parts: told } satisfies PolicyCheck);
  },
});

if (import.meta.main) serve(checkPolicy);
