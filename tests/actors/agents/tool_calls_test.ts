import assert from "node:assert/strict";
import { InsideCall, wholeAllowance } from "../../../actors/agents/inside_call.ts";
import {
  type AgentTool,
  callTool as callToolInside,
  type Toolbox,
} from "../../../actors/agents/tool_calls.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { CallOptions } from "../../../protocols/messages/ref.ts";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { HandClock } from "../../support/hand_clock.ts";
import type { ToolCall } from "../../../protocols/messages/model.ts";
import { called, echo, tool } from "./fakes.ts";

const clock = new HandClock();
const box = (...tools: AgentTool[]) => ({
  tools,
  clock,
  signal: new AbortController().signal,
  deadline: undefined as number | undefined,
});
const callTool = (toolbox: Toolbox, call: ToolCall, begun: boolean) => {
  const emit = () => Promise.resolve();
  const allowance = wholeAllowance();
  return callToolInside(
    toolbox,
    call,
    begun,
    new InsideCall({ agent: "lead", call, emit, allowance, nested: null }),
  );
};
const failing = (code: string, more: Partial<AgentTool> = {}, retry: "never" | "later" = "never") =>
  tool("t", () => Promise.reject(new Fault(code, `because of ${code}`, { retry })), more);

const table: [what: string, tools: AgentTool[], call: [string, unknown], outcome: ToolOutcome][] = [
  ["a tool that answers", [echo], ["echo", { text: "x" }], { ok: true, content: "x" }],
  ["no arguments", [echo], ["echo", ""], { ok: true, content: "undefined" }],
  ["an unknown tool", [echo, failing("x")], ["nope", {}], {
    ok: false,
    kind: "not_found",
    message: 'There is no tool "nope". Tools: echo, t.',
  }],
  ["an unknown tool where there are none", [], ["nope", {}], {
    ok: false,
    kind: "not_found",
    message: 'There is no tool "nope". There are no tools.',
  }],
  ["broken JSON", [echo], ["echo", '{"text": '], {
    ok: false,
    kind: "permanent",
    message: "Cannot read the arguments of echo: they are broken JSON (Unexpected end of JSON input)",
  }],
  ["arguments that are no object", [echo], ["echo", "[1]"], {
    ok: false,
    kind: "permanent",
    message: "Cannot read the arguments of echo: they must be one JSON object",
  }],
  ["a tool the agent may not use", [
    tool("t", () => ({ ok: true, content: "" }), { ref: null, reason: "not today" }),
  ], [
    "t",
    {},
  ], { ok: false, kind: "denied", message: "TOOL_DENIED: not today" }],
  ["arguments the tool does not take", [failing("bad_request")], ["t", {}], {
    ok: false,
    kind: "permanent",
    message: "because of bad_request",
  }],
  ["a refusal of the kernel", [failing("revoked")], ["t", {}], {
    ok: false,
    kind: "denied",
    message: "TOOL_DENIED: because of revoked",
  }],
  ["a timeout", [failing("timeout")], ["t", {}], {
    ok: false,
    kind: "transient",
    message: "because of timeout",
  }],
  ["a timeout of what may not be repeated", [failing("timeout", { settle: "ask" })], ["t", {}], {
    ok: false,
    kind: "transient",
    message: "because of timeout (t may or may not have done it: find out before you repeat it)",
  }],
  ["a full mailbox", [failing("mailbox_full")], ["t", {}], {
    ok: false,
    kind: "transient",
    message: "because of mailbox_full",
  }],
  ["a fault that may pass", [failing("odd", {}, "later")], ["t", {}], {
    ok: false,
    kind: "transient",
    message: "because of odd",
  }],
  ["a fault that stays", [failing("odd")], ["t", {}], {
    ok: false,
    kind: "permanent",
    message: "because of odd",
  }],
  ["an actor that keeps dying", [failing("died")], ["t", {}], {
    ok: false,
    kind: "transient",
    message: "t died 3 times: because of died",
  }],
];

for (const [what, tools, [name, args], outcome] of table) {
  Deno.test(`${what} comes back as ${outcome.ok ? "its content" : outcome.kind}`, async () => {
    assert.deepEqual(await callTool(box(...tools), called("c", name, args), false), { outcome, ms: 0 });
  });
}

Deno.test("a repeatable call is repeated when its actor died or the process did", async () => {
  let times = 0;
  const flaky = tool("t", () => {
    if (++times === 1) throw new Fault("died", "died");
    return { ok: true, content: `at ${times}` };
  });
  const { outcome } = await callTool(box(flaky), called("c", "t", {}), true);
  assert.deepEqual(outcome, { ok: true, content: "at 2" });
});

Deno.test("a call that may not be repeated blocks the run when its actor died, or when it was begun before", async () => {
  let times = 0;
  const once = tool("t", () => (times++, Promise.reject(new Fault("died", "died"))), { settle: "ask" });
  const blocked = { name: "RunEnd", status: "blocked" };
  await assert.rejects(callTool(box(once), called("c", "t", { to: "all" }), false), blocked);
  assert.equal(times, 1);
  await assert.rejects(callTool(box(once), called("c", "t", { to: "all" }), true), (error: Error) => {
    assert.match(error.message, /the call t \{"to":"all"\}, so it may or may not have happened/);
    return true;
  });
  assert.equal(times, 1);
});

Deno.test("a begun call that never can have happened is answered, not asked about", async () => {
  const once = tool("t", () => ({ ok: true, content: "" }), { settle: "ask" });
  const { outcome } = await callTool(box(once), called("c", "t", "{"), true);
  assert.equal(outcome.ok, false);
});

Deno.test("a call waits a minute, or as long as its tool says, and never beyond the run", async () => {
  const waits: (number | undefined)[] = [];
  const slow = (
    _args: unknown,
    { timeoutMs }: CallOptions,
  ) => (waits.push(timeoutMs), { ok: true as const, content: "" });
  const call = called("c", "t", {});
  await callTool(box(tool("t", slow)), call, false);
  await callTool(box(tool("t", slow, { timeoutMs: 300_000 })), call, false);
  await callTool({ ...box(tool("t", slow)), deadline: clock.now() + 700 }, call, false);
  await callTool({ ...box(tool("t", slow)), deadline: clock.now() - 700 }, call, false);
  assert.deepEqual(waits, [60_000, 300_000, 700, 1]);
});
