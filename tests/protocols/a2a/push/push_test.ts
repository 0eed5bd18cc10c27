import assert from "node:assert/strict";
import { type StreamResponse, StreamResponse as Wire, type Task, Task as TaskWire } from "@a2a-js/sdk";
import { RequestMalformedError } from "@a2a-js/sdk/errors";
import { ServerCallContext } from "@a2a-js/sdk/server";
import type { Destination } from "../../../../protocols/a2a/push/destination.ts";
import type { Letter } from "../../../../protocols/a2a/push/post.ts";
import { openPush, type Push, type PushOptions } from "../../../../protocols/a2a/push/push.ts";
import { memoryDocuments } from "../../../../supervisor/durable/memory_documents.ts";
import { HandClock } from "../../../support/hand_clock.ts";

const URL_OF_HOOK = "https://hook.example.com/";

/** Who asks, in which version. */
function by(userName: string, requestedVersion = "1.0"): ServerCallContext {
  return new ServerCallContext({ user: { isAuthenticated: true, userName }, requestedVersion });
}

function config(over: Record<string, unknown> = {}) {
  return {
    tenant: "",
    id: "",
    taskId: "t1",
    url: URL_OF_HOOK,
    token: "",
    authentication: undefined,
    ...over,
  };
}

function status(state: string, text = state): StreamResponse {
  const message = { messageId: "m", role: "ROLE_AGENT", parts: [{ text }] };
  return Wire.fromJSON({ statusUpdate: { taskId: "t1", contextId: "c1", status: { state, message } } });
}

function working(text: string): StreamResponse {
  return status("TASK_STATE_WORKING", text);
}

const COMPLETED = status("TASK_STATE_COMPLETED");

/** A push under test, with the time in hand and what was posted. */
class Bench {
  readonly clock = new HandClock();
  readonly documents = memoryDocuments();
  readonly posted: { to: Destination; letter: Letter }[] = [];
  readonly reports: string[] = [];
  /** What the hook answers, in turn; then 200. An error is one of the connection. */
  readonly answers: (number | Error | Promise<number>)[] = [];
  addresses: string[] | Error = ["93.184.216.34"];
  push: Push;

  constructor(readonly options: Partial<PushOptions> = {}) {
    this.push = this.open();
  }

  /** As the next process would. */
  open(): Push {
    return this.push = openPush({
      documents: this.documents,
      clock: this.clock,
      random: () => 1,
      resolve: () =>
        this.addresses instanceof Error ? Promise.reject(this.addresses) : Promise.resolve(this.addresses),
      post: async (to, letter, signal) => {
        this.posted.push({ to, letter });
        const answer = this.answers.shift() ?? 200;
        if (answer instanceof Error) throw answer;
        signal.throwIfAborted();
        return await answer;
      },
      report: (line) => this.reports.push(line),
      ...this.options,
    });
  }

  /** Texts of the status messages posted. */
  get texts(): string[] {
    return this.posted.map(({ letter }) => {
      const body = JSON.parse(letter.body);
      return (body.statusUpdate ?? body).status.message.parts[0].text;
    });
  }

  /** Moves the time by `ms`, the next wait, once somebody waits. */
  async wait(ms: number): Promise<void> {
    await until(() => this.clock.sleeping === 1);
    this.clock.advance(ms - 1);
    const before = this.posted.length;
    await settled();
    assert.equal(this.posted.length, before, `nothing happens before ${ms} ms`);
    this.clock.advance(1);
    await settled();
  }
}

