/**
 * `run_task` and the Tasks extension: whole tasks over MCP.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { RunEvent } from "../../../../protocols/messages/run.ts";
import type { FakeTool } from "../../../support/fake_tools.ts";
import { ERAS, modern, type Served, withServer } from "./served.ts";

const TASKS = { extensions: { "io.modelcontextprotocol/tasks": {} } };
const TURN: RunEvent = { type: "turn_started", agent: "lead", turn: 1 };

for (const era of ERAS) {
  Deno.test(`${era}: a task is run to its end, with progress, limits and a structured answer`, async () => {
    await withServer({}, async ({ client, tasks }) => {
      const asked = await client(era, {}, "ann");
      const heard: string[] = [];
      const begun = Promise.withResolvers<void>();
      const onprogress = ({ message }: { message?: string }) => {
        heard.push(message ?? "");
        begun.resolve();
      };
      const limits = { max_turns: 3, max_tokens: 100, max_usd: 0.5, timeout_seconds: 1.5 };
      const call = asked.callTool({ name: "run_task", arguments: { task: "2+2", ...limits } }, {
        onprogress,
      });
      const { task, options } = await started(tasks);
      assert.deepEqual([task.owner, task.text], ["ann", "2+2"]);
      assert.deepEqual(options.limits, { turns: 3, tokens: 100, nanoUsd: 500_000_000, wallMs: 1_500 });
      tasks.emit(task.id, TURN);
      await begun.promise;
      tasks.complete(task.id, "4");
      const { structuredContent, content, isError } = await call;
      assert.deepEqual(structuredContent, {
        task_id: task.id,
        status: "completed",
        answer: "4",
        turns: 1,
        tokens: 15,
      });
      assert.deepEqual(content, [{ type: "text", text: JSON.stringify(structuredContent) }]);
      assert.ok(!isError);
      assert.deepEqual(heard, ["turn 1"]);
    });
  });

  Deno.test(`${era}: to cancel the call stops the task`, async () => {
    await withServer({}, async ({ client, tasks }) => {
      const nobody = new AbortController();
      const call = (await client(era)).callTool({ name: "run_task", arguments: { task: "long" } }, {
        signal: nobody.signal,
      });
      call.catch(() => {});
      const { task } = await started(tasks);
      nobody.abort();
      await assert.rejects(call);
      for await (const event of tasks.watch("anyone", task.id)) {
        if (event.type === "task" && event.task.state === "canceled") break;
      }
      assert.deepEqual(tasks.stopped, [task.id]);
    });
  });

  Deno.test(`${era}: a task's question reaches the client and its answer the task`, async () => {
    const setting = {
      script: async ({ id }: { id: string }) => {
        const tasks = served!.tasks;
        const { allowed } = await tasks.ask(id, {
          tool: "run_command",
          action: "rm x",
          reason: "it deletes",
        });
        tasks.complete(id, allowed ? "removed" : "kept");
      },
    };
    let served: Served | undefined;
    await withServer(setting, async (one) => {
      served = one;
      const asked = await one.client(era, { capabilities: { elicitation: {} } });
      asked.setRequestHandler("elicitation/create", () => ({ action: "accept", content: { allow: true } }));
      const call = async (client: typeof asked) =>
        (await client.callTool({ name: "run_task", arguments: { task: "clean" } })).structuredContent as {
          answer: string;
        };
      assert.equal((await call(asked)).answer, "removed");
      assert.equal((await call(await one.client(era))).answer, "kept", "who cannot be asked refuses");
    });
  });

  Deno.test(`${era}: what is wrong with a task is a result that says so`, async () => {
    await withServer({}, async ({ client, tasks }) => {
      const asked = await client(era);
      for (
        const args of [{}, { task: "  " }, { task: "x", max_turns: 0 }, { task: "x", turns: 3 }, { task: 3 }]
      ) {
        const { isError } = await asked.callTool({ name: "run_task", arguments: args });
        assert.equal(isError, true, JSON.stringify(args));
      }
      assert.equal(tasks.started.length, 0);
      tasks.close();
      const { isError, content } = await asked.callTool({ name: "run_task", arguments: { task: "x" } });
      assert.equal(isError, true);
      assert.match(JSON.stringify(content), /ending/);
    });
  });
}

Deno.test("a client that takes tasks is answered with one that is a real task, and its owner's alone", async () => {
  await withServer({}, async ({ post, tasks }) => {
    const ask = async (owner: string, method: string, params: Record<string, unknown>, capabilities = {}) => {
      const [body, headers] = modern(method, params, { ...TASKS, elicitation: {}, ...capabilities });
      return await (await post(body, { ...headers, "x-owner": owner })).json();
    };
    const { result: made } = await ask("ann", "tools/call", { name: "run_task", arguments: { task: "2+2" } });
    assert.equal(made.resultType, "task");
    assert.equal(made.status, "working");
    assert.equal(made.ttlMs, null);
    assert.equal("content" in made, false);
    const [{ task } = assert.fail()] = tasks.started;
    assert.equal(made.taskId, task.id);

    const stranger = await ask("bob", "tasks/get", { taskId: task.id });
    const unknown = await ask("bob", "tasks/get", { taskId: "no-such" });
    assert.deepEqual(stranger.error, unknown.error, "foreign and unknown look the same");
    assert.equal((await ask("bob", "tasks/cancel", { taskId: task.id })).error.code, -32602);

    const answered = tasks.ask(task.id, { tool: "t", action: "a", reason: "r" });
    const { result: asking } = await ask("ann", "tasks/get", { taskId: task.id });
    assert.equal(asking.status, "input_required");
    const [key] = Object.keys(asking.inputRequests);
    const responses = { [key!]: { action: "accept", content: { allow: true } }, other: { action: "cancel" } };
    const { result: ack } = await ask("ann", "tasks/update", { taskId: task.id, inputResponses: responses });
    assert.equal(ack.resultType, "complete");
    assert.equal((await answered).allowed, true);

    tasks.complete(task.id, "4");
    const { result: done } = await ask("ann", "tasks/get", { taskId: task.id });
    assert.equal(done.status, "completed");
    assert.equal(done.result.structuredContent.answer, "4");
  });
});

Deno.test("a task that asks a client which cannot ask a person is refused, not left hanging", async () => {
  await withServer({}, async ({ post, tasks }) => {
    const { id } = await tasks.start("anyone", "x");
    const answered = tasks.ask(id, { tool: "t", action: "a", reason: "r" });
    const [body, headers] = modern("tasks/get", { taskId: id }, TASKS);
    assert.equal((await (await post(body, headers)).json()).result.status, "working");
    assert.equal((await answered).allowed, false);
  });
});

Deno.test("tasks end as results that say how: failed and refused are errors, canceled is canceled", async () => {
  await withServer({}, async ({ post, tasks }) => {
    const get = async (end: (id: string) => void) => {
      const { id } = await tasks.start("anyone", "x");
      end(id);
      const [body, headers] = modern("tasks/get", { taskId: id }, TASKS);
      const { result } = await (await post(body, headers)).json();
      return [result.status, result.result?.isError, result.result?.structuredContent.status];
    };
    assert.deepEqual(await get((id) => tasks.complete(id, "x")), ["completed", undefined, "completed"]);
    assert.deepEqual(await get((id) => tasks.end(id, "failed", "")), ["completed", true, "failed"]);
    assert.deepEqual(await get((id) => tasks.end(id, "denied", "")), ["completed", true, "rejected"]);
    assert.deepEqual(await get((id) => void tasks.cancel("anyone", id)), ["cancelled", undefined, undefined]);
  });
});

for (const era of ERAS) {
  Deno.test(`${era}: when the server ends, calls are answered and tasks are left to go on`, async () => {
    const begun = Promise.withResolvers<void>();
    const tool: FakeTool = { name: "endless", invoke: () => (begun.resolve(), new Promise(() => {})) };
    await withServer({ tools: [tool] }, async ({ client, tasks, close }) => {
      const asked = await client(era);
      const task = asked.callTool({ name: "run_task", arguments: { task: "long" } });
      const call = asked.callTool({ name: "endless" });
      const { task: { id } } = await started(tasks);
      await begun.promise;
      await close();
      for (const { isError } of await Promise.all([task, call])) assert.equal(isError, true);
      assert.match(JSON.stringify((await task).content), new RegExp(`Task ${id} goes on`));
      assert.deepEqual([tasks.stopped, (await tasks.get("anyone", id))?.state], [[], "working"]);
    });
  });
}

/** The first task, once there is one. */
async function started(tasks: Served["tasks"]) {
  for (;;) {
    const [first] = tasks.started;
    if (first !== undefined) return first;
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
