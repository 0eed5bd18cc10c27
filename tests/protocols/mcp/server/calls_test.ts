/**
 * Tools over MCP: what official clients of both eras see of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Fault } from "../../../../protocols/messages/fault.ts";
import type { Verdict } from "../../../../protocols/messages/approval.ts";
import { ECHO, type FakeTool } from "../../../support/fake_tools.ts";
import { HandClock } from "../../../support/hand_clock.ts";
import { ERAS, modern, withServer } from "./served.ts";

const TOOLS: readonly FakeTool[] = [
  ECHO,
  {
    name: "sum",
    description: "Adds.",
    parameters: { type: "object", properties: { a: { type: "number" }, b: { type: "number" } } },
    result: { type: "object", properties: { sum: { type: "number" } }, required: ["sum"] },
    annotations: { readOnly: true, destructive: false, idempotent: true, openWorld: false },
    invoke: ({ a, b }) => JSON.stringify({ sum: Number(a) + Number(b) }),
  },
  {
    name: "draw",
    invoke: () => ({
      ok: true,
      content: "drawn",
      artifacts: [
        { name: "plot.png", mediaType: "image/png", base64: "aGk=" },
        { name: "data.bin", mediaType: "application/zip", base64: "aGk=", path: "out/data.bin" },
      ],
    }),
  },
  { name: "fail", invoke: () => ({ ok: false, kind: "permanent", message: "the disk is full" }) },
  { name: "crash", invoke: () => Promise.reject(new Error("secret detail of a crash")) },
  { name: "forbidden", denied: "the workspace grants no network", invoke: () => "never" },
  {
    name: "remote_echo",
    invoke: () => ({
      outcome: { ok: true, content: "flat" },
      verbatim: { content: [{ type: "text", text: "word for word" }], structuredContent: { a: 1 } },
    }),
  },
  {
    name: "slow",
    invoke: (_args, { onItem }) => {
      onItem?.({ type: "output", channel: "stdout", text: "one" });
      onItem?.({ type: "output", channel: "stderr", text: "two" });
      onItem?.({ type: "progress", progress: 7, total: 10, message: "seven of ten" });
      return "done";
    },
  },
];

const DETAILS = {
  list: "lists tools with schemas and annotations",
  results: "answers results, failures and refusals as results, and what it does not know as an error",
  progress: "tells of progress while a tool works",
  cancel: "a call that is cancelled stops the tool",
  ask: "what a tool asks becomes an elicitation, and the answer goes back into the same call",
  nobody: "where the client cannot ask, the tool is told that there is nobody",
  change: "says when the list of tools has changed",
};

/** A tool that asks a person, and its end. */
function asksAPerson(): { readonly tool: FakeTool; readonly stopped: Promise<void> } {
  const { promise: stopped, resolve } = Promise.withResolvers<void>();
  const tool: FakeTool = {
    name: "ask",
    async invoke(_args, { person, signal }) {
      signal.addEventListener("abort", () => resolve());
      return String((await person!({ tool: "ask", action: "a", reason: "b" }, signal)).allowed);
    },
  };
  return { tool, stopped };
}

Deno.test("legacy: a call that is cancelled while a person is asked stops the tool", async () => {
  const { tool, stopped } = asksAPerson();
  await withServer({ tools: [tool] }, async ({ client }) => {
    const asked = await client("legacy", { capabilities: { elicitation: {} } });
    const nobody = new AbortController();
    asked.setRequestHandler("elicitation/create", () => (nobody.abort(), new Promise(() => {})));
    await assert.rejects(asked.callTool({ name: "ask" }, { signal: nobody.signal }));
    await stopped;
  });
});

