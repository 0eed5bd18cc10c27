import assert from "node:assert/strict";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import { assume } from "../../../actors/agents/assume.ts";
import type { Colleague } from "../../../actors/agents/colleagues.ts";
import type { RunRequest } from "../../../actors/agents/follow.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { ThinkOutcome, ThinkRequest } from "../../../protocols/messages/model.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { Crash, dyingJournal, type Point } from "../../support/dying_journal.ts";
import { anAgent, asked, aWorld, called, copy, echo, fakeRef, modelRef, said, tool } from "./fakes.ts";
import { scripted, used } from "./scripted_tool.ts";

type Work = (
  request: RunRequest,
  emit: (event: RunEvent) => Promise<void>,
  signal: AbortSignal,
) => Promise<Partial<RunOutcome>>;

const FREE = { turns: 0, inputTokens: 0, outputTokens: 0, nanoUsd: 0 };

/** A colleague named "weather" that tells of its beginning and its end, with what it was asked. */
function weather(work: Work = () => Promise.resolve({ answer: "sunny" })) {
  const requests: RunRequest[] = [];
  const colleague: Colleague = {
    name: "weather",
    description: "Knows the weather.",
    ref: fakeRef("a2a:weather", {
      stream: async (_name, sent, send, signal) => {
        const request = sent as RunRequest;
        requests.push(copy(request));
        const { run, task } = request;
        const agent = "weather";
        await send({ type: "run_started", agent, run, task, model: "far away", tools: [] });
        const outcome: RunOutcome = {
          status: "answered",
          answer: "",
          spent: FREE,
          ...await work(request, (event) => send(event), signal),
        };
        await send({ type: "run_ended", agent, run, outcome, ms: 0 });
        return outcome;
      },
    }),
  };
  return { colleague, requests };
}

/** A model that says these things. */
function says(...outcomes: readonly ThinkOutcome[]) {
  const requests: ThinkRequest[] = [];
  const ref = modelRef((request) => {
    requests.push(copy(request));
    return Promise.resolve(outcomes[requests.length - 1]!);
  });
  return { ref, requests };
}

const ask = (args: unknown = { task: "Berlin?" }) => called("a", "ask_weather", args);
const lastLine = (requests: readonly ThinkRequest[]) => requests.at(-1)?.lines.at(-1)?.text ?? "";

Deno.test("a colleague is a tool of its own; its run is told below the one who asked, and its answer answers the call", async () => {
  const { colleague, requests } = weather(async (_request, emit) => {
    await emit({ type: "text", agent: "weather", text: "sun" });
    await emit({
      type: "agent_spawned",
      agent: "weather",
      child: "weather/radar",
      run: "x",
      task: "look",
    });
    return { answer: "sunny" };
  });
  const model = says(said("", [ask()]), said("It is sunny."));
  const world = aWorld();
  const options = anAgent(model.ref, memoryJournal(), { tools: [echo], colleagues: [colleague] });
  const outcome = await runAgent(options, asked({ limits: { turns: 9, tokens: 1_000 } }), world);
  assert.deepEqual([outcome.status, outcome.answer, outcome.spent.turns], ["answered", "It is sunny.", 2]);
  const [offered] = model.requests[0]!.tools.filter(({ name }) => name === "ask_weather");
  assert.match(offered?.description ?? "", /weather, an agent that works elsewhere.*Knows the weather\./);
  assert.equal(lastLine(model.requests), "sunny");
  assert.deepEqual(requests, [{
    run: "r.1",
    parent: "r",
    task: "Berlin?",
    limits: { turns: 4, tokens: 492 },
    replay: false,
  }]);
  const told = world.events.slice(3, 11).map((
    { type, agent, ...rest },
  ) => [type, agent, "child" in rest ? rest.child : ""]);
  assert.deepEqual(told, [
    ["tool_started", "lead", ""],
    ["agent_spawned", "lead", "lead/weather"],
    ["run_started", "lead/weather", ""],
    ["text", "lead/weather", ""],
    ["agent_spawned", "lead/weather", "lead/weather/radar"],
    ["run_ended", "lead/weather", ""],
    ["agent_ended", "lead", "lead/weather"],
    ["tool_ended", "lead", ""],
  ]);
});

