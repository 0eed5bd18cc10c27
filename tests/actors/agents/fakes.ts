/**
 * References without a kernel: plain objects that answer in this thread, so that agents can be crashed at will.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Agent } from "../../../protocols/messages/agent.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Journal } from "../../../protocols/messages/journal.ts";
import type {
  Model,
  ThinkDelta,
  ThinkOutcome,
  ThinkRequest,
  Thought,
  ToolCall,
} from "../../../protocols/messages/model.ts";
import type { ActorRef, ActorStream, CallOptions } from "../../../protocols/messages/ref.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import type { ToolOutcome, ToolProtocol } from "../../../protocols/messages/tool.ts";
import type { AgentOptions, World } from "../../../actors/agents/agent_options.ts";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import type { RunRequest } from "../../../actors/agents/follow.ts";
import type { AgentTool } from "../../../actors/agents/tool_calls.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { HandClock } from "../../support/hand_clock.ts";

/** What a fake answers with, given what it was sent. */
export interface Behind {
  call?(name: string, request: unknown, options: CallOptions): Promise<unknown>;
  stream?(
    name: string,
    request: unknown,
    send: (item: unknown) => Promise<void>,
    signal: AbortSignal,
    options: CallOptions,
  ): Promise<unknown>;
  cast?(name: string, request: unknown): void;
}

/** A reference to whatever is behind it. Messages are copied, as a port would. */
export function fakeRef<P>(name: string, behind: Behind): P {
  const call = (message: string, request: unknown, options: CallOptions = {}) => {
    const answer = behind.call?.(message, copy(request), options) ??
      Promise.reject(new Error("no such call"));
    return untilAborted(answer.then(copy), options.signal);
  };
  const stream = (message: string, request: unknown, options: CallOptions = {}) =>
    fakeStream((send, signal) => behind.stream?.(message, copy(request), send, signal, options), options);
  const cast = (message: string, request: unknown) => (behind.cast?.(message, copy(request)), true);
  return { name, call, stream, cast, close() {} } as unknown as P;
}

/** A journal as the reference agents hold. */
export function journalRef(journal: JournalPort): ActorRef<typeof Journal> {
  return fakeRef("store", {
    call: (name, request) =>
      (journal as Record<string, (request: unknown) => Promise<unknown>>)[name]!(request),
  });
}

/** What a fake model does with a request: answers, and streams the text word by word. */
export type Mind = (
  request: ThinkRequest,
  send: (delta: ThinkDelta) => Promise<void>,
) => Promise<ThinkOutcome>;

/** A model. */
export function modelRef(mind: Mind): ActorRef<typeof Model> {
  return fakeRef("model", {
    async stream(_name, request, send) {
      const outcome = await mind(request as ThinkRequest, send);
      if (outcome.ok) {
        for (const text of outcome.thought.text.match(/\S+\s*/g) ?? []) await send({ type: "text", text });
      }
      return outcome;
    },
  });
}

/** A thought that used 10 input and 5 output tokens and cost 20 nano-USD. */
export function said(text: string, toolCalls: ToolCall[] = [], more: Partial<Thought> = {}): ThinkOutcome {
  return {
    ok: true,
    thought: {
      text,
      toolCalls,
      usage: { inputTokens: 10, cachedTokens: 0, outputTokens: 5, estimated: false },
      model: "fake-1",
      costNanoUsd: 20,
      finish: toolCalls.length > 0 ? "tool_calls" : "stop",
      ...more,
    },
  };
}

/** A call. */
export function called(id: string, name: string, args: unknown): ToolCall {
  return { id, name, arguments: typeof args === "string" ? args : JSON.stringify(args) };
}

/** A model that answers from a list, and fails the test on one request too many or one answer left over. */
export function listed(outcomes: readonly (ThinkOutcome | Fault)[]) {
  const requests: ThinkRequest[] = [];
  return {
    requests,
    ref: modelRef((request) => {
      const outcome = outcomes[requests.length];
      requests.push(request);
      assert.ok(outcome, `request ${requests.length} is one too many: ${JSON.stringify(request.lines)}`);
      return outcome instanceof Fault ? Promise.reject(outcome) : Promise.resolve(outcome);
    }),
    done: () => assert.equal(requests.length, outcomes.length, "answers are left over"),
  };
}

