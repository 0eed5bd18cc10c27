import assert from "node:assert/strict";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { child, type ChildSettings } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Isolated, isolated } from "../workers/isolated_counter.ts";
import { isolatedProber } from "../workers/isolated_prober.ts";
import { Prober } from "../workers/prober.ts";
import { fails, onStage, type Stage } from "./stage.ts";

type Test = (
  actors: { tree: Supervisor; apart: ActorRef<typeof Isolated>; near: ActorRef<typeof Counter> },
  stage: Stage,
) => Promise<void>;

/** "root/apart" in a process of its own, and "root/near", a neighbour. */
async function withIsolated(test: Test, settings: Partial<ChildSettings> = {}): Promise<void> {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [child("apart", isolated, {}, settings), child("near", counter, { from: 7 })],
    });
    await test({ tree, apart: tree.ref(Isolated, "apart"), near: tree.ref(Counter, "near") }, stage);
  });
}

/** Resolves when there is no such process any more. */
async function gone(pid: number): Promise<void> {
  try {
    while (true) {
      Deno.kill(pid, "SIGCONT");
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

Deno.test("an actor in a process of its own is called, streamed from and refused like any other", async () => {
  let pid = 0;
  await withIsolated(async ({ apart }) => {
    pid = await apart.call("pid", {});
    assert.notEqual(pid, Deno.pid);
    assert.equal(await apart.call("add", { by: 2 }), 2);
    assert.equal(await apart.call("add", { by: 3 }), 5);
    assert.match(
      (await fails(apart.call("add", { by: "2" } as never), "bad_request")).message,
      /by: expected integer/,
    );
    const stream = apart.stream("count", { to: 500 });
    assert.deepEqual(await Array.fromAsync(stream), Array.from({ length: 500 }, (_, i) => i + 1));
    assert.equal(await stream.reply, 500);
    for await (const item of apart.stream("count", { to: 1_000_000 })) if (item === 100) break;
    assert.equal(await apart.call("add", { by: 0 }), 5, "leaving a stream early frees it");
  });
  await gone(pid);
});

Deno.test("references go into a process and out of it, survive its end, and are direct", async () => {
  await withIsolated(async ({ apart, near, tree }, stage) => {
    assert.equal(await apart.call("totalOf", { counter: near }), 7);
    const back = await apart.call("back", { counter: near });
    assert.equal(await back.call("total", {}), 7);
    const me = await apart.call("me", {}) as unknown as typeof apart;
    assert.equal(await me.call("add", { by: 1 }), 1);
    tree.kill("near", "a test says so");
    assert.equal(await back.call("total", {}), 7);
    tree.kill("apart", "a test says so");
    await stage.until("root/apart", "restarted");
    assert.equal(await back.call("total", {}), 7, "it was passed on by a process that is gone");
    assert.equal(await me.call("add", { by: 4 }), 4);
    const lent = near.lend();
    const shown = await apart.call("back", { counter: lent });
    assert.equal(await shown.call("total", {}), 7);
    lent.revoke();
    await fails(shown.call("total", {}), "revoked");
  });
});

Deno.test("K11 a busy loop in a process ends with SIGKILL at its deadline, and its neighbours answer", async () => {
  await withIsolated(async ({ apart, near }, stage) => {
    const pid = await apart.call("pid", {});
    const spins = fails(apart.call("exhaust", { what: "cpu" }, { timeoutMs: 100 }), "timeout");
    const died = stage.until("root/apart", "died");
    let answered = 0;
    let over = false;
    died.then(() => over = true);
    while (!over) answered += await near.call("total", {}) === 7 ? 1 : 0;
    assert.match((await died).reason, /did not answer by its deadline and its process was killed/);
    await spins;
    assert.ok(answered > 100, `the neighbour answered ${answered} times meanwhile`);
    assert.equal(await apart.call("add", { by: 1 }), 1, "the reference leads to a new process");
    assert.notEqual(await apart.call("pid", {}), pid);
    await gone(pid);
    assert.equal(stage.system.abandoned, 0, "nothing was left behind");
  });
});

Deno.test("K11 a heap that overflows ends its own process alone", async () => {
  await withIsolated(async ({ apart, near }, stage) => {
    const told = await fails(apart.call("exhaust", { what: "heap" }), "died");
    assert.match(told.message, /heap|memory/i);
    assert.equal(await near.call("total", {}), 7);
    await stage.until("root/apart", "restarted");
    assert.equal(await apart.call("add", { by: 1 }), 1);
  }, { heapMb: 64 });
});

Deno.test("K5 the end of a child process is noticed, whoever ends it", async () => {
  await withIsolated(async ({ apart }, stage) => {
    assert.match(
      (await fails(apart.call("exhaust", { what: "exit" }), "died")).message,
      /without a word|status 4/,
    );
    await stage.until("root/apart", "restarted");
    const pid = await apart.call("pid", {});
    Deno.kill(pid, "SIGKILL");
    assert.match((await stage.until("root/apart", "died", 2)).reason, /its process ended with SIGKILL/);
    await stage.until("root/apart", "restarted", 2);
    assert.equal(await apart.call("add", { by: 1 }), 1);
  });
});

Deno.test("a process that prints what looks like the kernel's words is ended, not believed", async () => {
  await withIsolated(async ({ apart }, stage) => {
    await apart.call("exhaust", { what: "stdout" }).catch(() => {}); // its answer may come with what it printed
    assert.match((await stage.until("root/apart", "died")).reason, /its process printed instead of speaking/);
    await stage.until("root/apart", "restarted");
    assert.equal(await apart.call("add", { by: 1 }), 1);
  });
});

Deno.test("K10 an actor in a process has exactly its grant there, and no environment", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const [mine, other] = [`${folder}/mine`, `${folder}/other`];
  await Promise.all([mine, other].map((file) => Deno.writeTextFile(file, "text")));
  try {
    await onStage(async ({ system }) => {
      const tree = await system.start("root", {
        children: [
          child("none", isolatedProber, {}),
          child("some", isolatedProber, {}, { grant: { read: [mine], env: ["HOME"] } }),
        ],
      });
      const attempts = [
        ["read", mine, "some"],
        ["read", other, undefined],
        ["read", isolatedProber.module.replace("file://", ""), undefined],
        ["write", mine, undefined],
        ["net", "127.0.0.1:8089", undefined],
        ["run", Deno.execPath(), undefined],
        ["sys", "hostname", undefined],
        ["env", "HOME", "some"],
      ] as const;
      for (const name of ["none", "some"]) {
        for (const [kind, what, allowed] of attempts) {
          const outcome = await tree.ref(Prober, name).call("attempt", { kind, what });
          assert.equal(outcome, allowed === name ? "done" : "NotCapable", `${name} ${kind} ${what}`);
        }
        assert.deepEqual(await tree.ref(Prober, name).call("environment", {}), []);
      }
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
