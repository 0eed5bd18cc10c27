/**
 * Calling tools: whatever goes wrong becomes an outcome the model can read, unless nobody can know whether the call
 * happened.
 *
 * @module
 */
import type { Decision } from "../../protocols/messages/capability.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ToolCall, ToolSpec } from "../../protocols/messages/model.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import {
  ARTIFACT_BYTES,
  type FailureKind,
  type SettleClass,
  type ToolOutcome,
  type ToolProtocol,
} from "../../protocols/messages/tool.ts";
import type { Clock } from "../../supervisor/actor/define.ts";
import { RunEnd } from "./ending.ts";
import type { InsideCall } from "./inside_call.ts";

/** A tool in the hands of an agent. */
export interface AgentTool {
  /** What the model is told of it. */
  readonly spec: ToolSpec;
  /** What to do with a call that was begun and never answered. */
  readonly settle: SettleClass;
  /** Null when the agent knows of the tool and may not use it. */
  readonly ref: ActorRef<ToolProtocol> | null;
  /** Why it may not. */
  readonly reason?: string;
  /** What was decided about every call of it, for the audit log. */
  readonly decision?: Decision;
  /** Milliseconds one call may take. Default {@linkcode TOOL_TIMEOUT_MS}. */
  readonly timeoutMs?: number;
}

/** Milliseconds a tool call may take unless its tool says otherwise. */
export const TOOL_TIMEOUT_MS = 60_000;

/** Tries of a repeatable call while its actor dies. */
export const TOOL_ATTEMPTS = 3;

/** An outcome and how long it took, as journaled. */
export type TimedOutcome = {
  readonly outcome: ToolOutcome;
  readonly ms: number;
};

