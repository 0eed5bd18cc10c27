/**
 * What a tool is: an actor that answers `invoke`, described from the same lines for the kernel's
 * check, the handler's types and the model.
 *
 * ```ts
 * export const uppercase = defineTool({
 *   module: import.meta.url,
 *   name: "uppercase",
 *   description: "Returns the text in capitals.",
 *   parameters: (z) => z.object({ text: z.string() }),
 *   settle: "repeatable",
 *   invoke: (_state, { text }) => text.toUpperCase(),
 * });
 * if (import.meta.main) serve(uppercase);
 * ```
 *
 * A tool that fails is not a fault: what `invoke` throws becomes an outcome the model is told of. Only a
 * {@linkcode Fault} of code `broken` means that the tool itself cannot go on: its actor dies and its supervisor
 * starts a new one.
 *
 * @module
 */
import type { z as zod, ZodObject, ZodRawShape } from "zod";
import type { Capability } from "../../protocols/messages/capability.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { type LazySchema, schema, type Z } from "../../protocols/messages/protocol.ts";
import {
  type Annotations,
  type FailureKind,
  type SettleClass,
  type ToolMessages,
  type ToolOutcome,
  type ToolProtocol,
  toolProtocol,
} from "../../protocols/messages/tool.ts";
import {
  type ActorDefinition,
  type Context,
  defineActor,
  type Isolation,
  later,
  next,
} from "../../supervisor/actor/define.ts";
import type { Grant } from "../../supervisor/actor/grant.ts";
import { annotationsOf } from "./annotations.ts";
import { Invocation, type ToolContext, type Waiting } from "./invocation.ts";

/** A tool's actor, and what a model and the journal need to know of it. */
export interface ToolDefinition<Options = unknown, Shape extends ZodRawShape = ZodRawShape>
  extends ActorDefinition<ToolProtocol<ZodObject<Shape>>, Options> {
  /** What is known of it without starting it. */
  readonly tool: {
    /** What the model calls it. */
    readonly name: string;
    /** What the model is told it does. */
    readonly description: string;
    /** What may be done with a call that was begun and never answered. */
    readonly settle: SettleClass;
    /** What it must be granted to be called; its worker's permissions are made of it. */
    readonly needs: readonly Capability[];
    /** What a call of it does. */
    readonly annotations: Annotations;
    /** What the content of a good outcome is, as JSON text. Absent when it is just text. */
    readonly result?: LazySchema<ZodObject>;
    /** JSON Schema of its arguments, where its protocol takes any object and somebody else checks them. */
    readonly parameters?: Readonly<Record<string, unknown>>;
    /** See {@linkcode ToolParts.keeps}. */
    readonly keeps?: string;
  };
}

/** What {@linkcode defineTool} is given. */
export interface ToolParts<Options, Shape extends ZodRawShape, State> {
  /** `import.meta.url` of the module that defines it. */
  module: string;
  /** What the model calls it: `[a-z_]`, at most 64 characters. */
  name: string;
  /** What the model is told it does. */
  description: string;
  /**
   * The arguments. Keys it does not name are refused. No defaults and no transforms: messages are checked,
   * not parsed, so `invoke` would never see what they make.
   */
  parameters: (z: Z) => ZodObject<Shape>;
  /** What may be done with a call that was begun and never answered. */
  settle: SettleClass;
  /** What it must be granted to be called; its worker's permissions are made of it. Default nothing. */
  needs?: readonly Capability[];
  /** What a call of it does, where that does not follow from `settle` and `needs`. */
  annotations?: Partial<Annotations>;
  /** What the content of a good outcome is, where it is JSON text. It may have more keys. */
  result?: LazySchema<ZodObject>;
  /** The argument that names what calls have in common, a session. Who calls for several people keeps theirs apart. */
  keeps?: NoInfer<keyof Shape & string>;
  /** Default `worker`. */
  isolation?: Isolation;
  /** The permissions it needs when its starter does not say. Default none. */
  grant?: Grant;
  /** Runs once when the actor starts; what it returns is handed to every `invoke`. */
  open: (options: Options, context: Context) => State | Promise<State>;
  /**
   * Whether several calls may be at work at once; else each waits for the one before. A tool that uses others
   * ({@linkcode ToolContext.use}) must be, and `repeatable`. Calls made by `invoke` itself then do not inherit the
   * caller's deadline: hand them `context.signal`. Default false.
   */
  concurrent?: boolean;
  /** Does it. Text is what the model is told; an outcome says how it failed. */
  invoke: (
    state: State,
    args: zod.infer<ZodObject<Shape>>,
    context: ToolContext,
  ) => ToolOutcome | string | Promise<ToolOutcome | string>;
}

