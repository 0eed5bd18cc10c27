import assert from "node:assert/strict";
import { HandClock } from "../../../support/hand_clock.ts";
import { type Json, message, Served, textOf, until } from "./served.ts";

async function begun(served: Served, configuration: Json = { returnImmediately: true }): Promise<string> {
  return (await served.rpc("SendMessage", { message: message("work"), configuration })).result.task.id;
}

Deno.test("all streams of a task tell the same in the same order", async () => {
  await using served = new Served();
  const id = await begun(served);
  const opened: (() => void)[] = [];
  const listening = [1, 2, 3].map(async (at) => {
    const heard: Json[] = [];
    for await (const { result } of served.stream("SubscribeToTask", { id })) {
      heard.push(result);
      opened[at]?.();
    }
    return heard;
  });
  await Promise.all(listening.map((_, at) => new Promise<void>((resolve) => opened[at + 1] = resolve)));
  for (let turn = 1; turn <= 20; turn++) {
    served.tasks.emit(id, { type: "retry", agent: "lead", reason: `${turn}`, attempt: 1, delayMs: 0 });
  }
  served.tasks.complete(id, "done");
  const [first, ...others] = await Promise.all(listening);
  assert.equal(first?.length, 1 + 20 + 2);
  assert.deepEqual(first?.[0].task.status.state, "TASK_STATE_WORKING");
  assert.equal(
    textOf(first?.[20].statusUpdate.status.message),
    "The model did not answer (20); trying again",
  );
  for (const other of others) assert.deepEqual(other, first);
});

Deno.test("a stream that has nothing to tell says so before fifteen seconds are over", async () => {
  const clock = new HandClock();
  await using served = new Served({ clock });
  const id = await begun(served);
  const leaving = new AbortController();
  const response = await fetch(`${served.url}/a2a/tasks/${id}:subscribe`, { signal: leaving.signal });
  assert.equal(response.headers.get("content-type"), "text/event-stream");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.match((await reader.read()).value ?? "", /^data: \{"task":/);
  for (let times = 0; times < 2; times++) {
    await until(() => clock.sleeping > 0);
    clock.advance(15_000);
    assert.equal((await reader.read()).value, ": keep-alive\n\n");
  }
  leaving.abort();
  await reader.read().catch(() => {});
});

Deno.test("a client that leaves stops nothing, whichever way it waited", async () => {
  await using served = new Served();
  for (const method of ["SendMessage", "SendStreamingMessage"]) {
    const leaving = new AbortController();
    const waiting = fetch(`${served.url}/a2a`, {
      method: "POST",
      headers: { "A2A-Version": "1.0", "Content-Type": "application/json" },
      body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { message: message(method) } }),
      signal: leaving.signal,
    }).then((response) => response.text());
    await until(() => served.tasks.started.at(-1)?.task.text === method);
    leaving.abort();
    await assert.rejects(waiting);
    const id = served.tasks.started.at(-1)!.task.id;
    await until(async () => (await served.rpc("GetTask", { id })).result !== undefined);
    served.tasks.complete(id, "done all the same");
    await until(async () =>
      (await served.rpc("GetTask", { id })).result.status.state === "TASK_STATE_COMPLETED"
    );
  }
  assert.deepEqual(served.tasks.stopped, []);
});

Deno.test("who has waited long enough is told how it stands, and it goes on", async () => {
  const clock = new HandClock();
  await using served = new Served({ clock, waitMs: 120_000 });
  const waiting = served.rpc("SendMessage", { message: message("work") });
  await until(() => clock.sleeping > 0);
  clock.advance(120_000);
  const { result: { task } } = await waiting;
  assert.equal(task.status.state, "TASK_STATE_WORKING");
  assert.deepEqual(served.tasks.stopped, []);
});

Deno.test("a stream of messages ends with a question, one of a listener goes on", async () => {
  await using served = new Served({
    script: async ({ id }) => {
      await served.tasks.ask(id, { tool: "write_file", action: "a.txt", reason: "outside" });
      served.tasks.complete(id, "written");
    },
  });
  const told: Json[] = await Array.fromAsync(
    served.stream("SendStreamingMessage", { message: message("write") }),
  );
  const { taskId: id, status } = told.at(-1).result.statusUpdate;
  assert.equal(status.state, "TASK_STATE_INPUT_REQUIRED");
  const states: string[] = [];
  for await (const { result } of served.stream("SubscribeToTask", { id })) {
    states.push((result.task ?? result.statusUpdate)?.status.state);
    if (states.length > 1) continue;
    const { result: { task } } = await served.rpc("SendMessage", {
      message: message("", { taskId: id, parts: [{ data: { allowed: false } }] }),
    });
    assert.equal(task.status.state, "TASK_STATE_COMPLETED");
  }
  assert.deepEqual(states, [
    "TASK_STATE_INPUT_REQUIRED",
    "TASK_STATE_WORKING",
    undefined,
    "TASK_STATE_COMPLETED",
  ]);
});

