/**
 * An agent whose tool has others called, crashed at every operation of its journal, before it and after it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import { assume } from "../../../actors/agents/assume.ts";
import type { AgentTool } from "../../../actors/agents/tool_calls.ts";
import type { ToolContext } from "../../../actors/tools/invocation.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { Crash, dyingJournal, type Point } from "../../support/dying_journal.ts";
import { anAgent, asked, aWorld, called, modelRef, said, tool } from "./fakes.ts";
import { scripted, used } from "./scripted_tool.ts";

/** What outlives processes: the journal and the witnesses. */
class Witness {
  readonly journal = memoryJournal();
  readonly performed: Record<string, number> = {};
  operations = 0;

  constructor(readonly settle: AgentTool["settle"]) {}

  /** One process: runs until the end or its point. */
  async process(point?: Point, replay = false): Promise<{ outcome?: RunOutcome; events: RunEvent[] }> {
    const world = aWorld();
    const model = modelRef(({ lines }) => {
      const result = lines.findLast((line) => line.role === "tool");
      return Promise.resolve(result ? said(result.text) : said("", [called("c", "script", {})]));
    });
    const note = tool("note", ({ text }) => this.#note(String(text)), { settle: this.settle });
    const options = anAgent(model, this.#dying(point), { tools: [scripted(inOrderAndAtOnce), note] });
    try {
      return { outcome: await runAgent(options, asked({ replay }), world), events: world.events };
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      return { events: world.events };
    }
  }

  #note(text: string) {
    this.performed[text] = (this.performed[text] ?? 0) + 1;
    return { ok: true as const, content: text.toUpperCase() };
  }

  #dying(point: Point | undefined): JournalPort {
    this.operations = 0;
    return dyingJournal(this.journal, point, (operation) => this.operations = operation);
  }
}

async function inOrderAndAtOnce(context: ToolContext): Promise<string> {
  context.output("stdout", "at work");
  const note = (text: string) => used(context, "note", { text });
  const one = await note("one");
  const both = await Promise.all([note("two"), note("three")]);
  return [one, ...both, await note("four")].join(" ");
}

const NOTES = ["one", "two", "three", "four"];
const unbroken = new Witness("repeatable");
const whole = await unbroken.process();
const points = Array.from(
  { length: unbroken.operations },
  (_, at) => [false, true].map((after): Point => ({ at: at + 1, after })),
).flat();

Deno.test("the run that is going to be crashed works, and makes each nested call once", () => {
  assert.equal(whole.outcome?.answer, "ONE TWO THREE FOUR");
  assert.deepEqual(unbroken.performed, { one: 1, two: 1, three: 1, four: 1 });
  assert.ok(points.length > 30, `${points.length} points`);
});

Deno.test("crashed anywhere, a run with nested calls comes to the same end and repeats none that has its receipt", async () => {
  for (const point of points) {
    const at = `crashed at ${JSON.stringify(point)}`;
    const witness = new Witness("repeatable");
    const crashed = await witness.process(point);
    assert.equal(crashed.outcome, undefined, at);
    const kept = (await witness.journal.read({ run: "r.1" }))?.entries ?? [];
    const before = { ...witness.performed };
    const resumed = await witness.process();
    assert.deepEqual(resumed, whole, at);
    for (const [index, text] of NOTES.entries()) {
      const again = (witness.performed[text] ?? 0) - (before[text] ?? 0);
      assert.ok(again <= (kept[index]?.receipt === undefined ? 1 : 0), `${text} was repeated, ${at}`);
    }
    assert.deepEqual(await witness.process(undefined, true), whole, `the replay tells something else, ${at}`);
    assert.deepEqual(resumed.events.slice(0, crashed.events.length), crashed.events, at);
  }
});

Deno.test("crashed again and again, it still makes each nested call at most once that may not be repeated", async () => {
  let waited = 0;
  for (const point of points) {
    for (const assumption of ["done", "not-done"] as const) {
      const at = `crashed at ${JSON.stringify(point)}`;
      const witness = new Witness("ask");
      await witness.process(point);
      let resumed = await witness.process();
      if (resumed.outcome?.status === "blocked") {
        waited++;
        assert.match(resumed.outcome.reason ?? "", /note .*may or may not have happened.*--assume/s);
        assert.ok(await assume(witness.journal, "r", assumption) > 0);
        resumed = await witness.process();
      }
      assert.equal(resumed.outcome?.status, "answered", `${at}: ${resumed.outcome?.reason}`);
      for (const text of NOTES) assert.ok((witness.performed[text] ?? 0) <= 1, `${text} was repeated, ${at}`);
      assert.deepEqual((await witness.process(undefined, true)).outcome, resumed.outcome);
    }
  }
  assert.ok(waited >= 8, `only ${waited} runs waited`);
});
