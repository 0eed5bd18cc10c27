/** Whoever watches a task. */
import assert from "node:assert/strict";
import { Audience, WATCHER_BACKLOG } from "../../../workspace/tasks/audience.ts";
import type { Task, TaskEvent } from "../../../workspace/tasks/task.ts";
import { Turnstile } from "../../../workspace/tasks/turnstile.ts";
import { says } from "./hand_runtime.ts";

const task: Task = {
  id: "t",
  owner: "ann",
  text: "sort it",
  state: "working",
  createdAt: 1,
  updatedAt: 1,
  questions: [],
};

/** `iterator` has been asked for the snapshot, so it is told of everything from now on. */
async function begun(
  audience: Audience,
  signal?: AbortSignal,
): Promise<AsyncGenerator<TaskEvent, void, void>> {
  const watch = audience.watch(task, signal);
  assert.deepEqual((await watch.next()).value, { type: "task", task });
  return watch;
}

async function rest(watch: AsyncIterable<TaskEvent>): Promise<TaskEvent[]> {
  const events: TaskEvent[] = [];
  for await (const event of watch) events.push(event);
  return events;
}

Deno.test("a watcher that falls far behind misses the oldest run events and no task event; others miss nothing", async () => {
  const audience = new Audience();
  const slow = await begun(audience);
  const quick = rest(await begun(audience));
  const states: TaskEvent[] = [];
  for (let i = 0; i < WATCHER_BACKLOG + 500; i++) {
    if (i % 1000 === 0) {
      states.push({ type: "task", task: { ...task, updatedAt: i } });
      audience.tell(states.at(-1)!);
    }
    audience.tell({ type: "run", event: says(String(i)) });
    if (i % 2000 === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  }
  audience.dismiss();
  const late = await rest(slow);
  assert.equal(late.length, WATCHER_BACKLOG);
  assert.deepEqual(late.filter(({ type }) => type === "task"), states);
  const texts = late.flatMap((told) =>
    told.type === "run" && told.event.type === "text" ? [told.event.text] : []
  );
  assert.equal(Number(texts[0]), 500 + states.length);
  assert.equal(Number(texts.at(-1)), WATCHER_BACKLOG + 499);
  assert.equal((await quick).length, WATCHER_BACKLOG + 500 + states.length);
});

Deno.test("a watch ends at once when its signal is aborted, whatever is still to be told", async () => {
  const audience = new Audience();
  const leaving = new AbortController();
  const watch = await begun(audience, leaving.signal);
  audience.tell({ type: "run", event: says("a") });
  assert.equal((await watch.next()).done, false);
  const waiting = watch.next();
  leaving.abort();
  assert.equal((await waiting).done, true);
  assert.equal(audience.size, 0);
  assert.deepEqual(await rest(audience.watch(task, leaving.signal)), []);
});

Deno.test("many watch at once, each leaves for itself, and none is left over", async () => {
  const audience = new Audience();
  const watches = await Promise.all(Array.from({ length: 1000 }, () => begun(audience)));
  assert.equal(audience.size, 1000);
  for (const watch of watches.slice(0, 400)) await watch.return();
  assert.equal(audience.size, 600);
  audience.tell({ type: "run", event: says("a") });
  audience.dismiss();
  for (const watch of watches.slice(400)) assert.equal((await rest(watch)).length, 1);
  assert.equal(audience.size, 0);
  assert.deepEqual(await rest(audience.watch(task)), [{ type: "task", task }]);
});

Deno.test("a turnstile lets the longest waiting in first, and forgets whoever gave up", async () => {
  const turnstile = new Turnstile(1);
  const patient = new AbortController().signal;
  const order: string[] = [];
  const enter = (name: string, signal = patient) =>
    turnstile.enter(signal).then((entered) => order.push(entered ? name : `not ${name}`));
  const hasty = new AbortController();
  const all = [enter("a"), enter("b", hasty.signal), enter("c"), enter("d"), enter("e", AbortSignal.abort())];
  assert.equal(turnstile.tryEnter(), false);
  hasty.abort();
  turnstile.leave();
  turnstile.leave();
  await Promise.all(all);
  assert.deepEqual(order.toSorted(), ["a", "c", "d", "not b", "not e"]);
  assert.ok(order.indexOf("c") < order.indexOf("d"));
  turnstile.leave();
  assert.equal(turnstile.tryEnter(), true);
  assert.equal(turnstile.tryEnter(), false);
});
