import assert from "node:assert/strict";
import { openPush } from "../../../../protocols/a2a/push/push.ts";
import { memoryDocuments } from "../../../../supervisor/durable/memory_documents.ts";
import { type Json, message, Served, until } from "./served.ts";

/** Hears what webhooks are told. */
class Hook implements AsyncDisposable {
  readonly heard: Json[] = [];
  readonly url: string;
  readonly #server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen: () => {} }, async (request) => {
    this.heard.push(await request.json());
    return new Response();
  });

  constructor() {
    this.url = `http://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

function serving(): Served {
  const documents = memoryDocuments();
  return new Served({ documents, push: openPush({ documents, allowHosts: ["127.0.0.1"] }) });
}

Deno.test("a webhook given with a message is told of all that happens, in the words of 1.0", async () => {
  await using hook = new Hook();
  await using served = serving();
  const { result: { task } } = await served.rpc("SendMessage", {
    message: message("work"),
    configuration: { returnImmediately: true, taskPushNotificationConfig: { url: hook.url } },
  });
  served.tasks.complete(task.id, "done");
  await until(() => hook.heard.at(-1)?.statusUpdate?.status.state === "TASK_STATE_COMPLETED");
  assert.ok(hook.heard.some(({ artifactUpdate }) => artifactUpdate?.artifact.name === "answer"));
});

Deno.test("a webhook of 0.3 without an id is set, got, listed and deleted", async () => {
  await using hook = new Hook();
  await using served = serving();
  const said = {
    message: { role: "user", parts: [{ kind: "text", text: "work" }] },
    configuration: { blocking: false },
  };
  const { result: { id } } = await served.rpc("message/send", said, "0.3");
  const method = (name: string) => `tasks/pushNotificationConfig/${name}`;
  const set = await served.rpc(
    method("set"),
    { taskId: id, pushNotificationConfig: { url: hook.url } },
    "0.3",
  );
  assert.deepEqual(set.result, { taskId: id, pushNotificationConfig: { id: "default", url: hook.url } });
  assert.deepEqual((await served.rpc(method("get"), { id }, "0.3")).result, set.result);
  assert.deepEqual((await served.rpc(method("list"), { id }, "0.3")).result, [set.result]);
  served.tasks.complete(id, "done");
  await until(() => hook.heard.at(-1)?.status?.state === "completed");
  assert.equal((await served.rpc(method("delete"), { id }, "0.3")).result, null);
  assert.deepEqual((await served.rpc(method("list"), { id }, "0.3")).result, []);
});

Deno.test("webhooks that must not be told are refused when they are given, and nothing begins", async () => {
  await using served = serving();
  for (const url of ["http://10.0.0.1/", "ftp://127.0.0.1/", "http://[::1]/", "nonsense"]) {
    const configuration = { taskPushNotificationConfig: { url } };
    const { error } = await served.rpc("SendMessage", { message: message("work"), configuration });
    assert.equal(error.code, -32602, url);
  }
  assert.deepEqual(served.tasks.started, []);
});

Deno.test("webhooks over HTTP+JSON: created, got, listed, deleted; those of others are not there", async () => {
  await using served = serving();
  const said = { message: message("work"), configuration: { returnImmediately: true } };
  const { result: { task } } = await served.rpc("SendMessage", said, "1.0", "alice");
  const path = `/a2a/tasks/${task.id}/pushNotificationConfigs`;
  const created = await served.post(path, { url: "http://127.0.0.1:9/" }, "1.0", "alice");
  assert.equal(created.status, 201);
  const { id, taskId } = await created.json();
  assert.ok(id !== "" && taskId === task.id);
  const at = async (method: string, rest: string, owner: string) => {
    const response = await fetch(served.url + path + rest, { method, headers: { "X-Owner": owner } });
    return [response.status, response.status === 204 ? null : await response.json()] as const;
  };
  assert.equal((await at("GET", `/${id}`, "alice"))[1].id, id);
  assert.equal((await at("GET", "", "alice"))[1].configs.length, 1);
  assert.equal((await at("GET", `/${id}`, "bob"))[0], 404);
  assert.deepEqual(await at("DELETE", `/${id}`, "alice"), [204, null]);
  assert.equal((await at("GET", `/${id}`, "alice"))[0], 404);
});

Deno.test("the end of a task that came while nobody served is told by the next process", async () => {
  await using hook = new Hook();
  const first = serving();
  const { documents, tasks } = first;
  const configuration = { returnImmediately: true, taskPushNotificationConfig: { url: hook.url } };
  const { result: { task } } = await first.rpc("SendMessage", { message: message("work"), configuration });
  await first.close();
  tasks.complete(task.id, "done meanwhile");
  const push = openPush({ documents, allowHosts: ["127.0.0.1"] });
  await using _second = new Served({ tasks, documents, push });
  await until(() => hook.heard.at(-1)?.statusUpdate?.status.state === "TASK_STATE_COMPLETED");
});