Deno.test("what a sub-agent does meanwhile does not hide a question", async () => {
  await using served = new Served();
  const id = await begun(served);
  void served.tasks.ask(id, { tool: "write_file", action: "a.txt", reason: "outside" });
  const got = async () => (await served.rpc("GetTask", { id })).result.status;
  await until(async () => (await got()).state === "TASK_STATE_INPUT_REQUIRED");
  const artifacts = [{ name: "a.png", mediaType: "image/png", base64: "" }];
  served.tasks.emit(id, { type: "turn_started", agent: "lead/helper", turn: 2 });
  const call = { id: "c1", name: "execute_python", arguments: "{}" };
  const outcome = { ok: true as const, content: "", artifacts };
  served.tasks.emit(id, { type: "tool_ended", agent: "lead/helper", call, outcome, ms: 1 });
  await until(async () => (await served.rpc("GetTask", { id })).result.artifacts?.length === 1);
  const { state, message: question } = await got();
  assert.equal(state, "TASK_STATE_INPUT_REQUIRED");
  assert.match(textOf(question), /write_file asks/);
});

Deno.test("closing ends streams and waits; tasks go on, and the next process follows them to their end", async () => {
  const first = new Served();
  const { tasks, documents } = first;
  const stream = Array.fromAsync(first.stream("SendStreamingMessage", { message: message("stream") }));
  const waiting = first.rpc("SendMessage", { message: message("wait") });
  await until(() =>
    tasks.started.length === 2 && tasks.started.every(({ task }) => tasks.watching(task.id) > 0)
  );
  await first.close();
  const [opening] = await stream;
  assert.equal((await waiting).result.task.status.state, "TASK_STATE_WORKING");
  assert.deepEqual(tasks.stopped, []);
  const { id } = opening.result.task;
  await using second = new Served({ tasks, documents });
  const rest = second.stream("SubscribeToTask", { id });
  assert.equal((await rest.next()).value.result.task.status.state, "TASK_STATE_WORKING");
  tasks.complete(id, "done after the restart");
  const last = (await Array.fromAsync(rest)).at(-1);
  assert.equal(textOf(last.result.statusUpdate.status.message), "done after the restart");
});

Deno.test("a task that ended while nobody served is brought up to date before it is shown", async () => {
  const first = new Served();
  const { tasks, documents } = first;
  const id = await begun(first);
  await first.close();
  tasks.complete(id, "done meanwhile");
  await using second = new Served({ tasks, documents });
  const { result } = await second.rpc("GetTask", { id });
  assert.equal(textOf(result.status.message), "done meanwhile");
  assert.equal(result.artifacts[0].name, "answer");
  const { result: { tasks: listed } } = await second.rpc("ListTasks", { status: "TASK_STATE_COMPLETED" });
  assert.deepEqual(listed.map((task: Json) => task.id), [id]);
});

Deno.test("a question that was put before a restart is the same one after it, and can be answered", async () => {
  const first = new Served();
  const { tasks, documents } = first;
  const id = await begun(first);
  const answer = tasks.ask(id, { tool: "write_file", action: "a.txt", reason: "outside" });
  await until(async () =>
    (await first.rpc("GetTask", { id })).result.status.state === "TASK_STATE_INPUT_REQUIRED"
  );
  const { result: asked } = await first.rpc("GetTask", { id });
  await first.close();
  await using second = new Served({ tasks, documents });
  assert.deepEqual((await second.rpc("GetTask", { id })).result, asked);
  const waiting = second.rpc("SendMessage", { message: message("yes", { taskId: id }) });
  assert.equal((await answer).allowed, true);
  tasks.complete(id, "written");
  assert.equal((await waiting).result.task.status.state, "TASK_STATE_COMPLETED");
});

Deno.test("a task whose run nobody knows any more has failed", async () => {
  const first = new Served();
  const id = await begun(first);
  await first.close();
  await using second = new Served({ documents: first.documents });
  const { result } = await second.rpc("GetTask", { id });
  assert.equal(result.status.state, "TASK_STATE_FAILED");
});

Deno.test("what is asked for more is kept within bounds: files beyond them by name alone", async () => {
  await using served = new Served();
  const id = await begun(served);
  const base64 = btoa("x".repeat(3 * 1024 * 1024));
  for (const call of ["c1", "c2", "c3"]) {
    const artifacts = [{ name: `${call}.png`, mediaType: "image/png", base64 }];
    const outcome = { ok: true as const, content: "", artifacts };
    served.tasks.emit(id, {
      type: "tool_ended",
      agent: "lead",
      call: { id: call, name: "t", arguments: "{}" },
      outcome,
      ms: 1,
    });
  }
  served.tasks.complete(id, "");
  await until(async () =>
    (await served.rpc("GetTask", { id })).result.status.state === "TASK_STATE_COMPLETED"
  );
  const { result } = await served.rpc("GetTask", { id });
  const kinds = result.artifacts.map(({ parts: [part] }: Json) =>
    part.raw === undefined ? part.text : "file"
  );
  assert.deepEqual(kinds, ["file", "file", "c3.png: too large to be kept here"]);
});
