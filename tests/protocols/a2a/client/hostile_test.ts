/**
 * Remote agents that lie, break, stall or flood: the run ends with a reason, and nothing worse happens.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunEvent, RunStatus } from "../../../../protocols/messages/run.ts";
import { HandClock } from "../../../support/hand_clock.ts";
import { ask, type Asking } from "./asking.ts";
import { type Manner, RealServer } from "./real_server.ts";

const SSE = { headers: { "content-type": "text/event-stream" } };
const isCard = (request: Request) => new URL(request.url).pathname.startsWith("/.well-known/");

/** Answers all but the card so. */
function rpc(answer: (request: Request) => Response | undefined | Promise<Response | undefined>): Manner {
  return { instead: (request) => isCard(request) ? undefined : answer(request) };
}

/** Answers the card so. */
function card(answer: (request: Request) => Response): Manner {
  return { instead: (request) => isCard(request) ? answer(request) : undefined };
}

/** The events of a stream, as JSON-RPC results of the request. */
async function events(request: Request, ...results: readonly unknown[]): Promise<Response> {
  const { id } = await request.json();
  return new Response(
    results.map((result) => `data: ${JSON.stringify({ jsonrpc: "2.0", id, result })}\n\n`).join(""),
    SSE,
  );
}

const STATUS = (state: string, text = "") => ({
  state,
  message: { messageId: "m", role: "ROLE_AGENT", parts: [{ text }] },
});
const TASK = (state: string, text = "", more: object = {}) => ({
  task: { id: "t", contextId: "c", status: STATUS(state, text), ...more },
});

interface Case {
  readonly what: string;
  readonly manner: Manner;
  readonly status: RunStatus;
  readonly reason: RegExp;
  readonly asking?: Asking;
  /** Default "say hello". */
  readonly task?: string;
}

