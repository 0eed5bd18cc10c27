/**
 * Calls of tools that a tool asks for.
 *
 * @module
 */
import assert from "node:assert/strict";
import { runAgent } from "../../../actors/agents/agent_run.ts";
import type { AgentTool } from "../../../actors/agents/tool_calls.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import { NESTED_CALLS, type ToolProtocol } from "../../../protocols/messages/tool.ts";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { anAgent, asked, aWorld, called, echo, fakeRef, listed, said, tool } from "./fakes.ts";
import { type Script, scripted, used } from "./scripted_tool.ts";

const NO_ALLOWANCE = { denied: [] as never[], grant: "the policy", reason: "because" };

/** A run in which the model calls the script once and then answers with what it was told. */
async function runWith(
  script: AgentTool,
  tools: readonly AgentTool[] = [echo],
  journal = memoryJournal(),
  signal?: AbortSignal,
): Promise<{ outcome: RunOutcome; events: RunEvent[]; told: string; journal: typeof journal }> {
  const model = listed([said("", [called("c", "script", {})]), said("done")]);
  const world = aWorld(signal === undefined ? {} : { signal });
  const options = anAgent(model.ref, journal, { tools: [script, ...tools], mayDelegate: 1 });
  const outcome = await runAgent(options, asked(), world);
  const last = model.requests.at(-1)?.lines.findLast((line) => line.role === "tool");
  return { outcome, events: world.events, told: last?.text ?? "", journal };
}

function eventsOf(events: readonly RunEvent[]): string[] {
  return events.flatMap((event): string[] => {
    switch (event.type) {
      case "tool_started":
        return [`${event.parent ?? ""}> ${event.call.id} ${event.call.name} ${event.call.arguments}`];
      case "tool_ended": {
        const { outcome } = event;
        return [`${event.parent ?? ""}< ${event.call.id} ${outcome.ok ? outcome.content : outcome.kind}`];
      }
      case "tool_output":
        return [`${event.call} ${event.channel} ${event.text}`];
      case "decision":
        return [`${event.decision.tool} ${event.decision.allowed} ${event.decision.grant}`];
      case "retry":
        return [`retry ${event.attempt}`];
      default:
        return [];
    }
  });
}

Deno.test("a tool has others called on its behalf, and a replay tells every bit of it", async () => {
  const script = scripted(async (context) => {
    context.output("stdout", "begin\n");
    const one = await used(context, "echo", { text: "one" });
    const more = await Promise.all(["two", "three"].map((text) => used(context, "echo", { text })));
    context.output("stderr", "end\n");
    return [one, ...more].join(" ");
  });
  const { outcome, events, told, journal } = await runWith(script);
  assert.equal(outcome.status, "answered");
  assert.equal(told, "one two three");
  assert.deepEqual(eventsOf(events), [
    "> c script {}",
    "c stdout begin\n",
    'c> c.0 echo {"text":"one"}',
    "c< c.0 one",
    'c> c.1 echo {"text":"two"}',
    "c< c.1 two",
    'c> c.2 echo {"text":"three"}',
    "c< c.2 three",
    "c stderr end\n",
    "< c one two three",
  ]);
  const nested = await journal.read({ run: "r.1" });
  assert.equal(nested?.record.parent, "r");
  assert.equal(nested?.record.status, "answered");
  assert.deepEqual(
    nested?.entries.map(({ seq, kind, receipt }) => [seq, kind, receipt !== undefined]),
    [[0, "use", true], [1, "use", true], [2, "use", true]],
  );
  const world = aWorld();
  const nobody = anAgent(listed([]).ref, journal, { tools: [], mayDelegate: 1 });
  assert.deepEqual(await runAgent(nobody, asked({ replay: true }), world), outcome);
  assert.deepEqual(world.events.slice(1), events.slice(1));
});

Deno.test("a tool that asks for nothing leaves nothing beside its own receipt", async () => {
  const { journal } = await runWith(scripted(() => Promise.resolve("quiet")));
  assert.equal(await journal.read({ run: "r.1" }), null);
});

Deno.test("nested calls have the agent's rights and no more", async () => {
  const forbidden = tool("forbidden", () => assert.fail("it was called"), {
    ref: null,
    reason: "not granted",
    decision: { tool: "forbidden", allowed: false, ...NO_ALLOWANCE },
  });
  const granted = tool("granted", () => ({ ok: true, content: "fine" }), {
    decision: { tool: "granted", allowed: true, ...NO_ALLOWANCE },
  });
  const { told, events } = await runWith(
    scripted(async (context) => {
      const names = ["forbidden", "granted", "script", "delegate", "nowhere"];
      const said: string[] = [];
      for (const name of names) said.push(await used(context, name, {}));
      return said.join("\n");
    }),
    [forbidden, granted],
  );
  assert.deepEqual(told.split("\n"), [
    "denied: TOOL_DENIED: not granted",
    "fine",
    "denied: TOOL_DENIED: script may not use itself",
    "denied: TOOL_DENIED: delegate is for the agent alone, script may not use it",
    'not_found: There is no tool "nowhere". Tools: script, forbidden, granted.',
  ]);
  assert.deepEqual(eventsOf(events).filter((event) => event.includes("the policy")), [
    "forbidden false the policy",
    "granted true the policy",
  ]);
});

