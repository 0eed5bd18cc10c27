/** Tasks whose process was killed, closed, or could not know what happened; and those that were to be stopped. */
import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { RunStatus } from "../../../protocols/messages/run.ts";
import type { TaskState } from "../../../workspace/tasks/task.ts";
import { LOCKED_MS } from "../../../workspace/tasks/work.ts";
import { type HandRun, outcomeOf, says } from "./hand_runtime.ts";
import { afterKill, seen, type Shop, shop, standing } from "./shop.ts";

const asked = { tool: "run_command", action: "rm -rf build", reason: "it removes files" };
const yes = { allowed: true, reason: "ann said so" };

/** A task at work in a process that is about to die. */
async function atWork(): Promise<Shop & { run: HandRun }> {
  const first = shop();
  await first.tasks.start("ann", "sort it", { id: "t", limits: { turns: 3 } });
  return { ...first, run: first.runtime.begun[0]! };
}

Deno.test("killed between the document and the run, a task is begun by the next process under the same id", async () => {
  const first = shop();
  const never = Promise.withResolvers<void>();
  first.runtime.start = () => {
    never.resolve();
    return new Promise(() => {});
  };
  void first.tasks.start("ann", "sort it", { id: "t", limits: { turns: 3 } });
  await never.promise;
  const { tasks, runtime } = afterKill(first);
  assert.equal((await tasks.get("ann", "t"))?.state, "working");
  const watched = seen(tasks.watch("ann", "t"));
  assert.equal(await tasks.recover(), 1);
  const run = await runtime.beginning(1);
  assert.deepEqual([run.run, run.how], ["t", "start"]);
  assert.deepEqual(runtime.journal.get("t")?.limits, { turns: 3 });
  run.end(outcomeOf("answered", "4"));
  assert.deepEqual(
    await watched,
    ["working", "completed"],
    "whoever came before the recovery hears of the end",
  );
});

Deno.test("killed in the middle, a task is resumed, and what it asked is asked again", async () => {
  const first = await atWork();
  void first.run.ask(asked);
  const { questions: [before] } = await standing(first.tasks, "t", "asking");
  const { tasks, runtime } = afterKill(first);
  assert.equal(await tasks.recover(), 1);
  assert.equal(await tasks.recover(), 0, "nothing is gone on with twice");
  const run = await runtime.beginning(1);
  assert.deepEqual([run.run, run.how, run.assumption], ["t", "resume", undefined]);
  assert.equal((await tasks.get("ann", "t"))?.state, "working");
  assert.equal(await tasks.answer("ann", "t", before!.id, yes), false);
  const verdict = run.ask(asked);
  const { questions: [again] } = await standing(tasks, "t", "asking");
  assert.equal(await tasks.answer("ann", "t", again!.id, yes), true);
  assert.deepEqual(await verdict, yes);
  run.end(outcomeOf("answered", "4"));
  assert.equal((await standing(tasks, "t", "completed")).outcome?.answer, "4");
  assert.equal(runtime.begun.length, 1);
});

const ENDED: readonly (readonly [RunStatus, TaskState])[] = [
  ["answered", "completed"],
  ["denied", "rejected"],
  ["failed", "failed"],
  ["limited", "failed"],
];

for (const [status, state] of ENDED) {
  Deno.test(`killed when its run was ${status} but the task not yet ${state}, it is so without another run`, async () => {
    const first = await atWork();
    Object.assign(first.runtime.journal.get("t")!, { status, outcome: outcomeOf(status, "4"), endedAt: 9 });
    const { tasks, runtime } = afterKill(first);
    await tasks.recover();
    assert.deepEqual((await standing(tasks, "t", state)).outcome, outcomeOf(status, "4"));
    assert.equal(runtime.begun.length, 0);
  });
}

Deno.test("all that were not over are gone on with, the oldest first, whoever's they are and however many", async () => {
  const first = shop({ atOnce: 3000 });
  for (let i = 0; i < 2_100; i++) {
    first.clock.advance(1);
    await first.tasks.start(i % 2 === 0 ? "ann" : "bob", "sort it", { id: `t${i}` });
  }
  first.runtime.begun[0]!.end(outcomeOf("answered"));
  await standing(first.tasks, "t0", "completed");
  const { tasks, runtime } = afterKill(first);
  assert.equal(await tasks.recover(), 2_099);
  await runtime.beginning(32);
  assert.deepEqual(runtime.begun.map(({ run }) => run).slice(0, 3), ["t1", "t2", "t3"]);
  assert.equal(runtime.begun.length, 32);
  await tasks.close();
});

Deno.test("a run another process works on is waited for", async () => {
  const second = afterKill(await atWork());
  second.runtime.faults.push(new Fault("run_locked", "another process is working on it", { retry: "later" }));
  second.clock.skip(LOCKED_MS);
  await second.tasks.recover();
  const run = await second.runtime.beginning(1);
  second.tasks.cancel("ann", "t");
  await standing(second.tasks, "t", "canceled");
  assert.ok(run.stop.signal.aborted);
});