/** A tool's state beside the calls it waits for. */
interface Opened<State> {
  readonly own: State;
  readonly waiting: Waiting;
}

/** A tool that keeps nothing: it has no options and no state. */
export type PlainToolParts<Shape extends ZodRawShape> = Omit<ToolParts<NoOptions, Shape, undefined>, "open">;

/** `{}`: what a tool that opens nothing is started with. */
export type NoOptions = Record<string, never>;

/** Describes a tool. See the module's example. */
export function defineTool<Shape extends ZodRawShape, Options, State>(
  parts: ToolParts<Options, Shape, State>,
): ToolDefinition<Options, Shape>;
/** Describes a tool that keeps nothing. */
export function defineTool<Shape extends ZodRawShape>(
  parts: PlainToolParts<Shape>,
): ToolDefinition<NoOptions, Shape>;
export function defineTool<Shape extends ZodRawShape, Options, State>(
  parts: Omit<ToolParts<Options, Shape, State>, "open"> & Partial<ToolParts<Options, Shape, State>>,
): ToolDefinition<Options, Shape> {
  const { module, name, description, settle, needs = [], isolation, grant, invoke, concurrent = false } =
    parts;
  const { result, keeps } = parts;
  // Without `open` the overloads leave `undefined` as the only state there can be.
  const { open = () => undefined as State } = parts;
  const parameters = schema((z) => parts.parameters(z).strict() as unknown as ZodObject<Shape>);
  const mayUse = concurrent && settle === "repeatable";
  const annotations = annotationsOf({ settle, needs, uses: mayUse }, parts.annotations);
  const actor = defineActor<ToolMessages<ZodObject<Shape>>, Options, Opened<State>>({
    module,
    protocol: toolProtocol(name, parameters),
    isolation,
    grant,
    init: async (options, context) => ({ own: await open(options, context), waiting: new Map() }),
    handle: {
      invoke: (state, args, stream) => {
        const invocation = new Invocation(stream, mayUse ? state.waiting : null);
        const outcome = outcomeOf(() => invoke(state.own, args, invocation.context))
          .finally(() => invocation.end());
        return concurrent ? later(state, outcome) : outcome.then((outcome) => next(state, outcome));
      },
      answer: (state, { id, outcome }) => {
        state.waiting.get(id)?.resolve(outcome);
        return next(state);
      },
    },
  });
  const known = { name, description, settle, needs, annotations };
  const more = { ...result === undefined ? {} : { result }, ...keeps === undefined ? {} : { keeps } };
  return { ...actor, tool: { ...known, ...more } };
}

async function outcomeOf(
  invoke: () => ToolOutcome | string | Promise<ToolOutcome | string>,
): Promise<ToolOutcome> {
  try {
    const result = await invoke();
    return typeof result === "string" ? { ok: true, content: result } : result;
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    // A Fault would be an answer; what is none ends the actor.
    if (error instanceof Fault && error.code === "broken") throw new Error(message, { cause: error });
    return { ok: false, kind: kindOf(error), message };
  }
}

function kindOf(error: unknown): FailureKind {
  if (error instanceof Fault) {
    if (error.code === "not_found" || error.code === "denied") return error.code;
    return error.retry === "later" ? "transient" : "permanent";
  }
  if (error instanceof Deno.errors.NotFound) return "not_found";
  if (error instanceof Deno.errors.NotCapable || error instanceof Deno.errors.PermissionDenied) {
    return "denied";
  }
  return "permanent";
}