/** A tool in an agent's hands. */
export function tool(
  name: string,
  invoke: (args: Record<string, unknown>, options: CallOptions) => ToolOutcome | Promise<ToolOutcome>,
  more: Partial<AgentTool> = {},
): AgentTool {
  return {
    spec: { name, description: `The tool ${name}.`, parameters: { type: "object" } },
    settle: "repeatable",
    ref: fakeRef<ActorRef<ToolProtocol>>(name, {
      stream: async (_name, args, _send, _signal, options) =>
        await invoke(args as Record<string, unknown>, options),
    }),
    ...more,
  };
}

/** Answers its `text`. */
export const echo = tool("echo", ({ text }) => ({ ok: true, content: String(text) }));

/** An agent's options with nothing but a model and a journal. */
export function anAgent(
  model: ActorRef<typeof Model>,
  journal: JournalPort,
  more: Partial<AgentOptions> = {},
): AgentOptions {
  return {
    name: "lead",
    model,
    modelName: "fake",
    price: { input: 1_000, cached: 1_000, output: 2_000 },
    journal: journalRef(journal),
    program: "react",
    contextWindow: 100_000,
    tools: [],
    ...more,
  };
}

/** A run of run "r". */
export function asked(more: Partial<RunRequest> = {}): RunRequest {
  return { run: "r", task: "do it", limits: { turns: 25 }, replay: false, ...more };
}

/** A world in which agents run in this thread, and what they told. */
export function aWorld(more: Partial<World> = {}): World & { events: RunEvent[]; running: Set<string> } {
  const events: RunEvent[] = [];
  const running = new Set<string>();
  const world: World = {
    clock: new HandClock(),
    signal: new AbortController().signal,
    emit: (event) => {
      events.push(copy(event));
      return Promise.resolve();
    },
    startAgent(name, options) {
      if (running.has(name)) return Promise.reject(new Fault("name_taken", `"${name}" is taken`));
      running.add(name);
      return Promise.resolve(agentRef(options, world));
    },
    stopAgent(name) {
      running.delete(name);
      return Promise.resolve();
    },
    ...more,
  };
  return { ...world, events, running };
}

/** An agent behind a reference. */
export function agentRef(options: AgentOptions, world: World): ActorRef<typeof Agent> {
  return fakeRef(options.name, {
    stream: (_name, request, emit, signal) =>
      runAgent(options, request as RunRequest, { ...world, emit, signal }),
  });
}

/** As JSON would bring it over. */
export function copy<T>(value: T): T {
  return value === undefined ? value : JSON.parse(JSON.stringify(value));
}

function fakeStream(
  open: (send: (item: unknown) => Promise<void>, signal: AbortSignal) => Promise<unknown> | undefined,
  options: CallOptions,
): ActorStream<unknown, unknown> {
  const cancelled = new AbortController();
  const items: unknown[] = [];
  let wake = Promise.withResolvers<void>();
  let ended = false;
  const send = (item: unknown) => {
    if (cancelled.signal.aborted) return Promise.reject(gaveUp());
    items.push(copy(item));
    wake.resolve();
    return Promise.resolve();
  };
  const cancel = () => cancelled.abort(gaveUp());
  if (options.signal?.aborted) cancel();
  options.signal?.addEventListener("abort", cancel, { once: true, signal: cancelled.signal });
  const answer = open(send, cancelled.signal) ?? Promise.reject(new Error("no such stream"));
  const reply = untilAborted(answer.then(copy), cancelled.signal).finally(() => {
    ended = true;
    wake.resolve();
  });
  return {
    reply,
    cancel,
    async *[Symbol.asyncIterator]() {
      try {
        for (;;) {
          while (items.length > 0) yield items.shift();
          if (ended) return;
          await wake.promise;
          wake = Promise.withResolvers();
        }
      } finally {
        if (!ended) cancel();
      }
    },
  };
}

/** Fails as the kernel does when the caller gives up. */
function untilAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return answer;
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  const abort = () => reject(gaveUp());
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort, { once: true });
  answer.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  return promise;
}

function gaveUp(): Fault {
  return new Fault("cancelled", "Cannot finish: the caller cancelled it");
}