Deno.test("a tool used by a tool may not use a third", async () => {
  const inner = scripted(async (context) => await used(context, "echo", { text: "deep" }));
  const second: AgentTool = { ...inner, spec: { ...inner.spec, name: "second" } };
  const { told } = await runWith(scripted((context) => used(context, "second", {})), [second, echo]);
  assert.equal(told, "denied: TOOL_DENIED: second may not use other tools here");
});

Deno.test("only a concurrent, repeatable tool may use others", async () => {
  const script: Script = (context) => used(context, "echo", { text: "x" });
  const { told } = await runWith(scripted(script, {}, false));
  assert.match(told, /Cannot use echo: only a concurrent, repeatable tool may use others/);
  const asking = await runWith(scripted(script, { settle: "ask" }));
  assert.equal(asking.told, "denied: TOOL_DENIED: script may not use other tools here");
});

Deno.test("a tool tells of decisions, in its own name only, and a refusal of the platform is one too", async () => {
  const lying = { tool: "other", allowed: true, denied: [], grant: "a person", reason: "said yes" };
  const { events } = await runWith(scripted((context) => {
    context.decided(lying);
    return Promise.resolve("done");
  }));
  assert.deepEqual(eventsOf(events).slice(1, 2), ["script true a person"]);
  const refused = await runWith(scripted(() => Promise.reject(new Deno.errors.NotCapable("no net"))));
  assert.deepEqual(eventsOf(refused.events).slice(1, 2), ["script false the platform"]);
});

Deno.test("output is told as it comes, up to 64 KiB a call and those in it", async () => {
  const { events } = await runWith(scripted((context) => {
    for (let at = 0; at < 100; at++) context.output("stdout", "x".repeat(1_000));
    return Promise.resolve("done");
  }));
  const shown = events.flatMap((event) => event.type === "tool_output" ? [event.text] : []).join("");
  assert.equal(shown.length, 64 * 1024);
});

Deno.test("more calls than a tool may make are refused", async () => {
  let asked = 0;
  const { told, journal } = await runWith(scripted(async (context) => {
    const outcomes = await Promise.all(
      Array.from({ length: NESTED_CALLS + 2 }, () => (asked++, used(context, "echo", { text: "x" }))),
    );
    return `${outcomes.filter((text) => text === "x").length}; ${outcomes.at(-1)}`;
  }));
  assert.equal(asked, NESTED_CALLS + 2);
  assert.match(told, /^1000; permanent: Cannot use echo: one call may make 1000 others/);
  assert.equal((await journal.read({ run: "r.1" }))?.entries.length, NESTED_CALLS);
});

Deno.test("arguments of nested calls are bounded", async () => {
  const { told } = await runWith(scripted(async (context) => {
    const text = "x".repeat(3 * 1024 * 1024);
    const kinds: string[] = [];
    for (let at = 0; at < 3; at++) kinds.push((await context.use("echo", { text })).ok ? "ok" : "refused");
    return kinds.join(" ");
  }));
  assert.equal(told, "ok ok refused");
});

Deno.test("a call still at work when the outer one is over is cut off, and told so", async () => {
  const stuck = Promise.withResolvers<void>();
  const slow = tool("slow", async () => (await stuck.promise, { ok: true, content: "too late" }));
  const { told, events } = await runWith(
    scripted(async (context) => {
      void context.use("slow", {}).catch(() => {});
      await used(context, "echo", { text: "x" });
      return "did not wait";
    }),
    [slow, echo],
  );
  stuck.resolve();
  assert.equal(told, "did not wait");
  assert.ok(eventsOf(events).includes("c< c.0 transient"), eventsOf(events).join("\n"));
});

Deno.test("a failure of the outer call says which calls it cut off", async () => {
  const stuck = Promise.withResolvers<void>();
  const send = tool("send", async () => (await stuck.promise, { ok: true, content: "" }), { settle: "ask" });
  const { told } = await runWith(
    scripted(async (context) => {
      void context.use("send", {}).catch(() => {});
      await used(context, "echo", { text: "x" });
      throw new Error("it broke");
    }),
    [send, echo],
  );
  stuck.resolve();
  assert.match(told, /it broke \(cut off with it, so they may or may not have been done: send\)/);
});

