import assert from "node:assert/strict";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { Question, Verdict } from "../../../protocols/messages/approval.ts";
import { memoryJournal } from "../../../supervisor/durable/memory_journal.ts";
import { CallRun } from "../../../workspace/desk/call_run.ts";
import { REST_MS } from "../../../workspace/desk/tool_tree.ts";
import { tool, type Toolkit } from "../../../workspace/runtime/toolkit.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { asker } from "../../workers/asker.ts";
import { allTools, atDesk, calls } from "./at_desk.ts";

/** A person who answers when the test says so. */
class Patient {
  readonly asked: string[] = [];
  readonly #heard = Promise.withResolvers<void>();
  readonly #answer = Promise.withResolvers<Verdict>();

  readonly person = (question: Question): Promise<Verdict> => {
    this.asked.push(question.action);
    this.#heard.resolve();
    return this.#answer.promise;
  };

  get heard(): Promise<void> {
    return this.#heard.promise;
  }

  answer(allowed: boolean): void {
    this.#answer.resolve({ allowed, reason: "a person said so" });
  }
}

const yes = () => Promise.resolve({ allowed: true, reason: "a test says so" });

Deno.test("a question reaches whoever made the call, also when owners and calls of one owner ask at once", () =>
  atDesk(async ({ call, closed }) => {
    const people = [new Patient(), new Patient(), new Patient()] as const;
    const command = (n: number) => ({ command: `env CALL=${n} true` });
    const made = [
      call("run_command", command(0), { owner: "ann", person: people[0].person }),
      call("run_command", command(1), { owner: "ann", person: people[1].person }),
      call("run_command", command(2), { owner: "ben", person: people[2].person }),
    ];
    await Promise.all([people[0].heard, people[2].heard]);
    assert.deepEqual(people.map(({ asked }) => asked), [["env CALL=0 true"], [], ["env CALL=2 true"]]);
    people[2].answer(false);
    const refused = (await made[2]!).outcome;
    assert.equal(refused.ok ? "done" : refused.kind, "denied");
    people[0].answer(true);
    assert.ok((await made[0]!).outcome.ok);
    await people[1].heard;
    assert.deepEqual(people[1].asked, ["env CALL=1 true"]);
    people[1].answer(true);
    assert.ok((await made[1]!).outcome.ok);
    const nobody = (await call("run_command", command(3), { owner: "ann" })).outcome;
    assert.match(nobody.ok ? "done" : nobody.message, /^TOOL_DENIED: .*nobody can answer here/);
    assert.deepEqual((await closed()).map(calls), [
      ["act run_command: denied"],
      ["act run_command: ok", "act run_command: ok", "act run_command: denied"],
    ]);
  }));

Deno.test("a call nobody waits for is stopped, whether it works, asks or waits its turn; the next one goes on", () =>
  atDesk(async ({ call, content, workspace, closed }) => {
    const stop = new AbortController(), waiting = new AbortController();
    const started = Promise.withResolvers<void>();
    const sleeping = call("run_command", { command: "echo begun; sleep 60; touch late" }, {
      signal: stop.signal,
      person: yes,
      onItem: (item) => void (item.type === "output" && started.resolve()),
    });
    const queued = call("run_command", { command: "touch queued" }, { signal: waiting.signal, person: yes });
    await started.promise;
    waiting.abort();
    await assert.rejects(queued, { code: "cancelled" });
    stop.abort();
    await assert.rejects(sleeping, {
      code: "cancelled",
      message: "Cannot finish run_command: it was cancelled",
    });

    const withdrawn = Promise.withResolvers<void>();
    const asking = new AbortController();
    const asked = call("run_command", { command: "env A=1 true" }, {
      signal: asking.signal,
      person(_question, signal) {
        signal.addEventListener("abort", () => withdrawn.resolve());
        asking.abort();
        return new Promise(() => {});
      },
    });
    await assert.rejects(asked, { code: "cancelled" });
    await withdrawn.promise;
    await assert.rejects(call("echo", { text: "x" }, { signal: AbortSignal.abort() }), { code: "cancelled" });
    assert.match(await content("run_command", { command: "ls" }), /"stdout":""/);
    assert.deepEqual([...Deno.readDirSync(workspace)], []);
    const [run] = await closed();
    assert.deepEqual(calls(run!), [
      "act run_command: transient",
      "act run_command: transient",
      "act run_command: transient",
      "act run_command: ok",
    ]);
  }));

Deno.test("closing the desk ends what is at work, and its journal says so", () =>
  atDesk(async ({ call, closed }) => {
    const started = Promise.withResolvers<void>();
    const sleeping = call("run_command", { command: "echo begun; sleep 60" }, {
      person: yes,
      onItem: (item) => void (item.type === "output" && started.resolve()),
    });
    sleeping.catch(() => {});
    await started.promise;
    const [run] = await closed();
    await assert.rejects(sleeping, { code: "cancelled" });
    assert.deepEqual([run!.record.status, ...calls(run!)], ["answered", "act run_command: transient"]);
  }));

Deno.test("a call that takes longer than its tool may is answered, and says whether it can be repeated", () =>
  atDesk(async ({ failure }) => {
    const late = await failure("asker", { calls: [], busyMs: 400 });
    assert.equal(late.kind, "transient");
    assert.match(late.message, /its deadline passed/);
  }, { toolkit: withAsker }));