Deno.test("a run another process works on and cancels is not begun again", async () => {
  const first = await atWork();
  const second = afterKill(first);
  second.runtime.faults.push(new Fault("run_locked", "another process is working on it", { retry: "later" }));
  await second.tasks.recover();
  const watched = seen(second.tasks.watch("ann", "t"));
  await first.tasks.cancel("ann", "t");
  while (second.clock.sleeping === 0) await Promise.resolve();
  second.clock.advance(LOCKED_MS);
  assert.equal((await watched).at(-1), "canceled");
  assert.equal(second.runtime.begun.length, 0);
});

Deno.test("without a model a task waits for a process that has one", async () => {
  const second = afterKill(await atWork());
  second.runtime.faults.push(new Fault("no_model", "there is none"));
  await second.tasks.recover();
  assert.deepEqual(await seen(second.tasks.watch("ann", "t")), ["working"]);
  const third = afterKill(second);
  assert.equal(await third.tasks.recover(), 1);
  await third.runtime.beginning(1);
  await third.tasks.close();
});

Deno.test("closing interrupts what is at work, ends its watchers and leaves it to the next process", async () => {
  const first = shop({ atOnce: 1 });
  await first.tasks.start("ann", "sort it", { id: "busy" });
  await first.tasks.start("ann", "sort it", { id: "queued" });
  const run = first.runtime.begun[0]!;
  run.lingers = true;
  const watched = ["busy", "queued"].map((id) => seen(first.tasks.watch("ann", id)));
  const closed = first.tasks.close();
  await assert.rejects(first.tasks.start("ann", "too late"), { code: "stopping" });
  assert.ok(run.stop.signal.aborted);
  run.emit(says("last words"));
  run.end(outcomeOf("interrupted"));
  await closed;
  assert.deepEqual(await Promise.all(watched), [["working", '"last words"'], ["working"]]);
  assert.deepEqual(await seen(first.tasks.watch("ann", "busy")), ["working"]);
  const { tasks, runtime } = shop({ ...first, runtime: first.runtime.killed() });
  assert.equal(await tasks.recover(), 2);
  assert.equal((await runtime.beginning(1)).how, "resume");
  await tasks.close();
});

Deno.test("a run that ends by itself while the service closes is over", async () => {
  const { tasks, run } = await atWork();
  run.lingers = true;
  const closed = tasks.close();
  run.end(outcomeOf("answered", "4"));
  await closed;
  assert.equal((await tasks.get("ann", "t"))?.state, "completed");
});

Deno.test("canceling stops the run, durably before it and finally after it", async () => {
  const { tasks, run, documents } = await atWork();
  run.lingers = true;
  const watched = seen(tasks.watch("ann", "t"));
  const canceled = [tasks.cancel("ann", "t"), tasks.cancel("ann", "t")];
  await new Promise<void>((resolve) => run.stop.signal.addEventListener("abort", () => resolve()));
  const { value, state } = (await documents.get({ kind: "task", id: "t" }))!;
  assert.deepEqual([(value as { canceled: boolean }).canceled, state], [true, "working"]);
  run.end(outcomeOf("interrupted", "half"));
  for (const task of await Promise.all(canceled)) {
    assert.deepEqual([task?.state, task?.outcome?.answer], ["canceled", "half"]);
  }
  assert.deepEqual(await watched, ["working", "canceled"]);
  assert.equal((await tasks.cancel("ann", "t"))?.state, "canceled");
});

Deno.test("one that ends by itself before it can be stopped stays as it is", async () => {
  const { tasks, run } = await atWork();
  run.lingers = true;
  const canceled = tasks.cancel("ann", "t");
  run.end(outcomeOf("answered", "4"));
  assert.equal((await canceled)?.state, "completed");
  assert.equal((await tasks.cancel("ann", "t"))?.state, "completed");
});

Deno.test("one that asks, is blocked or was left behind can be canceled", async () => {
  const asking = await atWork();
  void asking.run.ask(asked);
  await standing(asking.tasks, "t", "asking");
  assert.deepEqual((await asking.tasks.cancel("ann", "t"))?.questions, []);
  const blocked = await atWork();
  blocked.run.end(outcomeOf("blocked"));
  await standing(blocked.tasks, "t", "asking");
  assert.equal((await blocked.tasks.cancel("ann", "t"))?.state, "canceled");
  const left = afterKill(await atWork());
  assert.deepEqual((await left.tasks.cancel("ann", "t"))?.state, "canceled");
  assert.equal(await left.tasks.recover(), 0);
  assert.equal(left.runtime.begun.length, 0);
});

Deno.test("killed while it was being canceled, a task is canceled by the next process", async () => {
  const first = await atWork();
  first.run.lingers = true;
  void first.tasks.cancel("ann", "t");
  await new Promise<void>((resolve) => first.run.stop.signal.addEventListener("abort", () => resolve()));
  const { tasks, runtime, documents } = afterKill(first);
  const watched = seen(tasks.watch("ann", "t"));
  assert.equal(await tasks.recover(), 0);
  assert.equal((await watched).at(-1), "canceled");
  assert.equal((await documents.get({ kind: "task", id: "t" }))?.state, "canceled");
  assert.equal(runtime.begun.length, 0);
});

