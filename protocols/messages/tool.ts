/**
 * What a tool actor answers. Every tool has the same one message, `invoke`; its request schema is the
 * tool's own parameters, so the check and the definition given to a model come from the same lines.
 *
 * @module
 */
import type { ZodType } from "zod";
import { type Infer, type Protocol, protocol, schema, type Z } from "./protocol.ts";

/** Why a tool did not do what was asked. */
export const FailureKind = schema((z) => z.enum(["not_found", "transient", "permanent", "denied"]));
/** See the schema of the same name. */
export type FailureKind = Infer<typeof FailureKind>;

/** What a tool did. A refusal is an outcome like another: the model is told and adapts. */
export const ToolOutcome = schema((z) =>
  z.discriminatedUnion("ok", [
    z.object({ ok: z.literal(true), content: z.string() }),
    z.object({ ok: z.literal(false), kind: FailureKind(z), message: z.string() }),
  ])
);
/** See the schema of the same name. */
export type ToolOutcome = Infer<typeof ToolOutcome>;

/** The messages of a tool whose parameters are `P`. */
export type ToolMessages<P extends ZodType = ZodType> = {
  invoke: { request: P; reply: ReturnType<typeof ToolOutcome> };
};

/** The protocol of one tool. */
export type ToolProtocol<P extends ZodType = ZodType> = Protocol<ToolMessages<P>>;

/** Declares a tool's protocol from its parameters. */
export function toolProtocol<P extends ZodType>(name: string, parameters: (z: Z) => P): ToolProtocol<P> {
  return protocol(name, (z) => ({ invoke: { request: parameters(z), reply: ToolOutcome(z) } }));
}

/**
 * What may be done with a call that was begun and never answered because a process died:
 * `repeatable` does it again, `ask` stops the run until a person says whether it happened.
 */
export const SettleClass = schema((z) => z.enum(["repeatable", "ask"]));
/** See the schema of the same name. */
export type SettleClass = Infer<typeof SettleClass>;
