/**
 * An agent crashed at every operation of its journal, before it and after it.
 *
 * @module
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import { assume } from "../../../actors/agents/assume.ts";
import type { AgentTool } from "../../../actors/agents/tool_calls.ts";
import type { ThinkOutcome, ThinkRequest } from "../../../protocols/messages/model.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { Crash, dyingJournal, type Point } from "../../support/dying_journal.ts";
import { anAgent, asked, aWorld, called, modelRef, said, tool } from "./fakes.ts";

/** A team at work: what it holds for one process is new each time, the journal and the witnesses stay. */
class Team {
  readonly journal = memoryJournal();
  readonly receipts = new Map<string, number>();
  readonly performed = new Map<string, number>();
  operations = 0;

  constructor(readonly settle: AgentTool["settle"] = "repeatable") {}

  /** One process: runs until the end or its point. */
  async process(point?: Point, replay = false): Promise<{ outcome?: RunOutcome; events: RunEvent[] }> {
    const world = aWorld();
    const journal = this.#dying(point);
    const model = modelRef((request) => this.#think(request));
    const tools = [tool("echo", ({ text }) => this.#echo(String(text)), { settle: this.settle })];
    const options = anAgent(model, journal, { tools, mayDelegate: 1 });
    try {
      const limits = { turns: 25, tokens: 10_000, nanoUsd: 1_000_000_000 };
      return { outcome: await runAgent(options, asked({ replay, limits }), world), events: world.events };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return { events: world.events };
    }
  }

  /** Which holds that no effect gets a second receipt. */
  #dying(point: Point | undefined): JournalPort {
    const { journal } = this;
    const checked: JournalPort = {
      ...journal,
      receipt: async (request) => {
        const key = `${request.run}.${request.seq}`;
        assert.equal(await this.#hasReceipt(key), false, `${key} has its receipt and gets another`);
        this.receipts.set(key, (this.receipts.get(key) ?? 0) + 1);
        return await journal.receipt(request);
      },
    };
    this.operations = 0;
    return dyingJournal(checked, point, (operation) => this.operations = operation);
  }

  async #hasReceipt(key: string): Promise<boolean> {
    const dot = key.lastIndexOf(".");
    const known = await this.journal.read({ run: key.slice(0, dot) });
    return known?.entries[Number(key.slice(dot + 1))]?.receipt !== undefined;
  }

  /** The lead echoes twice at once, then hands on to two at once, then answers; each sub-agent echoes and answers. */
  async #think({ lines, idempotencyKey = "" }: ThinkRequest): Promise<ThinkOutcome> {
    assert.equal(
      await this.#hasReceipt(idempotencyKey),
      false,
      `${idempotencyKey} is asked though it is answered`,
    );
    this.performed.set(idempotencyKey, (this.performed.get(idempotencyKey) ?? 0) + 1);
    const system = lines[0]?.role === "system" ? lines[0].text : "";
    const turn = lines.filter((line) => line.role === "assistant").length;
    const sub = /sub-agent "(\w+)"/.exec(system)?.[1];
    if (sub !== undefined) {
      return turn === 0 ? said("", [called("s", "echo", { text: sub })]) : said(`${sub} is done`);
    }
    const last = lines.findLast((line) => line.role === "tool");
    return [
      said("first the echoes", [called("a", "echo", { text: "one" }), called("b", "echo", { text: "two" })]),
      said("now you", [
        called("c", "delegate", { name: "left", task: "be left", tools: ["echo"] }),
        called("d", "delegate", { name: "right", task: "be right" }),
      ]),
      said(`last was: ${last?.text}`),
    ][turn] ?? said("?");
  }

  #echo(text: string) {
    this.performed.set(`echo ${text}`, (this.performed.get(`echo ${text}`) ?? 0) + 1);
    return { ok: true as const, content: text };
  }
}

const unbroken = new Team();
const whole = await unbroken.process();
const points = Array.from(
  { length: unbroken.operations },
  (_, at) => [false, true].map((after): Point => ({ at: at + 1, after })),
).flat();

Deno.test("the run that is going to be crashed works, and does each thing once", () => {
  assert.equal(whole.outcome?.status, "answered");
  assert.equal(whole.outcome?.answer, "last was: right is done");
  assert.deepEqual(whole.outcome?.spent, { turns: 7, inputTokens: 70, outputTokens: 35, nanoUsd: 140 });
  assert.ok(points.length > 50, `${points.length} points`);
  for (const [what, times] of unbroken.performed) assert.equal(times, 1, what);
});

Deno.test("crashed at every journal operation, a run goes on to the same end and repeats nothing that has its receipt", async () => {
  for (const point of points) {
    const team = new Team();
    const crashed = await team.process(point);
    assert.equal(crashed.outcome, undefined, `no crash at ${JSON.stringify(point)}`);
    const resumed = await team.process();
    assert.deepEqual(resumed, whole, `crashed at ${JSON.stringify(point)}`);
    for (const [key, times] of team.receipts) assert.equal(times, 1, `${key} got ${times} receipts`);
    for (const [what, times] of team.performed) assert.ok(times <= 2, `${what} happened ${times} times`);
    assert.deepEqual(await team.process(undefined, true), whole, "the replay tells something else");
  }
});

Deno.test("what a crashed process told is told again by the next one, in the same words", async () => {
  for (const point of points) {
    const team = new Team();
    const { events } = await team.process(point);
    const again = (await team.process()).events;
    assert.deepEqual(again.slice(0, events.length), events, `crashed at ${JSON.stringify(point)}`);
  }
});

Deno.test("crashed again and again, a run still comes to the same end", async () => {
  const anyPoints = fc.array(
    fc.record({ at: fc.integer({ min: 1, max: unbroken.operations }), after: fc.boolean() }),
    { maxLength: 6 },
  );
  await fc.assert(
    fc.asyncProperty(anyPoints, async (crashes) => {
      const team = new Team();
      for (const point of crashes) await team.process(point);
      assert.deepEqual(await team.process(), whole);
      for (const [key, times] of team.receipts) assert.equal(times, 1, key);
    }),
    { numRuns: 40 },
  );
});

Deno.test("a call that may not be repeated is never repeated: the run waits for a person, then goes on", async () => {
  for (const assumption of ["done", "not-done"] as const) {
    let waited = 0;
    for (const point of points) {
      const team = new Team("ask");
      await team.process(point);
      let resumed = await team.process();
      if (resumed.outcome?.status === "blocked") {
        waited++;
        assert.match(resumed.outcome.reason ?? "", /echo .*may or may not have happened.*--assume/s);
        assert.ok(await assume(team.journal, "r", assumption) > 0);
        resumed = await team.process();
      }
      assert.equal(resumed.outcome?.status, "answered", `crashed at ${JSON.stringify(point)}`);
      for (const text of ["one", "two", "left", "right"]) {
        assert.ok(
          (team.performed.get(`echo ${text}`) ?? 0) <= 1,
          `echo ${text} was repeated at ${JSON.stringify(point)}`,
        );
      }
      const replayed = await team.process(undefined, true);
      assert.deepEqual(replayed.outcome, resumed.outcome);
    }
    assert.ok(waited >= 8, `only ${waited} runs waited`);
  }
});