/** What an agent calls tools with. */
export interface Toolbox {
  readonly tools: readonly AgentTool[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly deadline: number | undefined;
}

/**
 * Performs a call. `begun` says that it may have happened before; what its tool says meanwhile goes to `inside`.
 * @throws {RunEnd} `blocked` when only a person can say whether it happened.
 */
export async function callTool(
  toolbox: Toolbox,
  call: ToolCall,
  begun: boolean,
  inside: InsideCall,
): Promise<TimedOutcome> {
  const started = toolbox.clock.now();
  const outcome = await outcomeOf(toolbox, call, begun, inside);
  return { outcome: withinBounds(outcome), ms: Math.max(0, toolbox.clock.now() - started) };
}

/** A failure as an outcome. */
export function failed(kind: FailureKind, message: string): ToolOutcome {
  return { ok: false, kind, message };
}

/** The arguments of a call, or what is wrong with them. */
export type Arguments = { readonly args: Record<string, unknown> } | { readonly wrong: ToolOutcome };

/** Reads the arguments of a call: one JSON object, or nothing. */
export function argumentsOf({ name, arguments: text }: ToolCall): Arguments {
  const wrong = (why: string) => ({
    wrong: failed("permanent", `Cannot read the arguments of ${name}: ${why}`),
  });
  if (text.trim() === "") return { args: {} };
  try {
    const args: unknown = JSON.parse(text);
    const isObject = typeof args === "object" && args !== null && !Array.isArray(args);
    return isObject ? { args: args as Record<string, unknown> } : wrong("they must be one JSON object");
  } catch (error) {
    return wrong(`they are broken JSON (${Fault.of(error).message})`);
  }
}

async function outcomeOf(
  toolbox: Toolbox,
  call: ToolCall,
  begun: boolean,
  inside: InsideCall,
): Promise<ToolOutcome> {
  const tool = toolbox.tools.find((tool) => tool.spec.name === call.name);
  if (tool === undefined) {
    return failed("not_found", `There is no tool "${call.name}". ${listed(toolbox.tools)}`);
  }
  if (tool.decision !== undefined) await inside.decided(tool.decision);
  if (tool.ref === null) return denied(tool.reason ?? `this agent may not use ${call.name}`);
  const read = argumentsOf(call);
  if ("wrong" in read) return read.wrong;
  if (begun && tool.settle === "ask") throw unknowable(call);
  let outcome: ToolOutcome;
  try {
    outcome = await tried(toolbox, { ...tool, ref: tool.ref }, call, read.args, inside);
  } catch (error) {
    await inside.abandon();
    throw error;
  }
  return await inside.end(outcome);
}

async function tried(
  toolbox: Toolbox,
  tool: AgentTool & { readonly ref: ActorRef<ToolProtocol> },
  call: ToolCall,
  args: Record<string, unknown>,
  inside: InsideCall,
): Promise<ToolOutcome> {
  for (let attempt = 1;; attempt++) {
    try {
      return await ask(toolbox, tool, args, inside);
    } catch (error) {
      if (toolbox.signal.aborted) throw error;
      const fault = Fault.of(error);
      if (fault.code !== "died") return asOutcome(fault, tool);
      if (tool.settle === "ask") throw unknowable(call);
      if (attempt === TOOL_ATTEMPTS) {
        return failed("transient", `${call.name} died ${attempt} times: ${fault.message}`);
      }
      await inside.again(fault.message, attempt + 1);
    }
  }
}

async function ask(
  toolbox: Toolbox,
  tool: AgentTool & { readonly ref: ActorRef<ToolProtocol> },
  args: Record<string, unknown>,
  inside: InsideCall,
): Promise<ToolOutcome> {
  const { signal } = toolbox;
  const stream = tool.ref.stream("invoke", args, { timeoutMs: timeLeft(toolbox, tool), signal });
  const [heard, reply] = await Promise.allSettled([inside.listen(stream, tool.ref), stream.reply]);
  if (reply.status === "rejected") throw reply.reason;
  if (heard.status === "rejected") throw heard.reason;
  return reply.value;
}

/** Pictures beyond what a journal should hold are left out, and the model is told so. */
function withinBounds(outcome: ToolOutcome): ToolOutcome {
  if (!outcome.ok || outcome.artifacts === undefined) return outcome;
  const bytes = outcome.artifacts.reduce((sum, { base64 }) => sum + base64.length * 3 / 4, 0);
  if (bytes <= ARTIFACT_BYTES) return outcome;
  const names = outcome.artifacts.map(({ name }) => name).join(", ");
  const note = `(left out, since they have more than ${ARTIFACT_BYTES} bytes together: ${names})`;
  return { ok: true, content: `${outcome.content}\n${note}` };
}

/** Refusals of the kernel, as opposed to those a tool answers itself. */
const DENIALS: ReadonlySet<string> = new Set(["denied", "grant_refused", "revoked", "not_capable"]);
const PASSING: ReadonlySet<string> = new Set(["timeout", "mailbox_full"]);

function asOutcome(fault: Fault, { settle, spec }: AgentTool): ToolOutcome {
  if (DENIALS.has(fault.code)) return denied(fault.message);
  if (fault.code === "timeout" && settle === "ask") {
    return failed(
      "transient",
      `${fault.message} (${spec.name} may or may not have done it: find out before you repeat it)`,
    );
  }
  return failed(
    PASSING.has(fault.code) || fault.retry === "later" ? "transient" : "permanent",
    fault.message,
  );
}

function denied(reason: string): ToolOutcome {
  return failed("denied", `TOOL_DENIED: ${reason}`);
}

function unknowable({ name, arguments: text }: ToolCall): RunEnd {
  const shown = text.length > 200 ? `${text.slice(0, 200)}...` : text;
  return new RunEnd(
    "blocked",
    `A process died during the call ${name} ${shown}, so it may or may not have happened. Find out, then resume the ` +
      "run with --assume done or --assume not-done",
  );
}

function listed(tools: readonly AgentTool[]): string {
  return tools.length === 0
    ? "There are no tools."
    : `Tools: ${tools.map(({ spec }) => spec.name).join(", ")}.`;
}

function timeLeft(
  { clock, deadline = Infinity }: Toolbox,
  { timeoutMs = TOOL_TIMEOUT_MS }: AgentTool,
): number {
  return Math.max(1, Math.min(timeoutMs, deadline - clock.now()));
}
