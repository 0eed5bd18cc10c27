import assert from "node:assert/strict";
import { approver, NOBODY } from "../../../actors/approvals/approver.ts";
import { Approval } from "../../../protocols/messages/approval.ts";
import type { ActorRef, ActorStream, CallOptions } from "../../../protocols/messages/ref.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { fails, onStage, type Stage } from "../../supervisor/stage.ts";

const KEY = "only the person has it";
const QUESTION = { tool: "run_command", action: "rm x", reason: "it removes files" };
const YES = { allowed: true, reason: "a person allowed it" };

Deno.test("while nobody listens a question is refused at once, and says why", () =>
  onStage(async (stage) => {
    const { ask } = await desk(stage);
    assert.deepEqual(await ask(), { allowed: false, reason: NOBODY });
  }));

Deno.test("a question waits for the person, and their words come back to whoever asked", () =>
  onStage(async (stage) => {
    const { ref, ask, listen } = await desk(stage);
    const person = listen();
    const [first, second] = [ask(), ask({ ...QUESTION, action: "rm y" })];
    const [x, y] = [await person.next(), await person.next()];
    assert.deepEqual([x.question, y.question?.action], [QUESTION, "rm y"]);
    assert.equal(await ref.call("answer", { id: y.id, verdict: YES }), true);
    assert.deepEqual(await second, YES);
    const no = { allowed: false, reason: "not this one" };
    assert.equal(await ref.call("answer", { id: x.id, verdict: no }), true);
    assert.deepEqual(await first, no);
    assert.equal(await ref.call("answer", { id: x.id, verdict: YES }), false, "it was answered before");
    await person.leave();
  }));

Deno.test("a question whose asker gives up is withdrawn, and an answer to it comes too late", () =>
  onStage(async (stage) => {
    const { ref, ask, listen } = await desk(stage);
    const person = listen();
    const late = fails(ask(QUESTION, { timeoutMs: 200 }), "timeout");
    const { id } = await person.next();
    await late;
    assert.deepEqual(await person.next(), { id, question: null });
    assert.equal(await ref.call("answer", { id, verdict: YES }), false);
    const abort = new AbortController();
    const given = fails(ask(QUESTION, { signal: abort.signal }), "cancelled");
    const other = await person.next();
    abort.abort();
    await given;
    assert.deepEqual(await person.next(), { id: other.id, question: null });
    await person.leave();
  }));

Deno.test("when the last listener goes away the questions that wait are refused, and so are later ones", () =>
  onStage(async (stage) => {
    const { ask, listen } = await desk(stage);
    const [one, other] = [listen(), listen()];
    const asked = ask();
    assert.deepEqual((await one.next()).question, QUESTION);
    await one.leave();
    assert.deepEqual((await other.next()).question, QUESTION, "the other one is still there");
    await other.leave();
    assert.deepEqual(await asked, { allowed: false, reason: NOBODY });
    assert.deepEqual(await ask(), { allowed: false, reason: NOBODY });
  }));

Deno.test("who comes later is told what is still open, and of two listeners the first answer counts", () =>
  onStage(async (stage) => {
    const { ref, ask, listen } = await desk(stage);
    const one = listen();
    const asked = ask();
    const { id } = await one.next();
    const other = listen();
    assert.deepEqual(await other.next(), { id, question: QUESTION });
    await ref.call("answer", { id, verdict: YES });
    assert.deepEqual(await other.next(), { id, question: null });
    assert.deepEqual(await asked, YES);
    await one.leave();
    await other.leave();
  }));

Deno.test("a tool that may ask cannot answer itself: without the key it hears of no question", () =>
  onStage(async (stage) => {
    const { ref, ask, listen } = await desk(stage);
    const spy = ref.stream("questions", { key: "guessed" });
    await fails(spy.reply, "denied");
    assert.equal(await ref.call("answer", { id: "guessed", verdict: YES }), false);
    const person = listen();
    const asked = ask();
    const { id } = await person.next();
    await ref.call("answer", { id, verdict: YES });
    assert.deepEqual(await asked, YES);
    await person.leave();
  }));

async function desk({ system }: Stage) {
  const tree = await system.start("root", { children: [child("approver", approver, { key: KEY })] });
  const ref: ActorRef<typeof Approval> = tree.ref(Approval, "approver");
  const ask = (question = QUESTION, options?: CallOptions) => ref.call("ask", question, options);
  return { ref, ask, listen: () => listener(ref.stream("questions", { key: KEY })) };
}

type Item = { id: string; question: typeof QUESTION | null };

function listener(stream: ActorStream<Item, null>) {
  const items = stream[Symbol.asyncIterator]();
  const ended = stream.reply.catch((error) => assert.equal(error.code, "cancelled"));
  return {
    async next(): Promise<Item> {
      const { done, value } = await items.next();
      assert.ok(!done, "the stream of questions ended");
      return value;
    },
    async leave(): Promise<void> {
      stream.cancel();
      await ended;
    },
  };
}
