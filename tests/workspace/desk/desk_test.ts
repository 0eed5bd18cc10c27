import assert from "node:assert/strict";
import { fingerprints, randomBases } from "../../../sandbox/secrets/fingerprint.ts";
import { makeGuard } from "../../../supervisor/actor/guard.ts";
import type { JournalPort } from "../../../supervisor/durable/journal.ts";
import { tool, type Toolkit } from "../../../workspace/runtime/toolkit.ts";
import { asker } from "../../workers/asker.ts";
import { runningWorkers } from "../../supervisor/stage.ts";
import { pythonCache } from "../../support/python_cache.ts";
import { allTools, atDesk, audit, calls, journaled } from "./at_desk.ts";

const PATCH = "--- a/a.txt\n+++ b/a.txt\n@@ -1 +1 @@\n-one\n+two\n";

Deno.test("every tool of the workspace can be called without a run, each call is in the journal, and sessions are their owner's", async () => {
  await pythonCache();
  await atDesk(async ({ desk, content, workspace, closed }) => {
    const before = runningWorkers();
    const listed = await desk.list();
    assert.equal(await desk.list(), listed);
    const table: [name: string, args: Record<string, unknown>, expected: RegExp][] = [
      ["echo", { text: "hello" }, /^hello$/],
      ["calculator", { expression: "6 * 7" }, /^42$/],
      ["timestamp", {}, /^\d{4}-.*Z$/],
      ["write_file", { path: "a.txt", content: "one\n" }, /^Wrote 4 bytes/],
      ["read_file", { path: "a.txt" }, /^one\n$/],
      ["list_files", {}, /^a.txt$/],
      ["apply_patch", { diff: PATCH }, /^Applied/],
      ["check_policy", { command: "rm -rf /" }, /^{"verdict":"deny"/],
      ["run_command", { command: "cat a.txt" }, /"stdout":"two\\n"/],
      [
        "execute_python",
        { code: "print(await tools.read_file(path='a.txt'), await tools.echo(text='deep'))" },
        /"stdout":"two\\n deep\\n"/,
      ],
    ];
    assert.deepEqual(listed.map(({ name }) => name).toSorted(), table.map(([name]) => name).toSorted());
    assert.equal(runningWorkers(), before, "nothing is started before it is called");
    for (const [name, args, expected] of table) {
      const said = await content(name, args);
      assert.match(said, expected, name);
      const { result } = listed.find((tool) => tool.name === name)!;
      if (result !== undefined) assert.equal(makeGuard(result)(JSON.parse(said)), undefined, name);
    }
    assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), "two\n");
    const inSession = async (owner: string, code: string) => {
      const { value, error } = JSON.parse(await content("execute_python", { code, session: "s" }, { owner }));
      return value ?? error?.message;
    };
    await inSession("ann", "x = 1");
    assert.deepEqual(await Promise.all([inSession("ann", "x"), inSession("ben", "x")]), [
      "1",
      "NameError: name 'x' is not defined",
    ]);
    const json = listed.filter(({ result }) => result !== undefined).map(({ name }) => name);
    assert.deepEqual(json.toSorted(), ["check_policy", "execute_python", "run_command"]);

    const [ben, ann, run, ...others] = await closed();
    assert.deepEqual(others, []);
    assert.deepEqual([ann!.record.setup.owner, ben!.record.setup.owner], ["ann", "ben"]);
    assert.equal(
      (ann!.entries[0]!.intent as { arguments: string }).arguments,
      '{"code":"x = 1","session":"s"}',
    );
    assert.deepEqual(calls(run!), table.map(([name]) => `act ${name}: ok`));
    assert.deepEqual(run!.entries[0]!.intent, { id: "call_1", name: "echo", arguments: '{"text":"hello"}' });
    const { setup, status, task, agent } = run!.record;
    assert.deepEqual({ setup, status, task, agent }, {
      setup: { calls: true, owner: "anyone" },
      status: "answered",
      task: "Direct calls by anyone",
      agent: "desk",
    });
    assert.deepEqual(audit(run!), [
      "allowed echo: nothing",
      "allowed calculator: nothing",
      "allowed timestamp: nothing",
      "allowed write_file: FileRead, FileWrite",
      "allowed read_file: FileRead",
      "allowed list_files: FileRead",
      "allowed apply_patch: FileRead, FileWrite",
      "allowed check_policy: nothing",
      "allowed run_command: ShellExec, FileRead, FileWrite",
      "allowed run_command: policy: reading",
      "allowed execute_python: nothing",
      "allowed read_file: FileRead",
      "allowed echo: nothing",
    ]);
  }, { toolkit: (workspace) => allTools(workspace, "pyodide") });
});