Deno.test("stopping the run stops nested calls, and going on makes each of them once", async () => {
  const journal = memoryJournal();
  const times: Record<string, number> = {};
  const stop = new AbortController();
  const stuck = Promise.withResolvers<void>();
  let first = true;
  const count = tool("count", async ({ text }) => {
    times[String(text)] = (times[String(text)] ?? 0) + 1;
    if (text === "b" && first) {
      first = false;
      stop.abort();
      await stuck.promise;
    }
    return { ok: true, content: String(text) };
  });
  const script: Script = async (context) => {
    const said: string[] = [];
    for (const text of ["a", "b", "c"]) said.push(await used(context, "count", { text }));
    return said.join("");
  };
  const stopped = runWith(scripted(script), [count], journal, stop.signal);
  assert.equal((await stopped).outcome.status, "interrupted");
  stuck.resolve();
  const model = listed([said("done")]);
  const options = anAgent(model.ref, journal, { tools: [scripted(script), count], mayDelegate: 1 });
  assert.equal((await runAgent(options, asked(), aWorld())).status, "answered");
  assert.deepEqual(times, { a: 1, b: 2, c: 1 });
});

Deno.test("when its actor dies a tool runs again, and calls it had made are recalled", async () => {
  const times: Record<string, number> = {};
  const count = tool("count", ({ text }) => {
    times[String(text)] = (times[String(text)] ?? 0) + 1;
    return { ok: true, content: String(text) };
  }, { settle: "ask" });
  let tries = 0;
  const { told, events } = await runWith(
    scripted(async (context) => {
      context.output("stdout", `try ${++tries}`);
      const a = await used(context, "count", { text: "a" });
      if (tries === 1) {
        void context.use("count", { text: "b" }).catch(() => {});
        throw new Fault("broken", "out of memory");
      }
      const b = await used(context, "count", { text: "b" });
      return a + b;
    }),
    [count],
  );
  assert.equal(told, "ab");
  assert.deepEqual(times, { a: 1, b: 1 });
  assert.deepEqual(eventsOf(events).slice(1, -1), [
    "c stdout try 1",
    'c> c.0 count {"text":"a"}',
    "c< c.0 a",
    'c> c.1 count {"text":"b"}',
    "c< c.1 b",
    "retry 2",
    "c stdout try 2",
  ]);
});

for (
  const [what, second, difference] of [
    [
      "other arguments",
      [["echo", "one"], ["echo", "2"]],
      /call 2 was echo {"text":"two"} before and is now echo {"text":"2"}/,
    ],
    ["another tool", [["echo", "one"], ["nowhere", "two"]], /call 2 was echo .* and is now nowhere/],
    ["fewer calls", [["echo", "one"]], /it ended after 1 of them/],
  ] as const
) {
  Deno.test(`code that asks for ${what} when it runs again is stopped, and the model is told what was done`, async () => {
    let tries = 0;
    const { told, outcome } = await runWith(scripted(async (context) => {
      const calls = ++tries === 1 ? [["echo", "one"], ["echo", "two"]] as const : second;
      for (const [name, text] of calls) await used(context, name, { text });
      if (tries === 1) throw new Fault("broken", "m");
      return "it must not come to this";
    }));
    assert.equal(outcome.status, "answered");
    const { error } = JSON.parse(told);
    assert.equal(error.kind, "permanent");
    assert.match(error.message, difference);
    assert.match(error.message, /\n1\. echo {"text":"one"}: done\n2\. echo {"text":"two"}: done$/);
  });
}

Deno.test("what a dying worker asked for after something that was lost is not taken up", async () => {
  const heard: string[] = [];
  const count = tool("count", ({ text }) => (heard.push(String(text)), { ok: true, content: "" }));
  let tries = 0;
  const ref = fakeRef<ActorRef<ToolProtocol>>("script", {
    async stream(_name, _args, send) {
      const lost = ++tries === 1;
      for (const at of lost ? [0, 2] : [0, 1, 2]) {
        await send({ type: "call", id: `${at}`, at, name: "count", arguments: `{"text":"${at}"}` });
      }
      if (lost) throw new Fault("died", "killed");
      while (heard.length < 3) await new Promise((resolve) => setTimeout(resolve));
      return { ok: true, content: "whole" };
    },
  });
  const { told } = await runWith(scripted(() => Promise.resolve(""), { ref }), [count]);
  assert.equal(told, "whole");
  assert.deepEqual(heard, ["0", "1", "2"]);
});

Deno.test("a secret in the arguments of a nested call reaches its tool, is not journaled, and is no other call", async () => {
  const secret = "correct-horse-battery";
  const heard: string[] = [];
  const count = tool("count", ({ text }) => (heard.push(String(text)), { ok: true, content: "fine" }));
  let tries = 0;
  const script = scripted(async (context) => {
    const said = await used(context, "count", { text: secret });
    if (++tries === 1) throw new Fault("broken", "m");
    return said;
  });
  const model = listed([said("", [called("c", "script", {})]), said("done")]);
  const journal = memoryJournal();
  const secrets = fingerprints("PASSWORD", secret, randomBases());
  const options = anAgent(model.ref, journal, { tools: [script, count], secrets });
  assert.equal((await runAgent(options, asked(), aWorld())).status, "answered");
  assert.deepEqual(model.requests.at(-1)?.lines.at(-1), { role: "tool", callId: "c", text: "fine" });
  assert.deepEqual(heard, [secret]);
  const kept = JSON.stringify(await journal.read({ run: "r.1" }));
  assert.ok(kept.includes("[secret:PASSWORD]") && !kept.includes(secret), kept);
});
