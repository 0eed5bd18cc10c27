import assert from "node:assert/strict";
import { approver } from "../../../actors/approvals/approver.ts";
import { Approval, type Question, type Verdict } from "../../../protocols/messages/approval.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { type Person, questionsAt } from "../../../workspace/runtime/questions.ts";
import { onStage, type Stage } from "../../supervisor/stage.ts";

const KEY = "k";
const QUESTION: Question = { tool: "t", action: "a", reason: "r" };

Deno.test("a person answers what is asked until they leave", () =>
  onStage(async (stage) => {
    const { questions, ask } = await started(stage);
    const leave = questions.answeredBy(({ action }) => Promise.resolve({ allowed: true, reason: action }));
    assert.deepEqual(await ask("one"), { allowed: true, reason: "one" });
    leave();
    assert.deepEqual(await until(ask, ({ allowed }) => !allowed), {
      allowed: false,
      reason: "nobody can answer here",
    });
  }));

Deno.test("a person who breaks down has refused", () =>
  onStage(async (stage) => {
    const { questions, ask } = await started(stage);
    const leave = questions.answeredBy(() => Promise.reject(new Error("no terminal")));
    const { allowed, reason } = await ask("one");
    assert.deepEqual([allowed, reason], [false, "the question could not be put: no terminal"]);
    leave();
  }));

Deno.test("an approver that dies takes its questions back, and is listened to again when it lives", () =>
  onStage(async (stage) => {
    const { tree, questions, ask } = await started(stage);
    const asked = Promise.withResolvers<AbortSignal>();
    let person: Person = (_question, withdrawn) => {
      asked.resolve(withdrawn);
      return new Promise(() => {});
    };
    const leave = questions.answeredBy((...question) => person(...question));
    const lost = assert.rejects(ask("one"), { code: "died" });
    const withdrawn = await asked.promise;
    person = () => Promise.resolve({ allowed: true, reason: "again" });
    tree.kill("approver", "by the test");
    await lost;
    await stage.until("root/approver", "restarted");
    assert.equal((await until(ask, ({ allowed }) => allowed)).reason, "again");
    assert.ok(withdrawn.aborted);
    leave();
  }));

async function started({ system }: Stage) {
  const tree = await system.start("root", { children: [child("approver", approver, { key: KEY })] });
  const ref = tree.ref(Approval, "approver");
  const ask = (action: string) => ref.call("ask", { ...QUESTION, action });
  return { tree, ask, questions: questionsAt(ref, KEY) };
}

/** Asks again until the answer is one that is wanted; who comes and goes is heard of a moment later. */
async function until(
  ask: (action: string) => Promise<Verdict>,
  wanted: (verdict: Verdict) => boolean,
): Promise<Verdict> {
  for (let tries = 0; tries < 100; tries++) {
    const verdict = await ask("again");
    if (wanted(verdict)) return verdict;
  }
  return assert.fail("it was never answered so");
}