Deno.test("what cannot be called is told so: unknown, not fitting, not granted; the last two are recorded", () =>
  atDesk(async ({ desk, call, failure, closed }) => {
    await assert.rejects(call("nothing", {}), { code: "unknown_tool" });
    assert.deepEqual(await failure("echo", { text: 1 }), {
      ok: false,
      kind: "permanent",
      message: "Cannot call echo: its arguments do not fit (text: expected string)",
    });
    assert.match((await failure("echo", { text: "a", more: 1 })).message, /more: not allowed/);
    assert.match((await failure("write_file", {})).message, /"path" is missing/);
    assert.deepEqual(await failure("run_command", { command: "ls" }), {
      ok: false,
      kind: "denied",
      message: "TOOL_DENIED: run_command needs ShellExec, which is not granted",
    });
    const denied = (await desk.list()).find(({ name }) => name === "run_command");
    assert.equal(denied?.denied, "run_command needs ShellExec, which is not granted");
    const [run] = await closed();
    assert.deepEqual(calls(run!), [
      "act echo: permanent",
      "act echo: permanent",
      "act write_file: permanent",
      "act run_command: denied",
    ]);
    assert.deepEqual(audit(run!), ["denied run_command: FileRead, FileWrite"]);
    await assert.rejects(call("echo", { text: "late" }), { code: "cancelled" });
  }, {
    toolkit: (workspace) => {
      const { tools, denied, actors } = allTools(workspace);
      const run = tools.find(({ definition }) => definition.tool.name === "run_command")!;
      const reason = "run_command needs ShellExec, which is not granted";
      const decision = { ...run.decision, allowed: false, grant: "FileRead, FileWrite", reason };
      const others = tools.filter((tool) => tool !== run);
      return { tools: others, denied: [...denied, { definition: run.definition, reason, decision }], actors };
    },
  }));

Deno.test("a change waits for its intent before it is made and for its receipt before it is answered", async () => {
  const gates = { intent: Promise.withResolvers<void>(), receipt: Promise.withResolvers<void>() };
  const seen: string[] = [];
  const journal = (store: JournalPort): JournalPort => ({
    ...store,
    async intent(request) {
      seen.push("intent");
      await gates.intent.promise;
      return await store.intent(request);
    },
    async receipt(request) {
      seen.push("receipt");
      await gates.receipt.promise;
      return await store.receipt(request);
    },
  });
  await atDesk(async ({ call, workspace, closed }) => {
    let answered = false;
    const writing = call("write_file", { path: "a.txt", content: "x" }).finally(() => answered = true);
    await until(() => seen.length === 1);
    assert.throws(() => Deno.statSync(`${workspace}/a.txt`), Deno.errors.NotFound);
    gates.intent.resolve();
    await until(() => seen.length === 2);
    assert.equal(Deno.readTextFileSync(`${workspace}/a.txt`), "x");
    assert.equal(answered, false);
    gates.receipt.resolve();
    await writing;
    assert.deepEqual(calls((await closed())[0]!), ["act write_file: ok"]);
  }, { journal });
});

Deno.test("what only reads is answered while its record is still being written, and recorded all the same", async () => {
  const gate = Promise.withResolvers<void>();
  const sizes: number[] = [];
  const journal = (store: JournalPort): JournalPort => ({
    ...store,
    async record(request) {
      sizes.push(request.effects.length);
      await gate.promise;
      return await store.record(request);
    },
  });
  await atDesk(async ({ content, closed }) => {
    const first = await content("echo", { text: "0" });
    await until(() => sizes.length === 1);
    const more = await Promise.all([1, 2, 3].map((n) => content("echo", { text: String(n) })));
    assert.deepEqual([first, ...more], ["0", "1", "2", "3"]);
    gate.resolve();
    await content("write_file", { path: "a.txt", content: "x" });
    const [run] = await closed();
    assert.deepEqual(calls(run!), [...Array(4).fill("act echo: ok"), "act write_file: ok"]);
    assert.deepEqual(sizes, [1, 3]);
  }, { journal });
});

