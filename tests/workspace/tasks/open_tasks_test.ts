/** Tasks: how they begin, stand, ask, end, and who sees them. */
import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { RunStatus } from "../../../protocols/messages/run.ts";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import type { DocumentsPort } from "../../../supervisor/durable/documents.ts";
import { memoryDocuments } from "../../../supervisor/durable/memory_documents.ts";
import type { TaskState } from "../../../workspace/tasks/task.ts";
import { outcomeOf, says } from "./hand_runtime.ts";
import { seen, shop, standing } from "./shop.ts";

const asked = { tool: "run_command", action: "rm -rf build", reason: "it removes files" };
const yes = { allowed: true, reason: "ann said so" };

Deno.test("a task is written before its run begins, with the id of its run and the limits it was given", async () => {
  const { tasks, runtime, documents } = shop();
  const written = runtime.start.bind(runtime);
  runtime.start = async (...request) => {
    const document = await documents.get({ kind: "task", id: "given" });
    assert.deepEqual([document?.owner, document?.state], ["ann", "working"]);
    return await written(...request);
  };
  const task = await tasks.start("ann", "sort it", { id: "given", limits: { turns: 3 } });
  assert.deepEqual(task, {
    id: "given",
    owner: "ann",
    text: "sort it",
    state: "working",
    createdAt: 1_000_000,
    updatedAt: 1_000_000,
    questions: [],
  });
  assert.deepEqual(runtime.journal.get("given")?.limits, { turns: 3 });
  runtime.begun[0]!.end(outcomeOf("answered", "done"));
  await standing(tasks, "given", "completed");
});

const ENDS: readonly (readonly [RunStatus, TaskState])[] = [
  ["answered", "completed"],
  ["failed", "failed"],
  ["limited", "failed"],
  ["denied", "rejected"],
];

for (const [status, state] of ENDS) {
  Deno.test(`a task whose run is ${status} is ${state}, durably`, async () => {
    const { tasks, runtime, documents, clock } = shop();
    await tasks.start("ann", "sort it");
    clock.advance(5);
    const watched = seen(tasks.watch("ann", "t1"));
    runtime.begun[0]!.emit(says("a"));
    runtime.begun[0]!.end(outcomeOf(status, "what there is"));
    assert.deepEqual(await watched, ["working", '"a"', state]);
    const task = await tasks.get("ann", "t1");
    assert.equal(task?.state, state);
    assert.equal(task.updatedAt, 1_000_005);
    assert.deepEqual(task.outcome, outcomeOf(status, "what there is"));
    assert.equal((await documents.get({ kind: "task", id: "t1" }))?.state, state);
    assert.deepEqual(await seen(tasks.watch("ann", "t1")), [state], "one that is over is told of once");
  });
}

Deno.test("a run whose end cannot be known makes its task failed", async () => {
  const { tasks, runtime } = shop();
  await tasks.start("ann", "sort it");
  runtime.begun[0]!.fail(new Fault("died", "the agent died five times"));
  assert.equal((await standing(tasks, "t1", "failed")).outcome?.reason, "the agent died five times");
});

Deno.test("what keeps a run from beginning is thrown, and there is no such task", async () => {
  const { tasks, runtime, documents } = shop();
  runtime.faults.push(new Fault("no_model", "there is none"));
  await assert.rejects(tasks.start("ann", "sort it"), { code: "no_model" });
  assert.equal(await tasks.get("ann", "t1"), null);
  assert.equal(await documents.count({ kind: "task" }), 0);
  await tasks.start("ann", "again", { id: "t1" });
  await tasks.close();
});

Deno.test("an id is taken once, by whomever, and is a name of a file", async () => {
  const { tasks, documents } = shop();
  await tasks.start("ann", "sort it", { id: "one" });
  await assert.rejects(tasks.start("ann", "sort it", { id: "one" }), { code: "task_known" });
  await assert.rejects(tasks.start("bob", "sort it", { id: "one" }), { code: "task_known" });
  for (const id of ["", "../x", "a/b", ".hidden", "a".repeat(129), "a b"]) {
    await assert.rejects(tasks.start("ann", "sort it", { id }), { code: "bad_request" });
  }
  await tasks.cancel("ann", "one");
  await assert.rejects(tasks.start("bob", "sort it", { id: "one" }), { code: "task_known" });
  assert.equal(await documents.count({ kind: "task" }), 1);
});