const cases: readonly Case[] = [
  {
    what: "no card",
    manner: card(() => new Response("no", { status: 404 })),
    status: "failed",
    reason: /Cannot find an agent card at .*agent-card\.json or .*agent\.json/,
  },
  {
    what: "a card behind a login",
    manner: card(() => new Response("who?", { status: 401 })),
    status: "denied",
    reason: /it answers 401, so its token or key is to be looked at/,
  },
  {
    what: "a card that breaks",
    manner: card(() => new Response("oh", { status: 500 })),
    status: "failed",
    reason: /Cannot read the agent card .*: the answer is 500/,
  },
  {
    what: "a card that is no JSON",
    manner: card(() => new Response("<html>")),
    status: "failed",
    reason: /it is no JSON object/,
  },
  {
    what: "a card that is a number",
    manner: card(() => Response.json(3)),
    status: "failed",
    reason: /it is no JSON object/,
  },
  {
    what: "a card without an interface",
    manner: { card: (card) => ({ ...card, supportedInterfaces: [] }) },
    status: "failed",
    reason: /names no JSONRPC or HTTP\+JSON interface/,
  },
  {
    what: "a card whose interfaces are nonsense",
    manner: {
      card: (card) => ({
        ...card,
        supportedInterfaces: [null, 3, { url: 4 }, { url: "x:", protocolBinding: {} }],
      }),
    },
    status: "failed",
    reason: /names no JSONRPC or HTTP\+JSON interface/,
  },
  {
    what: "a card that leads to another host",
    manner: {
      card: (card) => ({
        ...card,
        supportedInterfaces: [{
          url: "http://localhost:1/rpc",
          protocolBinding: "JSONRPC",
          protocolVersion: "1.0",
        }],
      }),
    },
    status: "failed",
    reason: /its interfaces are at http:\/\/localhost:1, and only http:\/\/127\.0\.0\.1:\d+ may be asked/,
  },
  {
    what: "a card of 20 MB",
    manner: card(() => new Response("x".repeat(20e6))),
    status: "failed",
    reason: /it is more than 16777216 bytes/,
  },
  {
    what: "requests that are refused at the door",
    manner: rpc(() => new Response("no", { status: 403 })),
    status: "denied",
    reason: /it answers 403/,
  },
  {
    what: "an error of the protocol",
    manner: rpc(async (request) => {
      const { id } = await request.json();
      return Response.json({ jsonrpc: "2.0", id, error: { code: -32602, message: "say please\x1b[2J" } });
    }),
    status: "failed",
    reason: /did not take the task: say please\[2J$/,
  },
  {
    what: "an error that says little",
    manner: rpc(async (request) => {
      const { id } = await request.json();
      return Response.json({ jsonrpc: "2.0", id, error: { code: -32603, message: "oops" } });
    }),
    status: "failed",
    reason: /nobody knows whether weather took the task: .*oops/,
  },
  {
    what: "requests that are too many",
    manner: rpc(() => new Response("slow down", { status: 429 })),
    status: "failed",
    reason: /did not take the task: .*it answers 429/,
  },
  {
    what: "a gateway that fails",
    manner: rpc(() => new Response("bad gateway", { status: 502 })),
    status: "failed",
    reason: /nobody knows whether weather took the task: .*502/,
  },
  {
    what: "an answer that is a web page",
    manner: rpc(() => new Response("<html>", { headers: { "content-type": "text/html" } })),
    status: "failed",
    reason: /nobody knows whether weather took the task/,
  },
  {
    what: "a stream that ends before it began",
    manner: rpc(() => new Response("", SSE)),
    status: "failed",
    reason: /ended its answer before it said anything/,
  },
  {
    what: "a stream of broken JSON",
    manner: rpc(() => new Response('data: {"jsonrpc": "2.0", "id": 1, "res\n\n', SSE)),
    status: "failed",
    reason: /nobody knows whether weather took the task: .*parse/,
  },
  {
    what: "a stream that answers another request",
    manner: rpc(() => new Response('data: {"jsonrpc":"2.0","id":99,"result":{}}\n\n', SSE)),
    status: "failed",
    reason: /nobody knows whether weather took the task: .*mismatch/,
  },
  {
    what: "an event of nothing",
    manner: rpc((request) => events(request, {})),
    status: "failed",
    reason: /neither a task nor a message/,
  },
  {
    what: "an event of 5 MB",
    manner: rpc((request) => events(request, TASK("TASK_STATE_COMPLETED", "x".repeat(5e6)))),
    status: "failed",
    reason: /nobody knows whether weather took the task: .*maximum allowed size/,
  },
  {
    what: "an agent that never answers",
    manner: rpc((request) =>
      new Promise((resolve) => request.signal.addEventListener("abort", () => resolve(new Response())))
    ),
    asking: { options: { timeoutMs: 50 } },
    status: "failed",
    reason: /nobody knows whether weather took the task: Cannot wait longer than 0\.05 s/,
  },
  {
    what: "a task that never ends",
    manner: {},
    task: "wait forever",
    asking: { options: { timeoutMs: 50 } },
    status: "limited",
    reason: /took longer than 0\.05 s/,
  },
  {
    what: "a task that goes on beyond the run's time",
    manner: {},
    task: "wait forever",
    asking: { limits: { turns: 1, wallMs: 50 } },
    status: "limited",
    reason: /its time is over/,
  },
  { what: "a task that fails", manner: {}, task: "fail", status: "failed", reason: /it failed: no radar$/ },
  {
    what: "a task that is refused",
    manner: {},
    task: "reject",
    status: "denied",
    reason: /refused the task: not for you/,
  },
  {
    what: "a task that is canceled over there",
    manner: {},
    task: "drop",
    status: "failed",
    reason: /was canceled where it was worked on: changed my mind/,
  },
];

for (const { what, manner, status, reason, asking, task = "say hello" } of cases) {
  Deno.test(`${what}: ${status}, with the reason`, async () => {
    await using server = new RealServer("1.0 JSON-RPC", manner);
    const { outcome, events } = await ask(server.address, task, asking);
    assert.equal(outcome.status, status, outcome.reason ?? "");
    assert.match(outcome.reason ?? "", reason);
    assert.equal(events.at(-1)?.type, "run_ended");
    // deno-lint-ignore no-control-regex -- that is what must not be there
    assert.doesNotMatch(JSON.stringify(events), /\\u00[01]|[\x00-\x1f]/);
    if (status === "limited") assert.deepEqual(server.canceled, [server.asked[0]?.task]);
  });
}

Deno.test("what it says cannot steer a terminal, and is cut where it is too long", async () => {
  const steering = "a\x1b[2K\u202eb\x07\x9b\r\nc\td";
  const text = steering + "x".repeat(400_000);
  const artifacts = [{ artifactId: "1", parts: [{ text }] }];
  await using server = new RealServer(
    "1.0 JSON-RPC",
    rpc((request) =>
      events(
        request,
        TASK("TASK_STATE_SUBMITTED"),
        { statusUpdate: { taskId: "t", contextId: "c", status: STATUS("TASK_STATE_WORKING", text) } },
        TASK("TASK_STATE_COMPLETED", "", { artifacts }),
      )
    ),
  );
  const { outcome, events: told } = await ask(server.address, "say hello");
  assert.equal(outcome.status, "answered");
  assert.ok(outcome.answer.startsWith("a[2Kb\nc\tdxxx"), outcome.answer.slice(0, 20));
  assert.ok(outcome.answer.endsWith("x\n(cut: there was more)"));
  assert.ok(outcome.answer.length < 263_000, String(outcome.answer.length));
  const log = told.find((event) => event.type === "log");
  assert.ok(
    log?.message.startsWith("a[2Kb\nc\tdxxx") && log.message.length < 4_100,
    log?.message.slice(0, 50) ?? "",
  );
});

Deno.test("a flood of progress is told as far as a journal should keep it, and the task is answered", async () => {
  const update = (at: number) => ({
    statusUpdate: { taskId: "t", contextId: "c", status: STATUS("TASK_STATE_WORKING", `step ${at}`) },
  });
  const flood = Array.from({ length: 5_000 }, (_, at) => update(at));
  await using server = new RealServer(
    "1.0 JSON-RPC",
    rpc((request) =>
      events(request, TASK("TASK_STATE_SUBMITTED"), ...flood, TASK("TASK_STATE_COMPLETED", "done"))
    ),
  );
  const { outcome, events: told } = await ask(server.address, "say hello");
  assert.deepEqual([outcome.status, outcome.answer, told.length], ["answered", "done", 2_002]);
});

Deno.test("a redirect is not followed, so that no other host hears of the task or the token", async () => {
  await using other = new RealServer("1.0 JSON-RPC");
  for (const where of ["card", "rpc"]) {
    const to = () => new Response(null, { status: 307, headers: { location: `${other.address}/rpc` } });
    await using server = new RealServer("1.0 JSON-RPC", where === "card" ? card(to) : rpc(to));
    const credential = { header: "Authorization", value: "Bearer secret-token" };
    const { outcome } = await ask(server.address, "say hello", { options: { credential } });
    assert.equal(outcome.status, "failed");
    assert.match(
      outcome.reason ?? "",
      new RegExp(`sends requests on to ${other.address}, and none is followed`),
    );
    assert.ok(server.headers.every((headers) => headers.get("authorization") === "Bearer secret-token"));
  }
  assert.deepEqual(other.headers, []);
});

const forgetful: [what: string, answer: (id: unknown) => Response, reason: RegExp][] = [
  [
    "knows nothing of its task any more",
    (id) => Response.json({ jsonrpc: "2.0", id, error: { code: -32001, message: "Task not found" } }),
    /cannot be followed any more, and may still be at work: Task not found/,
  ],
  [
    "does not let us in any more",
    () => new Response("who?", { status: 401 }),
    /cannot be followed any more.*it answers 401/,
  ],
];
for (const [what, answer, reason] of forgetful) {
  Deno.test(`an agent that ${what} is given up at once`, async () => {
    await using server = new RealServer(
      "1.0 JSON-RPC",
      rpc(async (request) => {
        const { method, id } = await request.json();
        if (method === "GetTask") return answer(id);
      }),
    );
    const onEvent = (event: RunEvent) => event.type === "log" && server.breakStreams();
    const { outcome } = await ask(server.address, "wait gate", { onEvent });
    assert.equal(outcome.status, "failed");
    assert.match(outcome.reason ?? "", reason);
    assert.equal(server.requests.filter((name) => name === "/rpc").length, 1);
  });
}

Deno.test("a question that was answered and is still shown is not asked again", async () => {
  let sent = 0;
  await using server = new RealServer(
    "1.0 JSON-RPC",
    rpc((request) => {
      const question = TASK("TASK_STATE_INPUT_REQUIRED", "Which city?");
      return ++sent === 1
        ? events(request, question)
        : events(request, question, TASK("TASK_STATE_COMPLETED", "It is sunny in Berlin."));
    }),
  );
  const person = () => ({ allowed: true, reason: "a person", content: { answer: "Berlin" } });
  const { outcome, questions } = await ask(server.address, "say hello", { person });
  assert.deepEqual([outcome.answer, questions.length, sent], ["It is sunny in Berlin.", 1, 2]);
});

Deno.test("an agent that goes away in the middle is looked for a while, then given up", async () => {
  const clock = new HandClock();
  for (const ms of [250, 500, 1_000, 2_000, 4_000, 5_000]) clock.skip(ms);
  await using server = new RealServer("1.0 JSON-RPC");
  const { outcome } = await ask(server.address, "wait gate", {
    clock,
    onEvent: (event) => event.type === "log" && void server[Symbol.asyncDispose](),
  });
  assert.equal(outcome.status, "failed");
  assert.match(
    outcome.reason ?? "",
    /cannot be followed any more, and may still be at work: .*(Connect|refused)/,
  );
});

Deno.test("an agent that is not there is tried for a while, and is not said to be at work", async () => {
  const clock = new HandClock();
  for (const ms of [250, 500, 1_000, 2_000, 4_000, 5_000]) clock.skip(ms);
  const server = new RealServer("1.0 JSON-RPC");
  await server[Symbol.asyncDispose]();
  const { outcome } = await ask(server.address, "say hello", {
    clock,
  });
  assert.equal(outcome.status, "failed");
  assert.match(outcome.reason ?? "", /it cannot be reached: /);
});