/** Everything that can happen without time passing has happened. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setTimeout(resolve));
}

async function until(holds: () => boolean): Promise<void> {
  for (let turn = 0; !holds(); turn++) {
    assert.ok(turn < 1000, "it never came to be");
    await new Promise((resolve) => setTimeout(resolve));
  }
}

Deno.test("a webhook is kept as its owner set it, and is nobody else's", async () => {
  const { push } = new Bench();
  const mine = config({ id: "mine", token: "abc", authentication: { scheme: "Bearer", credentials: "xyz" } });
  await push.store.save("t1", by("ann"), mine);
  assert.deepEqual(await push.store.load("t1", by("ann")), [mine]);
  assert.deepEqual(await push.store.load("t1", by("bob")), []);
  assert.deepEqual(await push.store.load("t2", by("ann")), []);
  await push.store.delete("t1", by("bob"), "mine");
  assert.equal((await push.store.load("t1", by("ann"))).length, 1);
  await push.store.delete("t1", by("ann"), "other");
  await push.store.delete("t1", by("ann"), "mine");
  assert.deepEqual(await push.store.load("t1", by("ann")), []);
  await assert.rejects(push.store.load("t1", new ServerCallContext()), /nobody said who asks/);
});

Deno.test("one without an id is given one, and each keeps the version it was set in", async () => {
  const { push, clock } = new Bench();
  const [one, other] = [config(), config()];
  await push.store.save("t1", by("ann"), one);
  clock.advance(1);
  await push.store.save("t1", by("ann", "0.3"), other);
  for (const { id } of [one, other]) assert.match(id, /^[0-9a-f-]{36}$/);
  const kept = await push.store.loadWithMetadata!("t1", by("ann"));
  assert.deepEqual(kept.map(({ config, wireVersion }) => [config.id, wireVersion]), [
    [one.id, "1.0"],
    [other.id, "0.3"],
  ]);
});

Deno.test("all of a task are deleted where none is named", async () => {
  const { push } = new Bench();
  for (const id of ["a", "b"]) await push.store.save("t1", by("ann"), config({ id }));
  await push.store.save("t2", by("ann"), config());
  await push.store.delete("t1", by("ann"));
  assert.deepEqual(await push.store.load("t1", by("ann")), []);
  assert.equal((await push.store.load("t2", by("ann"))).length, 1);
  assert.deepEqual(await push.tasksWithWebhooks(), [{ owner: "ann", taskId: "t2" }]);
});

Deno.test("a task has ten webhooks at most, also when they come at once", async () => {
  const { push } = new Bench();
  const save = (id: string, task = "t1") => push.store.save(task, by("ann"), config({ id }));
  const saved = await Promise.allSettled(Array.from({ length: 15 }, (_, n) => save(`w${n}`)));
  const refused = saved.filter((one) => one.status === "rejected");
  assert.equal(refused.length, 5);
  for (const { reason } of refused) {
    assert.ok(reason instanceof RequestMalformedError);
    assert.equal(reason.message, "Cannot add a webhook: the task has 10, and that is the most");
  }
  await save("w3");
  await save("w0", "t2");
  assert.equal((await push.store.load("t1", by("ann"))).length, 10);
});

const BAD: readonly [what: string, over: Record<string, unknown>, message: RegExp][] = [
  [
    "an address within",
    { url: "http://169.254.169.254/" },
    /169\.254\.169\.254 is not on the public internet/,
  ],
  ["no URL", { url: "" }, /not an absolute URL/],
  ["another scheme", { url: "file:///etc/passwd" }, /only http and https/],
  ["a user in the URL", { url: "https://a:b@hook.example.com/" }, /names a user/],
  ["a line break in the URL", { url: "https://hook.example.com/\r\nx" }, /control characters/],
  ["a line break in the token", { token: "a\r\nx-admin: 1" }, /printable ASCII may stand in the token/],
  ["a bare line feed in the token", { token: "a\nb" }, /printable ASCII may stand in the token/],
  ["a null in the token", { token: "a\0" }, /printable ASCII may stand in the token/],
  ["another script in the token", { token: "ключ" }, /printable ASCII may stand in the token/],
  ["a token of 4097 characters", { token: "a".repeat(4097) }, /no more than 4096/],
  [
    "a line break in the credentials",
    { authentication: { scheme: "Bearer", credentials: "a\r\nb: c" } },
    /the credentials/,
  ],
  [
    "a tab in the credentials",
    { authentication: { scheme: "Bearer", credentials: "a\tb" } },
    /the credentials/,
  ],
  [
    "long credentials",
    { authentication: { scheme: "Bearer", credentials: "a".repeat(4097) } },
    /no more than 4096/,
  ],
  [
    "a line break in the scheme",
    { authentication: { scheme: "Bearer\r\nX: y", credentials: "a" } },
    /authentication scheme/,
  ],
  [
    "a blank in the scheme",
    { authentication: { scheme: "Bearer x", credentials: "a" } },
    /authentication scheme/,
  ],
  ["a colon in the scheme", { authentication: { scheme: "X:", credentials: "a" } }, /authentication scheme/],
  [
    "a long scheme",
    { authentication: { scheme: "a".repeat(65), credentials: "a" } },
    /authentication scheme/,
  ],
  ["no scheme", { authentication: { scheme: "", credentials: "a" } }, /have no scheme/],
  ["a line break in the id", { id: "a\nb" }, /its id/],
  ["an id of 257 characters", { id: "a".repeat(257) }, /its id/],
];

Deno.test("what must not be sent to, or cannot be a header, is refused with the SDK's own error", async () => {
  const { push } = new Bench();
  for (const [what, over, message] of BAD) {
    await assert.rejects(push.store.save("t1", by("ann"), config(over)), (error: Error) => {
      assert.ok(error instanceof RequestMalformedError, what);
      assert.match(error.message, message, what);
      return error.message.startsWith("Cannot add a webhook: ");
    });
  }
  assert.deepEqual(await push.store.load("t1", by("ann")), []);
});

Deno.test("a name that leads inwards is refused; one nobody can resolve now, or in time, is judged later", async () => {
  const bench = new Bench();
  const save = () => bench.push.store.save("t1", by("ann"), config());
  bench.addresses = ["93.184.216.34", "10.0.0.1"];
  await assert.rejects(save(), /hook\.example\.com is not on the public internet/);
  bench.addresses = new Error("no such name");
  await save();
  const slow = new Bench({ resolve: () => new Promise(() => {}) });
  const saved = slow.push.store.save("t1", by("ann"), config());
  await until(() => slow.clock.sleeping === 1);
  slow.clock.advance(3000);
  await saved;
  assert.equal((await bench.push.store.load("t1", by("ann"))).length, 1);
});

Deno.test("each version is told in its own words, with its token and credentials", async () => {
  const { push, posted } = new Bench();
  const authentication = { scheme: "Bearer", credentials: "xyz" };
  await push.store.save("t1", by("ann"), config({ id: "new", token: "abc", authentication }));
  await push.store.save("t1", by("ann", "0.3"), config({ id: "old", token: "abc" }));
  const task = TaskWire.fromJSON({
    id: "t1",
    contextId: "c1",
    status: { state: "TASK_STATE_COMPLETED" },
  }) as Task;
  push.tell("ann", "t1", COMPLETED, task);
  task.id = "changed afterwards";
  await until(() => posted.length === 2);
  const [first, second] = posted.toSorted((a, b) =>
    a.letter.headers["content-type"]! < b.letter.headers["content-type"]! ? -1 : 1
  );
  assert.deepEqual(first!.letter.headers, {
    "content-type": "application/a2a+json",
    authorization: "Bearer xyz",
    "x-a2a-notification-token": "abc",
  });
  const sent = JSON.parse(first!.letter.body);
  assert.deepEqual(Object.keys(sent), ["statusUpdate"]);
  assert.equal(sent.statusUpdate.status.state, "TASK_STATE_COMPLETED");
  assert.deepEqual(second!.letter.headers, {
    "content-type": "application/json",
    "x-a2a-notification-token": "abc",
  });
  const { kind, id, status } = JSON.parse(second!.letter.body);
  assert.deepEqual({ kind, id, state: status.state }, { kind: "task", id: "t1", state: "completed" });
  assert.deepEqual(first!.to.addresses, ["93.184.216.34"]);
});

Deno.test("only that owner's webhooks of that task are told", async () => {
  const { push, posted } = new Bench();
  await push.store.save("t1", by("ann"), config({ url: `${URL_OF_HOOK}ann` }));
  await push.store.save("t1", by("bob"), config({ url: `${URL_OF_HOOK}bob` }));
  await push.store.save("t2", by("ann"), config({ url: `${URL_OF_HOOK}other` }));
  push.tell("ann", "t1", COMPLETED);
  await settled();
  assert.deepEqual(posted.map(({ to }) => to.url.pathname), ["/ann"]);
});

Deno.test("a webhook set after a task was told of is told what follows, and a deleted one no more", async () => {
  const bench = new Bench();
  bench.push.tell("ann", "t1", working("before"));
  await settled();
  await bench.push.store.save("t1", by("ann"), config({ id: "w" }));
  bench.push.tell("ann", "t1", working("between"));
  await settled();
  await bench.push.store.delete("t1", by("ann"), "w");
  bench.push.tell("ann", "t1", working("after"));
  await settled();
  assert.deepEqual(bench.texts, ["between"]);
});

Deno.test("tries again with growing waits while the cause may pass, and keeps the order", async () => {
  const bench = new Bench();
  await bench.push.store.save("t1", by("ann"), config());
  bench.answers.push(500, new Error("connection refused"), 429, 503, 408);
  for (const text of ["a", "b", "c"]) bench.push.tell("ann", "t1", working(text));
  for (const ms of [1000, 2000, 4000, 8000, 16_000]) await bench.wait(ms);
  await until(() => bench.posted.length === 8);
  assert.deepEqual(bench.texts, ["a", "a", "a", "a", "a", "a", "b", "c"]);
  assert.deepEqual(bench.reports, []);
});

Deno.test("waits are shortened by chance, to half at most", async () => {
  const bench = new Bench({ random: () => 0 });
  await bench.push.store.save("t1", by("ann"), config());
  bench.answers.push(500);
  bench.push.tell("ann", "t1", working("a"));
  await bench.wait(500);
  assert.equal(bench.posted.length, 2);
});

Deno.test("an answer that is for good, a redirect too, is not tried again", async () => {
  const bench = new Bench();
  await bench.push.store.save("t1", by("ann"), config());
  bench.answers.push(404, 307);
  for (const text of ["a", "b", "c"]) bench.push.tell("ann", "t1", working(text));
  await until(() => bench.posted.length === 3);
  assert.deepEqual(bench.texts, ["a", "b", "c"]);
  assert.deepEqual(bench.reports, [
    "Cannot notify hook.example.com of task t1: it answered 404",
    "Cannot notify hook.example.com of task t1: it answered 307",
  ]);
});

Deno.test("after five failures in a row the webhook is removed, after four and a success it is not", async () => {
  const bench = new Bench();
  const count = async () => (await bench.push.store.load("t1", by("ann"))).length;
  await bench.push.store.save("t1", by("ann"), config());
  bench.answers.push(404, 404, 404, 404, 200, 404, 404, 404, 404);
  for (let n = 0; n < 9; n++) bench.push.tell("ann", "t1", working(`${n}`));
  await until(() => bench.posted.length === 9);
  await settled();
  assert.equal(await count(), 1);
  // The count outlives the process.
  await bench.push.close();
  bench.open();
  bench.answers.push(404);
  bench.push.tell("ann", "t1", working("last"));
  bench.push.tell("ann", "t1", working("never"));
  await settled();
  assert.equal(bench.posted.length, 10);
  assert.equal(await count(), 0);
  assert.equal(bench.reports.at(-1), "A webhook of task t1 is removed: 5 notifications in a row failed");
});

Deno.test("a name that leads inwards by the time of sending is not sent to", async () => {
  const bench = new Bench();
  await bench.push.store.save("t1", by("ann"), config());
  bench.push.tell("ann", "t1", working("a"));
  await until(() => bench.posted.length === 1);
  bench.addresses = ["127.0.0.1"];
  bench.push.tell("ann", "t1", working("b"));
  await settled();
  assert.equal(bench.posted.length, 1);
  assert.deepEqual(bench.reports, [
    "Cannot notify hook.example.com of task t1: hook.example.com is not on the public internet",
  ]);
  bench.addresses = new Error("no such name");
  bench.push.tell("ann", "t1", working("c"));
  await until(() => bench.clock.sleeping === 1);
  bench.addresses = ["93.184.216.34"];
  await bench.wait(1000);
  assert.deepEqual(bench.texts, ["a", "c"]);
});

Deno.test("a try that takes too long is given up", async () => {
  const bench = new Bench();
  await bench.push.store.save("t1", by("ann"), config());
  bench.answers.push(new Promise<number>(() => {}));
  bench.push.tell("ann", "t1", working("a"));
  await until(() => bench.posted.length === 1);
  bench.clock.advance(10_000);
  await bench.wait(1000);
  assert.deepEqual(bench.texts, ["a", "a"]);
});

Deno.test("a slow webhook keeps no other waiting, and no more than so many are told at once", async () => {
  const bench = new Bench({ atOnce: 3 });
  for (let n = 0; n < 5; n++) {
    bench.clock.advance(1);
    await bench.push.store.save("t1", by("ann"), config({ id: `${n}`, url: `${URL_OF_HOOK}${n}` }));
  }
  const paths = () => bench.posted.map(({ to }) => to.url.pathname);
  const stuck = Promise.withResolvers<number>();
  const brief = [Promise.withResolvers<number>(), Promise.withResolvers<number>()];
  bench.answers.push(stuck.promise, ...brief.map(({ promise }) => promise));
  bench.push.tell("ann", "t1", working("a"));
  await settled();
  assert.deepEqual(paths(), ["/0", "/1", "/2"]);
  brief[0]!.resolve(200);
  await settled();
  assert.deepEqual(paths(), ["/0", "/1", "/2", "/3", "/4"]);
  bench.push.tell("ann", "t1", working("b"));
  await settled();
  assert.deepEqual(paths().slice(5).sort(), ["/1", "/3", "/4"]);
  brief[1]!.resolve(200);
  stuck.resolve(200);
  await settled();
  assert.deepEqual(paths().slice(8).sort(), ["/0", "/2"]);
});

Deno.test("what comes in the moment the last one is through is sent too", async () => {
  for (let turns = 0; turns < 40; turns++) {
    const bench = new Bench();
    await bench.push.store.save("t1", by("ann"), config());
    const answer = Promise.withResolvers<number>();
    bench.answers.push(answer.promise);
    bench.push.tell("ann", "t1", working("a"));
    await until(() => bench.posted.length === 1);
    answer.resolve(200);
    for (let turn = 0; turn < turns; turn++) await undefined;
    bench.push.tell("ann", "t1", working("b"));
    await until(() => bench.posted.length === 2);
  }
});

Deno.test("what waits too long for a stuck webhook is left out, the oldest first, the end never", async () => {
  const bench = new Bench();
  await bench.push.store.save("t1", by("ann"), config());
  const stuck = Promise.withResolvers<number>();
  bench.answers.push(stuck.promise);
  bench.push.tell("ann", "t1", working("first"));
  for (let n = 0; n < 150; n++) bench.push.tell("ann", "t1", working(`${n}`));
  bench.push.tell("ann", "t1", COMPLETED);
  await settled();
  stuck.resolve(200);
  await until(() => bench.posted.length === 101);
  assert.deepEqual([bench.texts[0], bench.texts[1], bench.texts.at(-1)], [
    "first",
    "51",
    "TASK_STATE_COMPLETED",
  ]);

  const big = Promise.withResolvers<number>();
  bench.answers.push(big.promise);
  bench.push.tell("ann", "t1", working("first"));
  for (let n = 0; n < 10; n++) bench.push.tell("ann", "t1", working("x".repeat(600_000)));
  bench.push.tell("ann", "t1", COMPLETED);
  await settled();
  big.resolve(200);
  await until(() => bench.texts.at(-1) === "TASK_STATE_COMPLETED" && bench.posted.length > 102);
  assert.ok(bench.posted.length < 101 + 7, `${bench.posted.length - 101} were sent`);
});

Deno.test("whoever was not told the end before the process was gone is told by the next one", async () => {
  const bench = new Bench();
  for (const task of ["t1", "t2", "t3"]) {
    await bench.push.store.save(task, by("ann"), config({ id: "w", token: `of ${task}` }));
  }
  await bench.push.store.save("t4", by("bob"), config());
  bench.push.tell("ann", "t1", working("a"));
  bench.push.tell("ann", "t2", COMPLETED);
  await settled();
  bench.answers.push(500);
  bench.push.tell("bob", "t4", COMPLETED);
  await until(() => bench.clock.sleeping === 1);
  await bench.push.close();
  assert.equal(bench.clock.sleeping, 0);
  bench.push.tell("ann", "t1", working("nobody is told after the end"));
  await settled();

  bench.posted.length = 0;
  bench.open();
  const waiting = await bench.push.tasksWithWebhooks();
  assert.deepEqual(waiting.map(({ owner, taskId }) => `${owner} ${taskId}`).sort(), [
    "ann t1",
    "ann t3",
    "bob t4",
  ]);
  bench.push.tell("ann", "t1", COMPLETED);
  await until(() => bench.posted.length === 1);
  assert.equal(bench.posted[0]!.letter.headers["x-a2a-notification-token"], "of t1");
  await settled();
  assert.deepEqual((await bench.push.tasksWithWebhooks()).map(({ taskId }) => taskId).sort(), ["t3", "t4"]);
  assert.equal((await bench.push.store.load("t1", by("ann"))).length, 1);
});

Deno.test("a broken store of documents is reported and ends nothing", async () => {
  const documents = memoryDocuments();
  const bench = new Bench({
    documents: { ...documents, get: () => Promise.reject(new Error("the disk is full")) },
  });
  await bench.push.store.save("t1", by("ann"), config());
  bench.push.tell("ann", "t1", working("a"));
  await until(() => bench.reports.length === 1);
  assert.deepEqual(bench.reports, ["Cannot notify anybody: the disk is full"]);
  bench.push.tell("ann", "t1", {} as StreamResponse);
  await until(() => bench.reports.length === 2);
  assert.match(bench.reports[1]!, /^Cannot notify anybody of task t1: /);
});

Deno.test("a real webhook on this machine is told when its host is allowed", async () => {
  const told = Promise.withResolvers<[string, string | null]>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    told.resolve([await request.text(), request.headers.get("x-a2a-notification-token")]);
    return new Response();
  });
  const documents = memoryDocuments();
  const push = openPush({ documents, allowHosts: ["localhost"] });
  const url = `http://localhost:${server.addr.port}/hook`;
  await push.store.save("t1", by("ann"), config({ url, token: "abc" }));
  push.tell("ann", "t1", COMPLETED);
  const [body, token] = await told.promise;
  assert.equal(JSON.parse(body).statusUpdate.status.state, "TASK_STATE_COMPLETED");
  assert.equal(token, "abc");
  while ((await push.tasksWithWebhooks()).length > 0) await settled();
  await push.close();
  await server.shutdown();
});
