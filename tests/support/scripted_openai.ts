/**
 * A strict, scripted provider on the loopback interface. Each request must be one that a strict provider
 * accepts and that the script expects; a request too many, an answer left over or a violation fails the
 * test when the server is closed.
 *
 * ```ts
 * await using server = scriptedOpenAi([
 *   toolCalls([{ id: "c1", name: "echo", arguments: { text: "hi" } }]),
 *   { expect: { last: /hi/ }, answer: text("It said hi") },
 *   (request) => text(`${request.body.messages.length} lines`),
 * ]);
 * const endpoint = server.endpoint(); // baseUrl, apiKey, model, price
 * ```
 *
 * @module
 */
import { deepStrictEqual } from "node:assert/strict";
import { type Answer, respond } from "./chat_answer.ts";
import { ChatRequest, orderProblems } from "./chat_check.ts";

export * from "./chat_answer.ts";
export type { ChatMessage, ChatRequest } from "./chat_check.ts";

/** A request that passed all checks; frozen. */
export interface SeenRequest {
  /** 0, 1, 2, ... among those that passed. */
  readonly index: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ChatRequest;
}

/** What a step wants of its request; whatever is absent is not looked at. */
export interface Expectation {
  /** Roles of all lines in order. */
  readonly roles?: readonly string[];
  /** The text of the last line, or a pattern for it. */
  readonly last?: string | RegExp;
  /** Names of the tools offered. */
  readonly tools?: readonly string[];
  readonly stop?: readonly string[];
  readonly model?: string;
}

/** One request of the script: an answer, a function that looks and answers, or both parts by name. */
export type Step =
  | Answer
  | ((request: SeenRequest) => Answer | Promise<Answer>)
  | {
    /** What must hold; a function throws when it does not. */
    readonly expect: Expectation | ((request: SeenRequest) => void);
    readonly answer: Answer;
  };

/** A running provider. */
export interface ScriptedOpenAi extends AsyncDisposable {
  /** "http://127.0.0.1:<port>/v1". */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Requests that passed all checks, in order of arrival. */
  readonly requests: readonly SeenRequest[];
  /** How often a conversation was asked again with the idempotency key it was first asked with. */
  readonly repeats: number;
  /** What the model actor wants to know of it. */
  endpoint(model?: string): { baseUrl: string; apiKey: string; model: string; price: null };
  /** Resolves once `count` requests in all have passed the checks. */
  received(count: number): Promise<void>;
  /**
   * Resolves once `count` clients in all have hung up in the middle of an answer. Deno 2.9 does not tell a
   * server of a client that leaves before the answer began, unless its request was very short.
   */
  hungUp(count: number): Promise<void>;
  /**
   * Closes the server; called on disposal too, and once is enough.
   * @throws {Error} listing violations, requests beyond the script and steps left over.
   */
  finish(): Promise<void>;
}

/** Answers from a list, each step once and in order. */
export function scriptedOpenAi(script: readonly Step[]): ScriptedOpenAi {
  const left = [...script];
  return serveChat({
    async answer(request) {
      const step = left.shift();
      if (step === undefined) throw new Error(`a request beyond the script of ${script.length} steps`);
      if (typeof step === "function") return await step(request);
      if (!("expect" in step)) return step;
      check(step.expect, request);
      return step.answer;
    },
    leftOver: () =>
      left.length === 0 ? [] : [`${left.length} of ${script.length} steps were never asked for`],
  });
}

/**
 * Answers as a pure function of the conversation, for runs that are killed and resumed. Asking the same
 * conversation twice is the violation "repeated model call", unless `sameKeyMayRepeat` and the repeat
 * carries the idempotency key of the first: then it is answered alike and counted in `repeats`.
 */
scriptedOpenAi.byConversation = function (
  answer: (request: SeenRequest) => Answer,
  { sameKeyMayRepeat = false }: { sameKeyMayRepeat?: boolean } = {},
): ScriptedOpenAi {
  const asked = new Map<string, string | undefined>();
  return serveChat({
    answer(request, repeated) {
      const conversation = JSON.stringify(request.body.messages);
      const key = request.headers["idempotency-key"];
      if (!asked.has(conversation)) asked.set(conversation, key);
      else if (sameKeyMayRepeat && key !== undefined && asked.get(conversation) === key) repeated();
      else throw new Error(`repeated model call: ${conversation.slice(-200)}`);
      return Promise.resolve(answer(request));
    },
    leftOver: () => [],
  });
};

