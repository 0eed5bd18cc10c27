/** Webhooks of a server that is killed: whoever asked to be told is told how the task ended, by the next process. */
import assert from "node:assert/strict";
import { hang, scriptedOpenAi } from "../support/scripted_openai.ts";
import { model, servedPlace, startServe } from "./served.ts";

const PATHS = ["/current", "/legacy"];

interface Told {
  readonly path: string;
  readonly type: string | null;
  readonly token: string | null;
  readonly state: string;
}

Deno.test("a server killed with SIGKILL while a task runs: its webhooks hear the end from the next one", async () => {
  await using place = await servedPlace();
  const settings = `${place.cwd}/troupe.toml`;
  Deno.writeTextFileSync(
    settings,
    Deno.readTextFileSync(settings).replace("[server.a2a]", '$&\npush_hosts = ["127.0.0.1"]'),
  );
  const told: Told[] = [];
  const endOf = (wanted: string) =>
    told.find(({ path, state }) => path === wanted && /completed$/i.test(state));
  const ended = Promise.withResolvers<void>();
  await using hook = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { statusUpdate, status } = await request.json();
    const { headers } = request;
    told.push({
      path: new URL(request.url).pathname,
      type: headers.get("content-type"),
      token: headers.get("x-a2a-notification-token"),
      state: (statusUpdate?.status ?? status)?.state,
    });
    if (PATHS.every((path) => endOf(path) !== undefined)) ended.resolve();
    return new Response();
  });
  const at = (path: string) => `http://127.0.0.1:${hook.addr.port}${path}`;

  let dead = true;
  await using server = scriptedOpenAi.always((request) =>
    dead && request.body.messages.at(-1)!.role === "tool" ? hang() : model(request)
  );
  const first = await startServe(place, { server });
  const ask = async (method: string, params: unknown, version: string) => {
    const headers = { "content-type": "application/json", "a2a-version": version };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    return await (await fetch(`${first.url}/`, { method: "POST", headers, body })).json();
  };
  const message = { messageId: "1", role: "ROLE_USER", parts: [{ text: "calculate it" }] };
  const taskPushNotificationConfig = { url: at("/current"), token: "of 1.0" };
  const begun = await ask("SendMessage", {
    message,
    configuration: { returnImmediately: true, taskPushNotificationConfig },
  }, "1.0");
  await ask("tasks/pushNotificationConfig/set", {
    taskId: begun.result.task.id,
    pushNotificationConfig: { url: at("/legacy"), token: "of 0.3" },
  }, "0.3");
  await server.received(2);
  first.program.kill("SIGKILL");
  await first.program.ended;
  assert.deepEqual(PATHS.map(endOf), [undefined, undefined]);

  dead = false;
  await startServe(place, { server });
  await ended.promise;
  assert.deepEqual(PATHS.map(endOf), [
    { path: "/current", type: "application/a2a+json", token: "of 1.0", state: "TASK_STATE_COMPLETED" },
    { path: "/legacy", type: "application/json", token: "of 0.3", state: "completed" },
  ]);
});
