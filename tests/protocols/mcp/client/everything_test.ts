import assert from "node:assert/strict";
import type { McpServerSettings } from "../../../../workspace/config/mcp_servers.ts";
import type { Question } from "../../../../protocols/messages/approval.ts";
import { fails } from "../../../supervisor/stage.ts";
import { address, type Joined, joined, program, startEverything } from "./servers.ts";

const ALWAYS = ["everything_echo", "everything_get-sum", "everything_get-tiny-image", "everything_get-env"];
const ASKING = "everything_trigger-elicitation-request";
const LONG = "everything_trigger-long-running-operation";

const overStdio = () => program("everything", "everything.ts", ["stdio"]);

/** What holds over both transports. */
async function usesAll({ source, call, until }: Joined): Promise<void> {
  const names = await until((names) => names.includes(ASKING)); // which it lists once it knows who we are
  for (const name of ALWAYS) assert.ok(names.includes(name), `${name} is listed`);
  const [echo] = await source.list();
  assert.equal(echo!.description, "Echoes back the input string");
  assert.equal(await source.list(), await source.list(), "the same array as long as nothing changed");

  assert.deepEqual(await call("everything_echo", { message: "hi" }), {
    outcome: { ok: true, content: "Echo: hi" },
    verbatim: { content: [{ type: "text", text: "Echo: hi" }] },
  });
  const wrong = await call("everything_get-sum", { a: "one" });
  assert.ok(!wrong.outcome.ok && wrong.outcome.kind === "permanent", "the server checks arguments");
  assert.match(wrong.outcome.message, /Invalid arguments/);

  const { outcome } = await call("everything_get-tiny-image");
  assert.ok(outcome.ok);
  assert.deepEqual(outcome.artifacts?.map(({ name, mediaType }) => [name, mediaType]), [[
    "part-2.png",
    "image/png",
  ]]);
  const weather = await call("everything_get-structured-content", { location: "Chicago" });
  assert.deepEqual(weather.verbatim!.structuredContent, {
    temperature: 36,
    conditions: "Light rain / drizzle",
    humidity: 82,
  });

  const steps: unknown[] = [];
  await call(LONG, { duration: 0.2, steps: 2 }, { onItem: (item) => steps.push(item) });
  assert.deepEqual(steps, [{ type: "progress", progress: 1, total: 2 }, {
    type: "progress",
    progress: 2,
    total: 2,
  }]);

  await asks(call);
  await cancels(call);
}

async function asks(call: Joined["call"]): Promise<void> {
  const asked: Question[] = [];
  const filledIn = await call(ASKING, {}, {
    person(question) {
      asked.push(question);
      return Promise.resolve({ allowed: true, reason: "", content: { name: "Ann" } });
    },
  });
  const [{ form, ...question }] = asked as [Question];
  assert.deepEqual(question, {
    tool: ASKING,
    action: "Please provide inputs for the following fields:",
    reason: "the MCP server everything asks",
  });
  assert.deepEqual((form!.properties as Record<string, unknown>).name, {
    title: "String",
    type: "string",
    description: "Your full, legal name",
  });
  assert.match(filledIn.outcome.ok ? filledIn.outcome.content : "", /- Name: Ann/);
  const nobody = await call(ASKING);
  assert.match(nobody.outcome.ok ? nobody.outcome.content : "", /User declined/);
}

async function cancels(call: Joined["call"]): Promise<void> {
  const cancelling = new AbortController();
  const cancelled = call(LONG, { duration: 60, steps: 600 }, {
    signal: cancelling.signal,
    onItem: () => cancelling.abort(), // in the middle of it
  });
  await fails(cancelled, "cancelled");
  assert.deepEqual((await call("everything_echo", { message: "on" })).outcome, {
    ok: true,
    content: "Echo: on",
  });
}

/** Two calls at once whose server asks: what came of each. */
async function bothAsk({ call, until }: Joined): Promise<string[]> {
  await until((names) => names.includes(ASKING));
  const both = ["Ann", "Bea"].map((name) =>
    call(ASKING, {}, { person: () => Promise.resolve({ allowed: true, reason: "", content: { name } }) })
  );
  return (await Promise.all(both)).map(({ outcome }) => outcome.ok ? outcome.content : outcome.message);
}

Deno.test("all that server-everything does, over stdio; killed, it is started again", async () => {
  await joined([overStdio()], async (all) => {
    await usesAll(all);
    for (const said of await bothAsk(all)) {
      assert.match(said, /several tools are at work, and it is not said which one wants to know/);
    }
    await hasItsEnvironment(all);
    await survivesKill(all);
  });
});

Deno.test("all that server-everything does, over HTTP; killed, it is used again once it is back", async () => {
  const first = await startEverything();
  await joined([address("everything", first.url)], async (all) => {
    await usesAll(all);
    const [ann, bea] = await bothAsk(all) as [string, string];
    assert.match(ann, /- Name: Ann/);
    assert.match(bea, /- Name: Bea/);

    const working = all.call(LONG, { duration: 60, steps: 600 }, {
      onItem: () => void first[Symbol.asyncDispose](),
    });
    const { outcome } = await working;
    assert.ok(!outcome.ok);
    assert.match(
      outcome.message,
      /^the MCP server everything is not reachable: .*; it is being restarted \(the call may/,
    );
    await using _second = await startEverything(first.port);
    await untilGood(all);
  });
});

async function hasItsEnvironment({ call }: Joined): Promise<void> {
  const { outcome } = await call("everything_get-env");
  assert.ok(outcome.ok);
  const { npm_config_user_agent: _denos, TROUPE_COMMAND: mark, DENO_DIR: _, ...env } = JSON.parse(
    outcome.content,
  );
  assert.match(mark, /^\d{18}$/, "what belongs to it is marked");
  assert.deepEqual(env, { FRUIT: "plum", PATH: "/usr/bin:/bin", HOME: Deno.env.get("HOME") });
}

async function survivesKill(all: Joined): Promise<void> {
  const working = all.call(LONG, { duration: 60, steps: 600 }, { onItem: () => kill(overStdio()) });
  const why =
    "the MCP server everything is not reachable: its process was ended by SIGKILL; it is being restarted";
  const message = `${why} (the call may or may not have been done)`;
  assert.deepEqual((await working).outcome, { ok: false, kind: "transient", message });
  for (const said of await untilGood(all)) assert.equal(said, why);
}

/** Echoes until that works; what was said meanwhile. */
async function untilGood({ call }: Joined): Promise<string[]> {
  const said: string[] = [];
  for (;;) {
    const { outcome } = await call("everything_echo", { message: "back" });
    if (outcome.ok) return said;
    said.push(outcome.message);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** Kills the program of a server by what is written on its command line. */
function kill({ reach }: McpServerSettings): void {
  assert.ok("args" in reach);
  for (const { name } of Deno.readDirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const words = Deno.readTextFileSync(`/proc/${name}/cmdline`).split("\0");
      if (reach.args.every((word, at) => words[at + 1] === word)) Deno.kill(Number(name), "SIGKILL");
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // it ended this moment
    }
  }
}
