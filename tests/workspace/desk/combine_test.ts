import assert from "node:assert/strict";
import type { ToolSource } from "../../../workspace/desk/desk.ts";
import { combineSources } from "../../../workspace/desk/combine.ts";
import { type FakeTool, fakeTools } from "../../support/fake_tools.ts";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import { atDesk, audit, calls } from "./at_desk.ts";

const REMOTE: FakeTool = {
  name: "everything_add",
  annotations: { readOnly: false, destructive: true, idempotent: false, openWorld: true },
  invoke({ a, b }, { onItem }) {
    onItem?.({ type: "progress", progress: 1, total: 2 });
    onItem?.({ type: "output", channel: "stdout", text: "adding" });
    const verbatim = { content: [{ type: "text", text: "the s3cret-value-1" }] };
    return { outcome: { ok: true, content: String(Number(a) + Number(b)) }, verbatim };
  },
};
const HIDDEN: FakeTool = { name: "everything_hidden", denied: "it is switched off", invoke: () => "never" };
const options = () => ({ owner: "anyone", signal: new AbortController().signal });

Deno.test("tools of other sources stand beside those of the workspace, and their calls in the same journal", () => {
  const secrets = fingerprints("KEY", "s3cret-value-1", randomBases());
  return atDesk(async ({ desk, closed }) => {
    const remote = fakeTools([REMOTE, HIDDEN]);
    const all = combineSources(desk, [remote]);
    const names = (await all.list()).map(({ name }) => name);
    assert.deepEqual(names.slice(-2), ["everything_add", "everything_hidden"]);
    assert.equal(names[0], "echo");

    const told: unknown[] = [];
    const added = await all.call("everything_add", { a: 1, b: 2 }, {
      ...options(),
      onItem: (item) => told.push(item),
    });
    assert.deepEqual(added, {
      outcome: { ok: true, content: "3" },
      verbatim: { content: [{ type: "text", text: "the [secret:KEY]" }] },
    });
    const reason = "its server is in the configuration";
    const decision = { tool: "everything_add", allowed: true, denied: [], grant: "configuration", reason };
    assert.deepEqual(told, [
      { type: "decision", decision },
      { type: "progress", progress: 1, total: 2 },
      { type: "output", channel: "stdout", text: "adding" },
    ]);
    const { outcome } = await all.call("everything_hidden", {}, options());
    assert.deepEqual(outcome, { ok: false, kind: "denied", message: "TOOL_DENIED: it is switched off" });
    assert.equal((await all.call("echo", { text: "local" }, options())).outcome.ok, true);
    await assert.rejects(all.call("nothing", {}, options()), { code: "unknown_tool" });
    assert.deepEqual(remote.calls, [{ name: "everything_add", args: { a: 1, b: 2 }, owner: "anyone" }]);

    const [run] = await closed();
    assert.deepEqual(calls(run!), [
      "act everything_add: ok",
      "act everything_hidden: denied",
      "act echo: ok",
    ]);
    assert.deepEqual(audit(run!), [
      "allowed everything_add: configuration",
      "denied everything_hidden: configuration",
      "allowed echo: nothing",
    ]);
    assert.ok(run!.events.some((event) => event.type === "tool_output" && event.text === "adding"));
  }, { secrets });
});

Deno.test("of tools of one name the first counts, and a source that is down takes nothing with it", () =>
  atDesk(async ({ desk }) => {
    const said: string[] = [];
    const clashing = fakeTools([{ name: "echo", invoke: () => "theirs" }, {
      name: "x_echo",
      invoke: () => "first",
    }]);
    const again = fakeTools([{ name: "x_echo", invoke: () => "second" }]);
    let down = true;
    const flaky: ToolSource = {
      ...again,
      list: () => down ? Promise.reject(new Error("the server is down")) : again.list(),
    };
    const all = combineSources(desk, [clashing, flaky], (message) => said.push(message));
    const list = await all.list();
    assert.equal(await all.list(), list, "the same array as long as nothing changed");
    assert.equal(list.filter(({ name }) => name.endsWith("echo")).length, 2);
    const call = async (name: string) => {
      const { outcome } = await all.call(name, { text: "ours" }, options());
      return outcome.ok ? outcome.content : outcome.kind;
    };
    assert.deepEqual([await call("echo"), await call("x_echo")], ["ours", "first"]);
    down = false;
    assert.equal(await call("x_echo"), "first");
    assert.deepEqual(said, [
      "Some tools are left out: the server is down",
      "echo is left out: another tool has that name",
      "x_echo is left out: another tool has that name",
    ]);
    await desk.close();
  }));

Deno.test("a change of any source is passed on, and the list is another one then", () =>
  atDesk(async ({ desk }) => {
    const remote = fakeTools([REMOTE]);
    const all = combineSources(desk, [remote]);
    const before = await all.list();
    let changes = 0;
    const stop = all.onChange(() => changes++);
    remote.replace([REMOTE, HIDDEN]);
    assert.equal(changes, 1);
    assert.equal((await all.list()).length, before.length + 1);
    stop();
    remote.replace([]);
    assert.equal(changes, 1);
    const gone = await all.call("everything_add", {}, options()).catch((error) => error.code);
    assert.equal(gone, "unknown_tool");
    assert.equal(combineSources(desk, []), desk);
    await desk.close();
  }));

Deno.test("a call elsewhere that does not end is left when nobody waits for it, and its faults are outcomes", () =>
  atDesk(async ({ desk, closed }) => {
    const stuck: FakeTool = { ...REMOTE, name: "x_stuck", invoke: () => new Promise(() => {}) };
    const broken: FakeTool = {
      ...REMOTE,
      name: "x_broken",
      invoke: () => Promise.reject(new Error("lost it")),
    };
    const source = fakeTools([stuck, broken]);
    // What does not even hear of the signal.
    const deaf: ToolSource = {
      ...source,
      call: (name, args, asked) =>
        source.call(name, args, { ...asked, signal: new AbortController().signal }),
    };
    const all = combineSources(desk, [deaf]);
    const stop = new AbortController();
    const waiting = all.call("x_stuck", {}, { owner: "anyone", signal: stop.signal });
    setTimeout(() => stop.abort(), 1);
    await assert.rejects(waiting, { code: "cancelled" });
    const { outcome } = await all.call("x_broken", {}, options());
    assert.deepEqual(outcome, { ok: false, kind: "permanent", message: "lost it" });
    const left = all.call("x_stuck", {}, options());
    left.catch(() => {});
    while (source.calls.length < 3) await new Promise((resolve) => setTimeout(resolve, 1));
    assert.deepEqual(calls((await closed())[0]!), [
      "act x_stuck: transient",
      "act x_broken: permanent",
      "act x_stuck: transient",
    ]);
    await assert.rejects(left, { code: "cancelled" });
  }));