const SAID = [
  { content: { done: true }, assumption: "done" },
  { content: { done: false }, assumption: "not-done" },
  { content: undefined, assumption: "done" },
] as const;

for (const { content, assumption } of SAID) {
  Deno.test(`a blocked run asks whether it was done, and ${JSON.stringify(content)} resumes it as ${assumption}`, async () => {
    const { tasks, runtime, run } = await atWork();
    run.end({ ...outcomeOf("blocked"), reason: "A process died during the call pay" });
    const { questions: [question] } = await standing(tasks, "t", "asking");
    assert.equal(question!.question.reason, "A process died during the call pay");
    assert.deepEqual(question!.question.form?.required, ["done"]);
    assert.equal(await tasks.answer("ann", "t", question!.id, { ...yes, ...(content && { content }) }), true);
    const again = await runtime.beginning(2);
    assert.deepEqual([again.how, again.assumption], ["resume", assumption]);
    again.end(outcomeOf("answered", "paid"));
    assert.equal((await standing(tasks, "t", "completed")).outcome?.answer, "paid");
  });
}

const waits = {
  seq: 4,
  kind: "act",
  intent: { id: "c1", name: "run_command", arguments: '{"command":"rm -rf build"}' },
};
const other = { ...waits, seq: 5, intent: { ...waits.intent, arguments: '{"command":"pay"}' } };

/** What was cut off while a permission was asked for, and whether a person has to say what became of it. */
const CUT_OFF = [
  {
    what: "only the call that waited for it",
    entries: [{ ...other, receipt: { value: 1 } }, waits],
    asks: false,
  },
  { what: "another call beside it", entries: [waits, other], asks: true },
  { what: "another call", entries: [other], asks: true },
] as const;

for (const how of ["killed", "closed"] as const) {
  for (const { what, entries, asks } of CUT_OFF) {
    Deno.test(`${how} while a permission was asked for, with ${what} cut off: ${asks ? "a person says" : "known"}`, async () => {
      const first = await atWork();
      void first.run.ask(asked, first.run.stop.signal);
      await standing(first.tasks, "t", "asking");
      if (how === "closed") await first.tasks.close();
      const { tasks, runtime } = afterKill(first);
      runtime.entries = [...entries];
      await tasks.recover();
      (await runtime.beginning(1)).end(outcomeOf("blocked"));
      if (asks) assert.equal((await standing(tasks, "t", "asking")).questions[0]!.question.tool, "task");
      else {
        const again = await runtime.beginning(2);
        assert.equal(again.assumption, "not-done");
        again.end(outcomeOf("blocked"));
        await standing(tasks, "t", "asking"); // the next time the same call may have begun
      }
      await tasks.close();
    });
  }
}

Deno.test("who will not say whether it was done has the task rejected", async () => {
  const { tasks, runtime, run } = await atWork();
  run.end(outcomeOf("blocked", "half"));
  const { questions: [question] } = await standing(tasks, "t", "asking");
  await tasks.answer("ann", "t", question!.id, { allowed: false, reason: "no idea" });
  assert.equal((await standing(tasks, "t", "rejected")).outcome?.answer, "half");
  assert.equal(runtime.begun.length, 1);
});

Deno.test("what was said of a blocked run survives a kill, and holds for that time only", async () => {
  const first = shop({ atOnce: 1 });
  await first.tasks.start("ann", "sort it", { id: "t" });
  await first.tasks.start("ann", "sort it", { id: "other" });
  first.runtime.begun[0]!.end(outcomeOf("blocked"));
  await first.runtime.beginning(2); // whoever waits for an answer is not at work
  const { questions: [question] } = await standing(first.tasks, "t", "asking");
  await first.tasks.answer("ann", "t", question!.id, { ...yes, content: { done: false } });
  const said = async () =>
    (await first.documents.get({ kind: "task", id: "t" }))!.value as { said?: unknown };
  while ((await said()).said === undefined);
  const { tasks, runtime } = afterKill(first);
  await tasks.recover();
  const runs = [await runtime.beginning(1), await runtime.beginning(2)];
  const run = runs.find(({ run }) => run === "t")!;
  assert.deepEqual([run.how, run.assumption], ["resume", "not-done"]);
  run.end(outcomeOf("blocked"));
  await standing(tasks, "t", "asking");
  const third = afterKill({ tasks, runtime, documents: first.documents, clock: first.clock });
  await third.tasks.recover();
  assert.equal((await standing(third.tasks, "t", "asking")).questions.length, 1);
  assert.deepEqual(third.runtime.begun.filter(({ run }) => run === "t"), []);
  for (const shop of [{ tasks }, third]) await shop.tasks.close();
});