Deno.test("what cannot be recorded is not done", async () => {
  const full = () => Promise.reject(Object.assign(new Error("the disk is full"), { code: "store_full" }));
  await atDesk(async ({ failure, content, workspace, closed }) => {
    const refused = await failure("write_file", { path: "a.txt", content: "x" });
    assert.match(refused.message, /^Cannot call write_file: it cannot be recorded \(.*the disk is full\)$/);
    assert.throws(() => Deno.statSync(`${workspace}/a.txt`), Deno.errors.NotFound);
    assert.equal(await content("echo", { text: "still here" }), "still here");
    const runs = await closed();
    assert.deepEqual(runs.map(calls), [["act echo: ok"], []], "a journal that failed is not gone on with");
  }, { journal: (store) => ({ ...store, intent: full }) });
  await atDesk(async ({ failure }) => {
    assert.match((await failure("echo", { text: "x" })).message, /^Cannot call echo: it cannot be recorded/);
  }, { journal: (store) => ({ ...store, open: full }) });
});

Deno.test("no secret is answered, told or recorded", () => {
  const secrets = fingerprints("KEY", "s3cret-value-1", randomBases());
  return atDesk(async ({ content, closed }) => {
    const told: unknown[] = [];
    const onItem = (item: unknown) => void told.push(item);
    assert.equal(await content("echo", { text: "the s3cret-value-1!" }, { onItem }), "the [secret:KEY]!");
    await content("run_command", { command: "echo s3cret-value-1" }, { onItem });
    const kept = JSON.stringify(await closed());
    assert.doesNotMatch(kept + JSON.stringify(told), /s3cret-value-1/);
    assert.match(kept, /\[secret:KEY\]/);
  }, { secrets });
});

Deno.test("the calls a tool makes are journaled below its own, with the rights of whoever called", () =>
  atDesk(async ({ content, desk, workspace, closed }) => {
    const progress: string[] = [];
    const answer = await content("asker", {
      calls: [
        { name: "write_file", args: { path: "n.txt", content: "nested" } },
        { name: "read_file", args: { path: "n.txt" } },
        { name: "run_command", args: { command: "env FOO=1 touch made" } },
        { name: "asker", args: { calls: [] } },
      ],
    }, {
      onItem: (item) => void (item.type === "progress" && progress.push(item.message ?? "")),
      person: ({ action }) =>
        Promise.resolve({ allowed: action.startsWith("env"), reason: "a test says so" }),
    });
    assert.match(answer, /^Wrote 6 bytes to n.txt nested {"exit_code":0.*} denied$/);
    assert.ok(Deno.statSync(`${workspace}/made`).isFile);
    assert.deepEqual(
      progress,
      ["write_file", "read_file", "run_command", "asker"].map((name) => `calls ${name}`),
    );
    assert.ok((await desk.list()).some(({ name }) => name === "asker"));
    const [run] = await closed();
    assert.deepEqual(calls(run!), ["act asker: ok"]);
    assert.ok(audit(run!).includes("allowed run_command: a person"));
    const parents = run!.events.flatMap((event) => event.type === "tool_started" ? [event.parent] : []);
    assert.deepEqual(parents, [undefined, "call_1", "call_1", "call_1", "call_1"]);
  }, { toolkit: withAsker }));

Deno.test("the journal of nested calls says what each of them was", async () => {
  let store: JournalPort | undefined;
  await atDesk(async ({ content, closed }) => {
    await content("echo", { text: "first" });
    await content("asker", { calls: [{ name: "echo", args: { text: "nested" } }] });
    const [run] = await closed();
    const nested = await journaled(store!, `${run!.record.run}.1`);
    assert.deepEqual(calls(nested), ["use echo: ok"]);
    assert.equal(nested.record.parent, run!.record.run);
    assert.equal(nested.record.status, "answered");
  }, { toolkit: withAsker, journal: (port) => store = port });
});

function withAsker(workspace: string): Toolkit {
  const { tools, ...kit } = allTools(workspace);
  return { ...kit, tools: [...tools, tool(asker, {}, "none")] };
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1));
}