Deno.test("a tool that died is there again; one that dies too often rests and is brought back", () => {
  const clock = new HandClock(Date.now());
  return atDesk(async ({ content, failure, trees, closed }) => {
    await content("echo", { text: "a" });
    for (let deaths = 0; deaths < 4; deaths++) {
      trees[0]!.kill("echo", "a test says so");
      if (deaths < 3) await content("echo", { text: "b" });
    }
    assert.match(
      (await failure("echo", { text: "c" })).message,
      /^Cannot reach "troupe\/1\/echo": it failed/,
    );
    assert.match((await failure("echo", { text: "d" })).message, /it failed/);
    assert.equal(await content("calculator", { expression: "1" }), "1");
    clock.advance(REST_MS);
    assert.equal(await content("echo", { text: "e" }), "e");
    assert.equal(trees.length, 1, "the others worked on");
    assert.equal((await closed())[0]!.entries.length, 8);
  }, { clock });
});

Deno.test("a call that cannot be repeated and whose tool died is answered as what nobody knows", () =>
  atDesk(async ({ failure, content, trees }) => {
    const outcome = await failure("run_command", { command: "echo begun; sleep 60" }, {
      person: yes,
      onItem: (item) => void (item.type === "output" && trees[1]!.kill("run_command", "a test says so")),
    });
    assert.deepEqual(outcome, {
      ok: false,
      kind: "transient",
      message: "run_command died: it may or may not have been done, find out before you repeat it",
    });
    assert.match(await content("run_command", { command: "ls" }), /"exit_code":0/);
  }));

Deno.test("when all tools were given up, all are brought back", () => {
  const clock = new HandClock(Date.now());
  return atDesk(async ({ call, content, failure, trees }) => {
    const names = ["echo", "calculator", "timestamp", "list_files"] as const;
    const args = { echo: { text: "a" }, calculator: { expression: "1" }, timestamp: {}, list_files: {} };
    for (let deaths = 0; deaths < 3; deaths++) {
      for (const name of names) {
        await call(name, args[name]);
        trees[0]!.kill(name, "a test says so");
      }
    }
    while ((await call("echo", args.echo)).outcome.ok);
    assert.match((await failure("list_files", {})).message, /it failed/);
    clock.advance(REST_MS);
    assert.equal(await content("echo", args.echo), "a");
    assert.equal(trees.length, 2);
  }, { clock });
});

Deno.test("what is kept for an owner who calls no more is given up after a while", () => {
  const clock = new HandClock(Date.now());
  return atDesk(async ({ call, desk, closed }) => {
    await call("echo", { text: "x" }, { owner: "ann" });
    await call("run_command", { command: "ls" }, { owner: "ann" });
    clock.advance(14 * 60_000);
    await call("echo", { text: "x" }, { owner: "ben" });
    clock.advance(2 * 60_000);
    await call("echo", { text: "x" }, { owner: "ben" });
    await call("echo", { text: "x" }, { owner: "ann" });
    const runs = await closed();
    assert.deepEqual(
      runs.map(({ record: { setup, status }, entries }) => [setup.owner, status, entries.length]),
      [
        ["ann", "answered", 1],
        ["ben", "answered", 2],
        ["ann", "answered", 2],
      ],
    );
    assert.ok(runs.at(-1)!.record.endedAt! <= clock.now());
    await desk.close();
  }, { clock });
});

Deno.test("something is kept for so many owners at once; who called longest ago is given up first", () =>
  atDesk(async ({ call, trees, closed }) => {
    const owners = Array.from({ length: 258 }, (_, at) => `owner ${at}`);
    await Promise.all(owners.slice(0, 256).map((owner) => call("echo", { text: "x" }, { owner })));
    await call("echo", { text: "x" }, { owner: owners[0] });
    for (const owner of owners.slice(256)) await call("echo", { text: "x" }, { owner });
    await call("echo", { text: "x" }, { owner: owners[0] });
    await call("echo", { text: "x" }, { owner: owners[1] });
    const runs = (await closed()).map(({ record, entries }) => `${record.setup.owner}: ${entries.length}`);
    assert.equal(runs.length, 259);
    assert.deepEqual(runs.filter((run) => /^owner [01]:/.test(run)).toSorted(), [
      "owner 0: 3",
      "owner 1: 1",
      "owner 1: 1",
    ]);
    assert.equal(trees.length, 1, "what only reads is shared by all");
  }));

Deno.test("a run of calls does not grow for ever, and takes no more once its journal failed", async () => {
  const journal = memoryJournal();
  const clock = new HandClock();
  const over = { value: { outcome: { ok: true as const, content: "" }, ms: 0 }, events: [] };
  const call = { id: "call_1", name: "echo", arguments: "{}" };
  const long = await CallRun.open({ run: "long", owner: "ann", journal, clock });
  for (let made = 0; made < 10_000; made++) {
    assert.equal(long.isSpent, false, String(made));
    await long.record(call, over);
  }
  assert.equal(long.isSpent, true);
  await long.close();
  assert.equal((await journal.read({ run: "long" }))!.entries.length, 10_000);

  let broken = true;
  const failing = async () => {
    await Promise.resolve();
    if (broken) throw new Fault("store_full", "the disk is full");
    return null;
  };
  const other = await CallRun.open({
    run: "other",
    owner: "ann",
    journal: { ...journal, intent: failing },
    clock,
  });
  await assert.rejects(other.begin(call), { code: "store_full" });
  assert.equal(other.isSpent, true);
  broken = false;
  await other.record(call, over);
  await other.close();
  assert.equal((await journal.read({ run: "other" }))!.entries.length, 1, "what is over is recorded still");
});

function withAsker(workspace: string): Toolkit {
  const { tools, ...kit } = allTools(workspace);
  return { ...kit, tools: [...tools, { ...tool(asker, {}, "none"), timeoutMs: 100 }] };
}
