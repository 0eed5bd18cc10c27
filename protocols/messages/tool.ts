/**
 * What a tool actor answers. Every tool has the same message, `invoke`; its request schema is the tool's own
 * parameters, so the check and the definition given to a model come from the same lines. While it works it can show
 * output, report decisions, and ask whoever called it for other calls, which `answer` then answers.
 *
 * @module
 */
import type { ZodType } from "zod";
import { Decision } from "./capability.ts";
import { type Infer, type Protocol, protocol, schema, type Z } from "./protocol.ts";

/** Why a tool did not do what was asked. */
export const FailureKind = schema((z) => z.enum(["not_found", "transient", "permanent", "denied"]));
/** See the schema of the same name. */
export type FailureKind = Infer<typeof FailureKind>;

/** Something a tool made that is no text, a picture say. */
export const Artifact = schema((z) =>
  z.object({
    /** File name, "plot.png". */
    name: z.string(),
    /** "image/png". */
    mediaType: z.string(),
    base64: z.string(),
    /** Where it was saved, below the workspace. */
    path: z.string().optional(),
  })
);
/** See the schema of the same name. */
export type Artifact = Infer<typeof Artifact>;

/** Bytes the artifacts of one call may have together. */
export const ARTIFACT_BYTES = 4 * 1024 * 1024;

/** What a tool did. A refusal is an outcome like another: the model is told and adapts. */
export const ToolOutcome = schema((z) =>
  z.discriminatedUnion("ok", [
    z.object({
      ok: z.literal(true),
      content: z.string(),
      /** At most {@linkcode ARTIFACT_BYTES} together. Models are told their names only. */
      artifacts: z.array(Artifact(z)).optional(),
    }),
    z.object({ ok: z.literal(false), kind: FailureKind(z), message: z.string() }),
  ])
);
/** See the schema of the same name. */
export type ToolOutcome = Infer<typeof ToolOutcome>;

/** Where a piece of output was written. */
export const Channel = schema((z) => z.enum(["stdout", "stderr"]));
/** See the schema of the same name. */
export type Channel = Infer<typeof Channel>;

/** What a tool tells its caller while it works. */
export const ToolItem = schema((z) =>
  z.discriminatedUnion("type", [
    /** Shown to whoever watches; the model gets the outcome alone. */
    z.object({ type: z.literal("output"), channel: Channel(z), text: z.string() }),
    /**
     * Another tool is to be called on its behalf; `arguments` is JSON text. To be answered by `answer` with this id.
     * `at` counts them from 0.
     */
    z.object({
      type: z.literal("call"),
      id: z.string(),
      at: z.int(),
      name: z.string(),
      arguments: z.string(),
    }),
    /** What a policy or a person decided inside the tool. */
    z.object({ type: z.literal("decision"), decision: Decision(z) }),
  ])
);
/** See the schema of the same name. */
export type ToolItem = Infer<typeof ToolItem>;

/** Characters of output one call may show. */
export const OUTPUT_CHARS = 64 * 1024;
/** Calls one call may make of other tools. */
export const NESTED_CALLS = 1_000;
/** Characters the arguments of those calls may have together. */
export const NESTED_CHARS = 8 * 1024 * 1024;

/** What a tool is told of a call it asked for. */
export const Answer = schema((z) => z.object({ id: z.string(), outcome: ToolOutcome(z) }));

/** The messages of a tool whose parameters are `P`. */
export type ToolMessages<P extends ZodType = ZodType> = {
  /** Stream. */
  invoke: { request: P; item: ReturnType<typeof ToolItem>; reply: ReturnType<typeof ToolOutcome> };
  /** Cast. Nothing happens when nobody waits for it any more. */
  answer: { request: ReturnType<typeof Answer> };
};

/** The protocol of one tool. */
export type ToolProtocol<P extends ZodType = ZodType> = Protocol<ToolMessages<P>>;

/** Declares a tool's protocol from its parameters. */
export function toolProtocol<P extends ZodType>(name: string, parameters: (z: Z) => P): ToolProtocol<P> {
  return protocol(name, (z) => ({
    invoke: { request: parameters(z), item: ToolItem(z), reply: ToolOutcome(z) },
    answer: { request: Answer(z) },
  }));
}

/**
 * What may be done with a call that was begun and never answered because a process died:
 * `repeatable` does it again, `ask` stops the run until a person says whether it happened.
 */
export const SettleClass = schema((z) => z.enum(["repeatable", "ask"]));
/** See the schema of the same name. */
export type SettleClass = Infer<typeof SettleClass>;

/** What calling a tool does, for people and programs that decide whether to. */
export interface Annotations {
  /** It changes nothing. */
  readonly readOnly: boolean;
  /** It may destroy or overwrite something. */
  readonly destructive: boolean;
  /** A second call with the same arguments changes nothing more. */
  readonly idempotent: boolean;
  /** It deals with a world beyond the workspace: a network, another service. */
  readonly openWorld: boolean;
}