const ends: [outcome: Partial<RunOutcome>, kind: string, message: RegExp][] = [
  [{ status: "failed", reason: "no radar" }, "transient", /The agent "weather" ended as failed: no radar\./],
  [{ status: "denied", reason: "not you" }, "denied", /ended as denied: not you/],
  [
    { status: "limited", reason: "late", answer: "half" },
    "permanent",
    /limited: late\. What it had by then: half/,
  ],
];
for (const [outcome, kind, message] of ends) {
  Deno.test(`a colleague that ends as ${outcome.status} is an outcome the model is told`, async () => {
    const { colleague } = weather(() => Promise.resolve(outcome));
    const model = says(said("", [ask()]), said("alone then"));
    const world = aWorld();
    const done = await runAgent(
      anAgent(model.ref, memoryJournal(), { colleagues: [colleague] }),
      asked(),
      world,
    );
    assert.equal(done.answer, "alone then");
    const { error } = JSON.parse(lastLine(model.requests));
    assert.equal(error.kind, kind);
    assert.match(error.message, message);
  });
}

Deno.test("a colleague that cannot be reached fails as data, and one that died is asked for the same run again", async () => {
  let deaths = 0;
  const { colleague, requests } = weather(() => {
    if (++deaths < 3) throw new Fault("died", "its worker died");
    throw new Fault("start_failed", "Cannot start it: no room");
  });
  const model = says(said("", [ask()]), said("alone then"));
  const done = await runAgent(
    anAgent(model.ref, memoryJournal(), { colleagues: [colleague] }),
    asked(),
    aWorld(),
  );
  assert.equal(done.answer, "alone then");
  assert.deepEqual(requests.map(({ run }) => run), ["r.1", "r.1", "r.1"]);
  assert.match(lastLine(model.requests), /ended as failed: Cannot start it: no room/);
});

Deno.test("what it is asked badly is refused, and a tool of the same name goes first", async () => {
  const { colleague, requests } = weather();
  for (const args of [{}, { task: " " }, { task: 3 }, "[]", "{"]) {
    const model = says(said("", [ask(args)]), said("ok"));
    await runAgent(anAgent(model.ref, memoryJournal(), { colleagues: [colleague] }), asked(), aWorld());
    assert.match(lastLine(model.requests), /`task` must say what to do|one JSON object|broken JSON/);
  }
  const mine = tool("ask_weather", () => ({ ok: true, content: "mine" }));
  const model = says(said("", [ask()]), said("ok"));
  const options = anAgent(model.ref, memoryJournal(), { tools: [mine], colleagues: [colleague] });
  await runAgent(options, asked(), aWorld());
  assert.equal(lastLine(model.requests), "mine");
  assert.equal(model.requests[0]!.tools.length, 1);
  assert.deepEqual(requests, []);
});

Deno.test("a sub-agent has a colleague when it is handed one by name, and only then", async () => {
  for (const tools of [undefined, ["echo"], ["ask_weather"]]) {
    const { colleague, requests } = weather();
    const model = says(
      said("", [called("d", "delegate", { name: "helper", task: "t", ...(tools && { tools }) })]),
      said("", [ask()]),
      said("helped"),
      said("ok"),
    );
    const options = anAgent(model.ref, memoryJournal(), {
      tools: [echo],
      colleagues: [colleague],
      mayDelegate: 1,
    });
    const world = aWorld();
    await runAgent(options, asked(), world);
    const offered = model.requests[1]!.tools.map(({ name }) => name);
    assert.equal(offered.includes("ask_weather"), tools?.includes("ask_weather") ?? false);
    assert.deepEqual(
      requests.map(({ run, parent }) => [run, parent]),
      tools?.[0] === "ask_weather" ? [["r.1.1", "r.1"]] : [],
    );
    assert.equal(world.events.some(({ agent }) => agent === "lead/helper/weather"), requests.length === 1);
  }
});

Deno.test("a tool cannot ask a colleague on behalf of the agent", async () => {
  const { colleague, requests } = weather();
  const code = scripted(async (context) => await used(context, "ask_weather", { task: "t" }));
  const model = says(said("", [called("c", "script", {})]), said("ok"));
  await runAgent(
    anAgent(model.ref, memoryJournal(), { tools: [code], colleagues: [colleague] }),
    asked(),
    aWorld(),
  );
  assert.match(lastLine(model.requests), /ask_weather is for the agent alone/);
  assert.deepEqual(requests, []);
});

Deno.test("what a colleague says it spent comes off the budget, and is exact also when it is cut off", async () => {
  const spent = { turns: 3, inputTokens: 30, outputTokens: 10, nanoUsd: 70 };
  const { colleague } = weather(() => Promise.resolve({ answer: "sunny", spent }));
  const model = says(said("", [ask()]), said("ok"));
  const options = anAgent(model.ref, memoryJournal(), { colleagues: [colleague] });
  const done = await runAgent(options, asked(), aWorld());
  assert.deepEqual(done.spent, { turns: 5, inputTokens: 50, outputTokens: 20, nanoUsd: 110 });
});