for (const era of ERAS) {
  Deno.test(`${era}: ${DETAILS.list}`, () =>
    withServer({ tools: TOOLS }, async ({ client }) => {
      const { tools } = await (await client(era)).listTools();
      assert.deepEqual(tools.map(({ name }) => name), ["run_task", ...TOOLS.map(({ name }) => name)]);
      const [task, , sum] = tools;
      assert.deepEqual(task!.inputSchema.required, ["task"]);
      assert.deepEqual(sum!.outputSchema?.required, ["sum"]);
      assert.deepEqual(sum!.annotations, {
        readOnlyHint: true,
        destructiveHint: false,
        idempotentHint: true,
        openWorldHint: false,
      });
      assert.match(
        tools.find(({ name }) => name === "forbidden")!.description!,
        /refused: the workspace grants/,
      );
    }));

  Deno.test(`${era}: ${DETAILS.results}`, () =>
    withServer({ tools: TOOLS }, async ({ client, tools, errors }) => {
      const asked = await client(era);
      await asked.listTools();
      const call = async (name: string, args: Record<string, unknown> = {}) => {
        const { content, structuredContent, isError } = await asked.callTool({ name, arguments: args });
        return { content, structuredContent, isError };
      };
      const text = (text: string) => [{ type: "text", text }];
      assert.deepEqual((await call("echo", { text: "hi" })).content, text("hi"));
      assert.deepEqual(tools.calls[0], { name: "echo", args: { text: "hi" }, owner: "anyone" });
      assert.deepEqual((await call("sum", { a: 2, b: 3 })).structuredContent, { sum: 5 });
      const drawn = await call("draw");
      assert.deepEqual(drawn.content?.slice(0, 2), [
        { type: "text", text: "drawn" },
        { type: "image", data: "aGk=", mimeType: "image/png" },
      ]);
      assert.equal(drawn.content?.[2]?.type, "resource");
      assert.deepEqual(await call("fail"), {
        content: text("the disk is full"),
        structuredContent: undefined,
        isError: true,
      });
      assert.equal((await call("forbidden")).isError, true);
      assert.deepEqual((await call("remote_echo")).structuredContent, { a: 1 });
      await assert.rejects(call("no_such_tool"), { code: -32602 });
      await assert.rejects(call("crash"), { code: -32603, message: /^(?!.*secret)/ });
      assert.ok(errors.some(({ message }) => message.includes("secret detail")));
      assert.deepEqual((await call("echo", { text: "still there" })).content, text("still there"));
    }));

  Deno.test(`${era}: ${DETAILS.progress}`, () =>
    withServer({ tools: TOOLS }, async ({ client }) => {
      const heard: unknown[] = [];
      const asked = await client(era);
      await asked.callTool({ name: "slow" }, { onprogress: (progress) => heard.push(progress) });
      assert.deepEqual(heard, [
        { progress: 1, message: "one" },
        { progress: 2, message: "two" },
        { progress: 7, total: 10, message: "seven of ten" },
      ]);
    }));

  Deno.test(`${era}: ${DETAILS.cancel}`, async () => {
    const begun = Promise.withResolvers<AbortSignal>();
    const tool: FakeTool = {
      name: "endless",
      invoke: (_args, { signal }) => (begun.resolve(signal), new Promise(() => {})),
    };
    await withServer({ tools: [tool] }, async ({ client }) => {
      const nobody = new AbortController();
      const call = (await client(era)).callTool({ name: "endless" }, { signal: nobody.signal });
      call.catch(() => {});
      const signal = await begun.promise;
      const stopped = new Promise((resolve) => signal.addEventListener("abort", resolve));
      nobody.abort();
      await stopped;
      await assert.rejects(call);
    });
  });

  Deno.test(`${era}: ${DETAILS.ask}`, async () => {
    const verdicts: Verdict[] = [];
    const form = { type: "object", properties: { colour: { type: "string" } }, required: ["colour"] };
    const tool: FakeTool = {
      name: "delete",
      async invoke(_args, { person, signal }) {
        verdicts.push(
          await person!({ tool: "delete", action: "rm x", reason: "it is gone for good" }, signal),
        );
        verdicts.push(
          await person!({ tool: "delete", action: "paint", reason: "which colour", form }, signal),
        );
        verdicts.push(await person!({ tool: "delete", action: "more", reason: "why not" }, signal));
        return "done";
      },
    };
    await withServer({ tools: [tool] }, async ({ client, tools }) => {
      const asked = await client(era, { capabilities: { elicitation: {} } });
      const questions: string[] = [];
      const answers: Record<string, string | boolean>[] = [{ allow: true }, { colour: "red" }];
      asked.setRequestHandler("elicitation/create", ({ params }) => {
        questions.push(params.message);
        const content = answers.shift();
        return content === undefined ? { action: "decline" } : { action: "accept", content };
      });
      const { content } = await asked.callTool({ name: "delete" });
      assert.deepEqual(content, [{ type: "text", text: "done" }]);
      assert.deepEqual(questions, [
        "delete: rm x\nit is gone for good",
        "delete: paint\nwhich colour",
        "delete: more\nwhy not",
      ]);
      assert.deepEqual(verdicts, [
        { allowed: true, reason: "allowed at the client" },
        { allowed: true, reason: "filled in at the client", content: { colour: "red" } },
        { allowed: false, reason: "declined at the client" },
      ]);
      assert.equal(tools.calls.length, 1, "the tool was called once");
    });
  });

  Deno.test(`${era}: ${DETAILS.nobody}`, async () => {
    const tool: FakeTool = { name: "ask", invoke: (_args, { person }) => String(person === undefined) };
    await withServer({ tools: [tool] }, async ({ client }) => {
      const { content } = await (await client(era)).callTool({ name: "ask" });
      assert.deepEqual(content, [{ type: "text", text: "true" }]);
    });
  });

  Deno.test(`${era}: ${DETAILS.change}`, async () => {
    const changed = Promise.withResolvers<string[]>();
    await withServer({ tools: TOOLS }, async ({ client, tools }) => {
      const onChanged = (error: Error | null, tools: { name: string }[] | null) =>
        error ? changed.reject(error) : changed.resolve(tools!.map(({ name }) => name));
      const asked = await client(era, { listChanged: { tools: { onChanged, debounceMs: 0 } } });
      await asked.listTools();
      const renew = setInterval(() => tools.replace([ECHO]), 50); // until the client listens
      try {
        assert.deepEqual(await changed.promise, ["run_task", "echo"]);
      } finally {
        clearInterval(renew);
      }
    });
  });
}