Deno.test("to an owner the tasks of others are as if they were not there", async () => {
  const { tasks, runtime } = shop();
  await tasks.start("ann", "sort it", { id: "hers" });
  const verdict = runtime.begun[0]!.ask(asked);
  const { questions: [question] } = await standing(tasks, "hers", "asking");
  for (const id of ["hers", "none"]) {
    assert.equal(await tasks.get("bob", id), null);
    assert.equal(await tasks.cancel("bob", id), null);
    assert.equal(await tasks.answer("bob", id, question!.id, yes), false);
    await assert.rejects(seen(tasks.watch("bob", id)), { code: "unknown_task" });
  }
  assert.deepEqual(await tasks.list("bob", 9), []);
  assert.equal(await tasks.answer("ann", "hers", question!.id, yes), true);
  assert.deepEqual(await verdict, yes);
  await tasks.cancel("ann", "hers");
  assert.equal(await tasks.get("bob", "hers"), null);
  await assert.rejects(seen(tasks.watch("bob", "hers")), { code: "unknown_task" });
});

Deno.test("a list pages through an owner's tasks, the last changed first", async () => {
  const { tasks, runtime, clock } = shop();
  for (const owner of ["ann", "bob", "ann", "ann"]) {
    clock.advance(1);
    await tasks.start(owner, "sort it");
  }
  clock.advance(1);
  runtime.begun[0]!.end(outcomeOf("answered"));
  await standing(tasks, "t1", "completed");
  const [first, second] = await tasks.list("ann", 2);
  assert.deepEqual([first?.id, first?.state, second?.id], ["t1", "completed", "t4"]);
  assert.deepEqual((await tasks.list("ann", 2, second)).map(({ id }) => id), ["t3"]);
  await tasks.close();
});

Deno.test("what a tool asks is asked of the owner, in order, and the answer goes back into the run", async () => {
  const { tasks, runtime, documents } = shop();
  await tasks.start("ann", "sort it");
  const watched = seen(tasks.watch("ann", "t1"));
  const run = runtime.begun[0]!;
  const verdicts = [run.ask(asked), run.ask({ ...asked, action: "second" })];
  let task = await standing(tasks, "t1", "asking");
  while (task.questions.length < 2) task = (await tasks.get("ann", "t1"))!;
  assert.deepEqual(task.questions.map(({ question }) => question.action), ["rm -rf build", "second"]);
  assert.equal((await documents.get({ kind: "task", id: "t1" }))?.state, "asking");
  const [first, second] = task.questions;
  const both = [tasks.answer("ann", "t1", second!.id, yes), tasks.answer("ann", "t1", second!.id, yes)];
  assert.deepEqual(await Promise.all(both), [true, false], "a question is answered once");
  assert.deepEqual(await verdicts[1], yes);
  assert.equal((await tasks.get("ann", "t1"))?.state, "asking");
  const refused = { allowed: false, reason: "not today", content: { why: "late" } };
  await tasks.answer("ann", "t1", first!.id, refused);
  assert.deepEqual(await verdicts[0], refused);
  assert.equal((await tasks.get("ann", "t1"))?.state, "working");
  assert.equal(await tasks.answer("ann", "t1", "none", yes), false);
  run.end(outcomeOf("answered"));
  assert.deepEqual(await watched, ["working", "asking", "asking", "asking", "working", "completed"]);
});

