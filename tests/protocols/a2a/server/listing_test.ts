import assert from "node:assert/strict";
import { type Json, message, Served } from "./served.ts";

/** Five tasks of three conversations, the last two at work still. */
async function five(served: Served): Promise<string[]> {
  const ids: string[] = [];
  for (const [at, contextId] of ["a", "a", "b", "b", "c"].entries()) {
    const configuration = { returnImmediately: at >= 3 };
    const { result } = await served.rpc("SendMessage", {
      message: message(`task ${at}`, { contextId }),
      configuration,
    });
    ids.push(result.task.id);
  }
  return ids;
}

function serving(): Served {
  const served: Served = new Served({
    script: ({ id, text }): void => {
      if (!/[34]$/.test(text)) served.tasks.complete(id, `done with ${text.split("\n").at(-1)}`);
    },
  });
  return served;
}

Deno.test("tasks are listed page by page, last changed first, each once", async () => {
  await using served = serving();
  const ids = await five(served);
  const seen: Json[] = [];
  let pageToken = "";
  do {
    const { result } = await served.rpc("ListTasks", { pageSize: 2, pageToken });
    assert.deepEqual([result.pageSize, result.totalSize], [2, 5]);
    assert.ok(result.tasks.length <= 2);
    seen.push(...result.tasks);
    pageToken = result.nextPageToken;
  } while (pageToken !== "");
  assert.deepEqual(new Set(seen.map(({ id }) => id)), new Set(ids));
  assert.equal(seen.length, 5);
  const moments = seen.map(({ status }) => status.timestamp);
  assert.deepEqual(moments, moments.toSorted().reverse());
});

Deno.test("a list is narrowed by conversation, state and moment", async () => {
  await using served = serving();
  await five(served);
  const { result: { tasks: [newest] } } = await served.rpc("ListTasks", { pageSize: 1 });
  const cases: readonly (readonly [params: Json, count: number])[] = [
    [{}, 5],
    [{ contextId: "a" }, 2],
    [{ contextId: "nobody's" }, 0],
    [{ status: "TASK_STATE_COMPLETED" }, 3],
    [{ status: 2 }, 2],
    [{ status: "TASK_STATE_COMPLETED", contextId: "b" }, 1],
    [{ statusTimestampAfter: "1969-12-31T00:00:00Z" }, 5],
    [{ statusTimestampAfter: new Date(Date.parse(newest.status.timestamp) + 1).toISOString() }, 0],
    [{ context_id: "a", page_size: 1 }, 2],
  ];
  for (const [params, count] of cases) {
    const { result } = await served.rpc("ListTasks", params);
    assert.equal(result.totalSize, count, JSON.stringify(params));
    const query = new URLSearchParams(Object.entries(params).map(([name, value]) => [name, String(value)]));
    const http = await (await fetch(`${served.url}/a2a/tasks?${query}`)).json();
    assert.deepEqual([http.totalSize, http.tasks.length], [count, result.tasks.length], `${query}`);
  }
});

Deno.test("history and artifacts are shown as far as asked for", async () => {
  await using served = serving();
  const [id] = await five(served);
  const listed = async (params: Json) =>
    (await served.rpc("ListTasks", params)).result.tasks.find((task: Json) => task.id === id);
  assert.equal((await listed({})).artifacts, undefined);
  assert.equal((await listed({ includeArtifacts: true })).artifacts[0].parts[0].text, "done with task 0");
  assert.equal((await listed({})).history.length, 1);
  assert.equal((await listed({ historyLength: 0 })).history, undefined);
  const got = async (length: Json) => (await served.rpc("GetTask", { id, historyLength: length })).result;
  assert.deepEqual([(await got(0)).history, (await got(undefined)).history.length], [undefined, 1]);
  const http = await (await fetch(`${served.url}/a2a/acme/tasks/${id}?historyLength=0`)).json();
  assert.deepEqual([http.id, http.history], [id, undefined]);
});

Deno.test("what was said and answered before in a conversation is told to the next run", async () => {
  await using served = serving();
  await five(served);
  await served.rpc("SendMessage", { message: message("and now?", { contextId: "a" }) });
  assert.equal(
    served.tasks.started.at(-1)?.task.text,
    "Earlier in this conversation:\n\nUser: task 0\nYou: done with task 0\n\nUser: task 1\nYou: done with task 1\n\nNow:\n\nand now?",
  );
});