/** Answers as a function of the conversation, however often and in whatever order it is asked. */
scriptedOpenAi.always = function (answer: (request: SeenRequest) => Answer): ScriptedOpenAi {
  return serveChat({ answer: (request) => Promise.resolve(answer(request)), leftOver: () => [] });
};

interface Script {
  /** Throws what is wrong. */
  answer(request: SeenRequest, repeated: () => void): Promise<Answer>;
  leftOver(): string[];
}

const KEY = "sk-scripted-0123456789";

function serveChat(script: Script): ScriptedOpenAi {
  const closing = new AbortController();
  const violations: string[] = [];
  const requests: SeenRequest[] = [];
  const received = new Tally();
  const hungUp = new Tally();
  let came = 0;
  let repeats = 0;
  let finished: Promise<void> | undefined;

  async function handle(request: Request): Promise<Response> {
    const number = ++came;
    try {
      const seen = await inspect(request, requests.length);
      requests.push(seen);
      request.signal.addEventListener("abort", () => hungUp.add());
      received.add();
      return await respond(await script.answer(seen, () => repeats++), seen.body, closing.signal);
    } catch (error) {
      const problem = `request ${number}: ${error instanceof Error ? error.message : error}`;
      violations.push(problem);
      return Response.json({ error: { message: problem, code: "script_violation" } }, { status: 400 });
    }
  }

  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handle);
  const baseUrl = `http://127.0.0.1:${server.addr.port}/v1`;

  async function close(): Promise<void> {
    closing.abort();
    await server.shutdown();
    const problems = [...violations, ...script.leftOver()];
    if (problems.length > 0) throw new Error(`The scripted provider saw:\n- ${problems.join("\n- ")}`);
  }
  const finish = () => finished ??= close();

  return {
    baseUrl,
    apiKey: KEY,
    requests,
    get repeats() {
      return repeats;
    },
    endpoint: (model = "scripted-model") => ({ baseUrl, apiKey: KEY, model, price: null }),
    received: (count) => received.reached(count),
    hungUp: (count) => hungUp.reached(count),
    finish,
    [Symbol.asyncDispose]: finish,
  };
}

/** Checks all that does not depend on the script. */
async function inspect(request: Request, index: number): Promise<SeenRequest> {
  const problems: string[] = [];
  const { pathname, search } = new URL(request.url);
  if (request.method !== "POST" || pathname !== "/v1/chat/completions" || search !== "") {
    problems.push(`${request.method} ${pathname}${search} is not POST /v1/chat/completions`);
  }
  if (request.headers.get("authorization") !== `Bearer ${KEY}`) problems.push("the bearer key is not ours");
  if (request.headers.get("content-type") !== "application/json") {
    problems.push("the content type is not JSON");
  }
  const parsed = ChatRequest.safeParse(await json(request));
  if (!parsed.success) {
    problems.push(...parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`));
  } else problems.push(...orderProblems(parsed.data.messages));
  if (problems.length > 0 || !parsed.success) throw new Error(problems.join("; "));
  return freeze({ index, headers: Object.fromEntries(request.headers), body: parsed.data });
}

async function json(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return "no JSON"; // no schema accepts it
  }
}

function check(expect: Expectation | ((request: SeenRequest) => void), request: SeenRequest): void {
  if (typeof expect === "function") return expect(request);
  const { messages, tools = [], stop = [], model } = request.body;
  const last = messages.at(-1)?.content ?? "";
  const found = {
    roles: messages.map((message) => message.role),
    tools: tools.map((tool) => tool.function.name),
    stop,
    model,
    last,
  };
  const { last: wantedLast, ...wanted } = expect;
  for (const [name, value] of Object.entries(wanted)) {
    deepStrictEqual(
      found[name as keyof typeof found],
      value,
      `${name} of the request are not those expected`,
    );
  }
  const matches = wantedLast instanceof RegExp ? wantedLast.test(last) : (wantedLast ?? last) === last;
  if (!matches) throw new Error(`the last line ${JSON.stringify(last.slice(0, 200))} is not ${wantedLast}`);
}

function freeze<T>(value: T): T {
  if (typeof value === "object" && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(freeze);
  }
  return value;
}

/** Counts, and wakes who waits for a count. */
class Tally {
  count = 0;
  readonly #waiting = new Map<number, PromiseWithResolvers<void>>();

  add(): void {
    this.count++;
    this.#waiting.get(this.count)?.resolve();
  }

  reached(count: number): Promise<void> {
    if (this.count >= count) return Promise.resolve();
    const waiting = this.#waiting.get(count) ?? Promise.withResolvers<void>();
    this.#waiting.set(count, waiting);
    return waiting.promise;
  }
}
