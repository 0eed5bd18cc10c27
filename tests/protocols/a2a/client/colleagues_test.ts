/** Remote agents as members of real crews: their workers, their rights, their deaths. */
import assert from "node:assert/strict";
import { followRun } from "../../../../actors/agents/follow.ts";
import { grantFor, remoteAgent } from "../../../../protocols/a2a/client/remote_agent.ts";
import { remoteAgents } from "../../../../protocols/a2a/client/remote_agents.ts";
import { Agent } from "../../../../protocols/messages/agent.ts";
import { Journal } from "../../../../protocols/messages/journal.ts";
import type { RunEvent } from "../../../../protocols/messages/run.ts";
import { store } from "../../../../supervisor/durable/store.ts";
import { System } from "../../../../supervisor/system.ts";
import { child } from "../../../../supervisor/tree/spec.ts";
import { AGENT } from "../../../../workspace/runtime/crew.ts";
import { gather } from "../../../../workspace/runtime/extension.ts";
import { open, type Orders, RUN } from "./crew.ts";
import { RealServer } from "./real_server.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("a crew asks a remote agent; its question reaches the person of the run, and a replay asks nobody", async () => {
  await inFolder(async (folder) => {
    await using server = new RealServer("1.0 JSON-RPC");
    const orders: Orders = { folder, card: server.address, task: "ask Which city?" };
    await using runtime = disposable(await open(orders));
    const handle = await runtime.start("How is it?", {}, { run: RUN });
    const asked: string[] = [];
    const leave = handle.questions.answeredBy((question) => {
      asked.push(`${question.tool}: ${question.action}`);
      return Promise.resolve({ allowed: true, reason: "a person", content: { answer: "Berlin" } });
    });
    const events = await Array.fromAsync(handle.events);
    leave();
    assert.equal((await handle.outcome).answer, "It said: It is sunny in Berlin.");
    assert.deepEqual(asked, ["weather: Which city?"]);
    assert.ok(server.headers.every((headers) => headers.get("authorization") === "Bearer w-token-1"));
    const below = events.filter(({ agent }) => agent === "agent/weather").map(({ type }) => type);
    assert.deepEqual([...new Set(below)], ["run_started", "log", "text", "run_ended"]);
    const requests = server.requests.length;
    const again = await Array.fromAsync((await runtime.replay(RUN)).events);
    assert.deepEqual(again, events);
    assert.equal(server.requests.length, requests);
  });
});

for (const who of ["a2a:weather", AGENT]) {
  Deno.test(`when the worker of ${who} is killed in the middle, the same remote task is followed to its one end`, async () => {
    await inFolder(async (folder) => {
      await using server = new RealServer("1.0 JSON-RPC");
      const orders: Orders = { folder, card: server.address, task: "wait gate" };
      let killed = false;
      await using runtime = disposable(
        await open(orders, (event, tree) => {
          if (killed || event.type !== "log" || event.message !== "waiting") return;
          killed = true;
          tree.kill(who, "killed by a test");
          setTimeout(() => server.release("gate", "sunny"), 50);
        }),
      );
      const handle = await runtime.start("How is it?", {}, { run: RUN });
      const events = await Array.fromAsync(handle.events);
      const { status, answer } = await handle.outcome;
      assert.deepEqual([status, answer, killed], ["answered", "It said: sunny", true]);
      assert.equal(server.asked.length, 1, "it was asked once");
      assert.deepEqual(server.canceled, [], "its task was left at work");
      const ends = events.filter(({ type, agent }) => type === "run_ended" && agent === "agent/weather");
      assert.equal(ends.length, 1);
    });
  });
}