Deno.test("an interrupted asker gives its colleague up, and asks for the same run when it goes on", async () => {
  const journal = memoryJournal();
  const caller = new AbortController();
  const heard: string[] = [];
  const waits = weather((_request, _emit, signal) => {
    signal.addEventListener("abort", () => heard.push("given up"));
    caller.abort();
    return new Promise(() => {});
  });
  const first = says(said("", [ask()]));
  const options = { tools: [echo], colleagues: [waits.colleague] };
  const stopped = await runAgent(
    anAgent(first.ref, journal, options),
    asked(),
    aWorld({ signal: caller.signal }),
  );
  assert.deepEqual([stopped.status, heard], ["interrupted", ["given up"]]);
  const { colleague, requests } = weather();
  const done = await runAgent(
    anAgent(says(said("ok")).ref, journal, { ...options, colleagues: [colleague] }),
    asked(),
    aWorld(),
  );
  assert.deepEqual([done.status, requests.map(({ run }) => run)], ["answered", ["r.1"]]);
});

Deno.test("a colleague that waits for a person's word makes its asker wait, and is settled through it", async () => {
  const journal = memoryJournal();
  let settled: unknown;
  const { colleague } = weather(async ({ run, parent, task, limits }) => {
    const known = await journal.read({ run });
    if (known === null) {
      const record = { run, parent, agent: "weather", task, setup: {}, limits, startedAt: 0 };
      await journal.open({ ...record, status: "running" });
      await journal.intent({ run, seq: 0, kind: "send", intent: {} });
      const outcome = { status: "blocked" as const, answer: "", reason: "who knows", spent: FREE };
      await journal.end({ run, outcome, endedAt: 1 });
      return outcome;
    }
    settled = known.entries[0]?.receipt?.value;
    return { answer: "sunny" };
  });
  const model = says(said("", [ask()]), said("ok"));
  const options = anAgent(model.ref, journal, { colleagues: [colleague] });
  const blocked = await runAgent(options, asked(), aWorld());
  assert.deepEqual([blocked.status, blocked.reason], ["blocked", 'The agent "weather" stopped: who knows']);
  assert.equal(await assume(journal, "r", "not-done"), 1);
  const done = await runAgent(options, asked(), aWorld());
  assert.equal(done.answer, "ok");
  assert.equal((settled as { value: { outcome: { ok: boolean } } }).value.outcome.ok, false);
});

/** What outlives processes: the journal, and what the colleague did for whom. */
class Witness {
  readonly journal = memoryJournal();
  readonly done = new Map<string, string>();
  operations = 0;

  /** One process: runs until the end or its point. In a replay there are no colleagues. */
  async process(point?: Point, replay = false): Promise<{ outcome?: RunOutcome; events: RunEvent[] }> {
    const world = aWorld();
    const model = modelRef(({ lines }) => {
      const results = lines.filter((line) => line.role === "tool").map(({ text }) => text);
      const calls = [
        called("a", "ask_weather", { task: "one" }),
        called("b", "ask_weather", { task: "two" }),
      ];
      return Promise.resolve(results.length > 0 ? said(results.join(" ")) : said("", calls));
    });
    const { colleague } = weather(async ({ run, task }, emit) => {
      await emit({ type: "text", agent: "weather", text: `at ${task}` });
      if (!this.done.has(run)) this.done.set(run, task.toUpperCase());
      return { answer: this.done.get(run)! };
    });
    const options = anAgent(model, this.#dying(point), { colleagues: replay ? [] : [colleague] });
    try {
      return { outcome: await runAgent(options, asked({ replay }), world), events: world.events };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return { events: world.events };
    }
  }

  #dying(point: Point | undefined): JournalPort {
    this.operations = 0;
    return dyingJournal(this.journal, point, (operation) => this.operations = operation);
  }
}

Deno.test("crashed anywhere, a run with colleagues comes to the same end, asks for the same runs, and is told again without them", async () => {
  const unbroken = new Witness();
  const whole = await unbroken.process();
  assert.equal(whole.outcome?.answer, "ONE TWO");
  const { operations } = unbroken;
  assert.ok(operations >= 10, `${operations} operations`);
  for (let at = 1; at <= operations; at++) {
    for (const after of [false, true]) {
      const where = `crashed ${after ? "after" : "before"} operation ${at}`;
      const witness = new Witness();
      const crashed = await witness.process({ at, after });
      assert.equal(crashed.outcome, undefined, where);
      assert.deepEqual(await witness.process(), whole, where);
      assert.deepEqual([...witness.done.keys()].toSorted(), ["r.1", "r.2"], where);
      assert.deepEqual(await witness.process(undefined, true), whole, `replayed otherwise, ${where}`);
    }
  }
});