Deno.test("a question its tool gave up is withdrawn, and one that is open when its task ends is gone", async () => {
  const { tasks, runtime } = shop();
  await tasks.start("ann", "sort it");
  const run = runtime.begun[0]!;
  const patience = new AbortController();
  const verdict = run.ask(asked, patience.signal);
  const { questions: [question] } = await standing(tasks, "t1", "asking");
  patience.abort();
  assert.equal((await verdict).allowed, false);
  assert.deepEqual((await standing(tasks, "t1", "working")).questions, []);
  assert.equal(await tasks.answer("ann", "t1", question!.id, yes), false);
  const [gone, never] = [new AbortController(), run.ask(asked, AbortSignal.abort())];
  assert.equal((await never).allowed, false);
  const open = run.ask(asked, gone.signal);
  await standing(tasks, "t1", "asking");
  run.end(outcomeOf("limited"));
  assert.deepEqual((await standing(tasks, "t1", "failed")).questions, []);
  gone.abort();
  assert.equal((await open).allowed, false);
});

Deno.test("no secret is kept or told: of what was asked for, and of what is asked", async () => {
  const key = "sk-0123456789abcdef0123456789";
  const { tasks, runtime, documents } = shop({ secrets: fingerprints("KEY", key, randomBases()) });
  const { text } = await tasks.start("ann", `use ${key} for it`, { id: "t" });
  assert.equal(text, "use [secret:KEY] for it");
  assert.equal(runtime.journal.get("t")?.task, text);
  void runtime.begun[0]!.ask({ ...asked, action: `curl -H ${key}` });
  const { questions: [question] } = await standing(tasks, "t", "asking");
  assert.equal(question!.question.action, "curl -H [secret:KEY]");
  assert.ok(!JSON.stringify(await documents.list({ kind: "task", limit: 9 })).includes(key));
  await tasks.close();
});

Deno.test("so many are at work at once, the others wait in order, working", async () => {
  const { tasks, runtime } = shop({ atOnce: 2 });
  for (const id of ["a", "b", "c", "d", "e"]) {
    assert.equal((await tasks.start("ann", "sort it", { id })).state, "working");
  }
  const names = () => runtime.begun.map(({ run }) => run);
  assert.deepEqual(names(), ["a", "b"]);
  assert.equal((await tasks.cancel("ann", "c"))?.state, "canceled");
  runtime.begun[1]!.end(outcomeOf("answered"));
  assert.equal((await runtime.beginning(3)).run, "d");
  assert.deepEqual(names(), ["a", "b", "d"]);
  runtime.begun[0]!.end(outcomeOf("answered"));
  assert.equal((await runtime.beginning(4)).run, "e");
  await tasks.close();
});

Deno.test("one that had to wait and cannot be begun is failed, and lets the next one in", async () => {
  const { tasks, runtime } = shop({ atOnce: 1 });
  for (const id of ["a", "b", "c"]) await tasks.start("ann", "sort it", { id });
  runtime.faults.push(new Fault("start_failed", "no worker"));
  runtime.begun[0]!.end(outcomeOf("answered"));
  assert.equal((await standing(tasks, "b", "failed")).outcome?.reason, "no worker");
  assert.equal((await runtime.beginning(2)).run, "c");
  await tasks.close();
});

Deno.test("an end that cannot be written is told all the same, and says so; a store that is away is waited for", async () => {
  const store = memoryDocuments();
  const failing: Fault[] = [];
  const documents: DocumentsPort = {
    ...store,
    put: (document) => failing.length > 0 ? Promise.reject(failing.shift()) : store.put(document),
  };
  const { tasks, runtime, clock } = shop({ documents });
  await tasks.start("ann", "sort it", { id: "a" });
  failing.push(new Fault("store_full", "the disk is full"));
  runtime.begun[0]!.end(outcomeOf("answered", "4"));
  const { outcome } = await standing(tasks, "a", "completed");
  assert.deepEqual([outcome?.answer, outcome?.reason], [
    "4",
    "The end of the task is not recorded: the disk is full",
  ]);
  await tasks.start("ann", "sort it", { id: "b" });
  failing.push(new Fault("died", "restarting"), new Fault("died", "restarting"));
  clock.skip(50);
  clock.skip(100);
  runtime.begun[1]!.end(outcomeOf("answered", "4"));
  assert.deepEqual((await standing(tasks, "b", "completed")).outcome, outcomeOf("answered", "4"));
});