Deno.test("when the whole process is killed in the middle, the next one goes on with the same remote task", async () => {
  await inFolder(async (folder) => {
    await using server = new RealServer("1.0 REST");
    const orders: Orders = { folder, card: server.address, task: "wait gate" };
    const program = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--no-prompt",
        "--no-check",
        "-A",
        new URL("./crew.ts", import.meta.url).pathname,
        JSON.stringify(orders),
      ],
      stdout: "piped",
    }).spawn();
    let told = "";
    for await (const text of program.stdout.pipeThrough(new TextDecoderStream())) {
      told += text;
      if (/"type":"log".*"waiting"/.test(told)) program.kill("SIGKILL");
    }
    assert.equal((await program.status).signal, "SIGKILL");
    server.release("gate", "sunny");
    await using runtime = disposable(await open(orders));
    const handle = await runtime.resume(RUN, {});
    await Array.fromAsync(handle.events);
    assert.equal((await handle.outcome).answer, "It said: sunny");
    assert.equal(server.asked.length, 1, "it was asked once");
    assert.deepEqual(server.canceled, []);
  });
});

Deno.test("interrupting a run cancels the remote task before its worker ends", async () => {
  await inFolder(async (folder) => {
    await using server = new RealServer("0.3");
    const orders: Orders = { folder, card: server.address, task: "wait gate" };
    await using runtime = disposable(await open(orders));
    const handle = await runtime.start("How is it?", {}, { run: RUN });
    for await (const event of handle.events) if (event.type === "log") handle.interrupt();
    assert.equal((await handle.outcome).status, "interrupted");
    assert.deepEqual(server.canceled, [server.asked[0]?.task]);
  });
});

Deno.test("a worker reaches the host of its agent's card and no other", async () => {
  await inFolder(async (folder) => {
    await using server = new RealServer("1.0 JSON-RPC");
    await using other = new RealServer("1.0 JSON-RPC");
    const system = new System();
    try {
      const root = await system.start("test", {
        children: [
          child("store", store, { path: `${folder}/journal.db` }),
          child("weather", remoteAgent, (started) => ({
            name: "weather",
            card: other.address,
            timeoutMs: 5_000,
            journal: started.ref(Journal, "store"),
            approver: null,
          }), { grant: grantFor(server.address) }),
        ],
      });
      const events: RunEvent[] = [];
      const outcome = await followRun(root.ref(Agent, "weather"), {
        run: "r",
        task: "say hello",
        limits: { turns: 1 },
        replay: false,
      }, {
        emit: (event) => (events.push(event), Promise.resolve()),
        signal: new AbortController().signal,
      });
      assert.equal(outcome.status, "failed");
      assert.match(outcome.reason ?? "", new RegExp(`Requires net access to "127.0.0.1:${other.port}"`));
      assert.deepEqual(other.headers, []);
    } finally {
      await system.close();
    }
  });
});

Deno.test("a colleague is described by the configuration, else by its card, which is read once", async () => {
  await using server = new RealServer("0.3");
  const agents = [
    { name: "weather", card: server.address, timeoutMs: 1 },
    { name: "maps", card: "http://127.0.0.1:9/", timeoutMs: 1, description: "Draws maps" },
  ];
  const extension = remoteAgents(agents);
  const system = new System();
  try {
    const standing = await system.start("test", { children: extension.children });
    const described = async () =>
      (await gather([extension], standing)).colleagues.map(({ name, description }) =>
        `${name}: ${description}`
      );
    const known = ["weather: Knows the weather.\nForecast: Ten days.", "maps: Draws maps"];
    assert.deepEqual(await described(), known);
    await server[Symbol.asyncDispose]();
    assert.deepEqual(await described(), known);
    const fresh = remoteAgents(agents);
    const [weather] = await fresh.colleagues(standing);
    assert.equal(weather?.description, "its card does not say");
    assert.equal(weather?.child.name, "a2a:weather");
    assert.deepEqual(weather?.child.settings.grant, { net: [`127.0.0.1:${server.port}`] });
  } finally {
    await system.close();
  }
});

function disposable(runtime: Awaited<ReturnType<typeof open>>) {
  return Object.assign(runtime, { [Symbol.asyncDispose]: () => runtime.close() });
}