Deno.test("a call of which nothing is heard for too long is given up, one that gives signs is not", async () => {
  const clock = new HandClock();
  let isStopped = false;
  const stopped = Promise.withResolvers<void>();
  void stopped.promise.then(() => isStopped = true);
  const begun = Promise.withResolvers<() => void>();
  const tool: FakeTool = {
    name: "quiet",
    invoke(_args, { signal, onItem }) {
      signal.addEventListener("abort", () => stopped.resolve());
      begun.resolve(() => onItem?.({ type: "output", channel: "stdout", text: "." }));
      return new Promise(() => {});
    },
  };
  await withServer({ tools: [tool], waitMs: 60_000, clock }, async ({ client }) => {
    const call = (await client("modern")).callTool({ name: "quiet" });
    const sign = await begun.promise;
    clock.advance(40_000);
    sign();
    clock.advance(40_000);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(isStopped, false);
    clock.advance(20_000);
    await new Promise((resolve) => setTimeout(resolve, 0));
    clock.advance(60_000);
    await stopped.promise;
    const { isError, content } = await call;
    assert.equal(isError, true);
    assert.match(JSON.stringify(content), /60 seconds/);
  });
});

Deno.test("an answer that takes long becomes a stream with signs of life, so that nobody cuts it", async () => {
  const clock = new HandClock();
  const begun = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<string>();
  const tool: FakeTool = { name: "slow", invoke: () => (begun.resolve(), finish.promise) };
  await withServer({ tools: [tool], clock }, async ({ client, post }) => {
    const call = (await client("modern")).callTool({ name: "slow" });
    const [body, headers] = modern("tools/call", { name: "slow" });
    const waiting = post(body, headers);
    await begun.promise;
    while (clock.sleeping < 3) await new Promise((resolve) => setTimeout(resolve, 1)); // both, and the sweep
    clock.advance(5_000);
    const response = await waiting;
    assert.equal(response.headers.get("content-type"), "text/event-stream");
    finish.resolve("whole");
    assert.match(await response.text(), /^: still at work\n\nevent: message\ndata: \{.*"whole".*\}\n\n$/);
    assert.deepEqual((await call).content, [{ type: "text", text: "whole" }]);
  });
});

Deno.test("a call that waits for an answer is given up after ten minutes", async () => {
  const clock = new HandClock();
  const { tool, stopped } = asksAPerson();
  await withServer({ tools: [tool], clock }, async ({ post }) => {
    const call = async (params: Record<string, unknown>) => {
      const [body, headers] = modern("tools/call", { name: "ask", ...params }, { elicitation: {} });
      return await (await post(body, headers)).json();
    };
    const { result: { requestState } } = await call({});
    clock.advance(10 * 60_000);
    await stopped;
    const inputResponses = { "question-1": { action: "accept", content: { allow: true } } };
    assert.equal((await call({ requestState, inputResponses })).error.code, -32602);
  });
});

Deno.test("the state that a modern client carries is its owner's, that tool's, and cannot be made up", async () => {
  const tool: FakeTool = {
    name: "ask",
    invoke: async (_args, { person, signal }) =>
      String((await person!({ tool: "ask", action: "a", reason: "b" }, signal)).allowed),
  };
  await withServer({ tools: [tool, ECHO] }, async ({ post }) => {
    const call = async (owner: string, params: Record<string, unknown>) => {
      const [body, headers] = modern("tools/call", params, { elicitation: {} });
      return await (await post(body, { ...headers, "x-owner": owner })).json();
    };
    const { result: asked } = await call("ann", { name: "ask", arguments: {} });
    assert.equal(asked.resultType, "input_required");
    const [key] = Object.keys(asked.inputRequests);
    const answered = {
      inputResponses: { [key!]: { action: "accept", content: { allow: true } } },
      requestState: asked.requestState,
    };
    const refused = async (owner: string, params: Record<string, unknown>) =>
      assert.equal((await call(owner, params)).error.code, -32602);
    await refused("bob", { name: "ask", arguments: {}, ...answered });
    await refused("ann", { name: "echo", arguments: { text: "x" }, ...answered });
    await refused("ann", { name: "ask", arguments: {}, ...answered, requestState: "v1.bm8.bm8" });
    const { result } = await call("ann", { name: "ask", arguments: {}, ...answered });
    assert.deepEqual(result.content, [{ type: "text", text: "true" }]);
    await refused("ann", { name: "ask", arguments: {}, ...answered });
  });
});

Deno.test("a fault of the desk is told with its words, not as a crash", async () => {
  const tool: FakeTool = {
    name: "down",
    invoke: () => Promise.reject(new Fault("stopping", "It is ending")),
  };
  await withServer({ tools: [tool] }, async ({ client }) => {
    const { isError, content } = await (await client("modern")).callTool({ name: "down" });
    assert.deepEqual([isError, content], [true, [{ type: "text", text: "It is ending" }]]);
  });
});
