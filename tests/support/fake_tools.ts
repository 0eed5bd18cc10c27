/**
 * Tools without actors, for tests of what serves them.
 *
 * ```ts
 * const tools = fakeTools([{ name: "add", invoke: ({ a, b }) => ({ ok: true, content: String(Number(a) + Number(b)) }) }]);
 * ```
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import type { Called, CallOptions, ListedTool, ToolSource } from "../../workspace/desk/desk.ts";

/** One tool. What is not said of it is that of a harmless tool without arguments of note. */
export interface FakeTool extends Partial<ListedTool> {
  readonly name: string;
  /**
   * Does it: text is a good outcome's content. May show items, ask the person and watch the signal. A `Fault` it throws
   * is thrown by `call`.
   */
  invoke(
    args: Readonly<Record<string, unknown>>,
    options: CallOptions,
  ): string | ToolOutcome | Called | Promise<string | ToolOutcome | Called>;
}

/** One call that was made. */
export interface MadeCall {
  readonly name: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly owner: string;
}

/** Tools, and what a test wants to know of them. */
export interface FakeTools extends ToolSource {
  /** All calls so far, also those at work. */
  readonly calls: readonly MadeCall[];
  /** Replaces the tools and tells listeners. */
  replace(tools: readonly FakeTool[]): void;
}

/** An in-memory {@linkcode ToolSource}. */
export function fakeTools(tools: readonly FakeTool[] = [ECHO]): FakeTools {
  let known = tools;
  let listed = known.map(listedAs);
  const calls: MadeCall[] = [];
  const listeners = new Set<() => void>();
  return {
    calls,
    list: () => Promise.resolve(listed),
    async call(name, args, options) {
      const tool = known.find((tool) => tool.name === name);
      if (tool === undefined) throw new Fault("unknown_tool", `Cannot call ${name}: there is no such tool`);
      calls.push({ name, args, owner: options.owner });
      if (tool.denied !== undefined) {
        return { outcome: { ok: false, kind: "denied", message: `TOOL_DENIED: ${tool.denied}` } };
      }
      return await unlessCancelled(
        name,
        options.signal,
        async () => asCalled(await tool.invoke(args, options)),
      );
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    replace(tools) {
      known = tools;
      listed = known.map(listedAs);
      for (const listener of listeners) listener();
    },
  };
}

/** Says its `text` again. */
export const ECHO: FakeTool = {
  name: "echo",
  description: "Says the text again.",
  parameters: {
    type: "object",
    properties: { text: { type: "string" } },
    required: ["text"],
    additionalProperties: false,
  },
  invoke: ({ text }) => String(text),
};

function listedAs({ invoke: _invoke, ...tool }: FakeTool): ListedTool {
  return {
    description: `Does ${tool.name}.`,
    parameters: { type: "object", properties: {} },
    annotations: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    settle: "repeatable",
    ...tool,
  };
}

function asCalled(made: string | ToolOutcome | Called): Called {
  if (typeof made === "string") return { outcome: { ok: true, content: made } };
  return "outcome" in made ? made : { outcome: made };
}

/** Rejects when the signal is aborted, whatever the tool does. */
async function unlessCancelled(
  name: string,
  signal: AbortSignal,
  work: () => Promise<Called>,
): Promise<Called> {
  const fault = () => new Fault("cancelled", `Cannot finish ${name}: it was cancelled`);
  if (signal.aborted) throw fault();
  const cancelled = Promise.withResolvers<never>();
  const cancel = () => cancelled.reject(fault());
  signal.addEventListener("abort", cancel, { once: true });
  try {
    return await Promise.race([cancelled.promise, work()]);
  } finally {
    signal.removeEventListener("abort", cancel);
  }
}
