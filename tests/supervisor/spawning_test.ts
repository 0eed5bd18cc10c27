import assert from "node:assert/strict";
import { child, DEFAULTS } from "../../supervisor/tree/spec.ts";
import { workerKind } from "../../supervisor/worker/kind.ts";
import { Spawner } from "../../supervisor/worker/spawner.ts";
import { Counter, counter } from "../workers/counter.ts";
import { isolated } from "../workers/isolated_counter.ts";
import { Parent, parent } from "../workers/parent.ts";
import { fails, onStage, runningWorkers } from "./stage.ts";

const KIND = { module: counter.module, grant: "none" } as const;

/** Runs `act` and tells in which turns of the event loop workers were made, and of which modules. */
async function creations(act: () => Promise<void>): Promise<{ turn: number; module: string }[]> {
  const made: { turn: number; module: string }[] = [];
  let turn = 0;
  let over = false;
  const count = () => over || (turn++, setTimeout(count, 0));
  const { Worker } = globalThis;
  globalThis.Worker = class extends Worker {
    constructor(...[module, options]: ConstructorParameters<typeof Worker>) {
      super(module, options);
      made.push({ turn, module: String(module).replace(/.*\//, "") });
    }
  };
  try {
    count();
    await act();
  } finally {
    over = true;
    globalThis.Worker = Worker;
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return made;
}

/** At most two in any turn, and none between two that follow each other without a turn. */
function assertPaced(made: { turn: number }[]): void {
  for (let i = 2; i < made.length; i++) assert.ok(made[i]!.turn > made[i - 2]!.turn, JSON.stringify(made));
}

Deno.test("K12 however many are asked for at once, two workers are made and then a turn is left to others", async () => {
  const spawner = new Spawner();
  const made = await creations(async () => {
    const blanks = await Promise.all(Array.from({ length: 7 }, () => spawner.take(KIND)));
    for (const { worker } of blanks) worker.terminate();
    await spawner.close();
  });
  assert.equal(made.length, 7);
  assertPaced(made);
});

Deno.test("K12 the main thread makes the children of actors too", async () => {
  const made = await creations(() =>
    onStage(async ({ system }) => {
      const tree = await system.start("root", {
        children: [1, 2, 3].map((n) => child(`p${n}`, parent, {})),
      });
      const born = [1, 2, 3].map((n) => tree.ref(Parent, `p${n}`).call("bear", { name: "kid", from: n }));
      for (const [i, kid] of (await Promise.all(born)).entries()) {
        assert.equal(await kid.call("total", {}), i + 1);
      }
    }, { actors: [counter] })
  );
  assert.deepEqual(made.map(({ module }) => module).sort(), [
    ...Array(3).fill("counter.ts"),
    ...Array(3).fill("parent.ts"),
  ]);
  assertPaced(made);
});

/** Resolves once so many workers are ready. */
async function ready(spawner: Spawner, count: number): Promise<void> {
  while (spawner.ready(KIND) < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("a pool holds as many ready workers as were asked for, and is filled again when one is taken", async () => {
  const spawner = new Spawner();
  spawner.keep(KIND, 1, spawner);
  spawner.keep(KIND, 2, spawner);
  await ready(spawner, 2);
  const made = await creations(async () => {
    const blank = await spawner.take(KIND);
    assert.ok(blank.primed, "it has handled a message already");
    blank.worker.terminate();
    assert.equal(spawner.ready(KIND), 1);
    const other = await spawner.take({ ...KIND, grant: { env: ["A"] } });
    assert.ok(!other.primed, "another grant is another pool");
    other.worker.terminate();
    await ready(spawner, 2);
  });
  assert.equal(made.length, 2, "the other one, and one for the pool");
  await spawner.close();
  assert.equal(runningWorkers(), 0);
});

Deno.test("a pool that is closed while it is filled leaves no worker", async () => {
  for (const wait of [0, 10, 25, 40]) {
    const spawner = new Spawner();
    spawner.keep(KIND, 2, spawner);
    await new Promise((resolve) => setTimeout(resolve, wait));
    await spawner.close();
    assert.equal(runningWorkers(), 0, `closed after ${wait} ms`);
  }
});

Deno.test("restarts from a warm pool keep references and options", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      intensity: { restarts: 9, withinMs: 1_000 },
      children: [
        child("a", counter, { from: 7 }, { warm: 1 }),
        child("b", counter, { from: 8 }, { warm: 2 }),
      ],
    });
    for (let life = 1; life <= 3; life++) {
      for (const [name, total] of [["a", 7], ["b", 8]] as const) {
        const ref = tree.ref(Counter, name);
        await fails(ref.call("crash", { how: "throw" }), "died");
        assert.equal(await ref.call("total", {}), total);
      }
    }
  });
});

/** Resolves once so many workers run. */
async function running(count: number): Promise<void> {
  while (runningWorkers() !== count) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("a pool that several keep is as large as the largest asked for, and ends with the last of them", async () => {
  const spawner = new Spawner();
  const [one, other] = [{}, {}];
  spawner.keep(KIND, 2, one);
  spawner.keep(KIND, 1, other);
  await ready(spawner, 2);
  spawner.release(one);
  assert.equal(spawner.ready(KIND), 1);
  const spare = await spawner.take(KIND);
  assert.ok(spare.primed);
  spare.worker.terminate();
  await ready(spawner, 1);
  spawner.keep(KIND, 0, other);
  assert.equal(runningWorkers(), 0);
  spawner.keep(KIND, 1, other);
  while (runningWorkers() === 0) await new Promise((resolve) => setTimeout(resolve, 0));
  spawner.release(other);
  await running(0);
  await spawner.close();
});

Deno.test("a spare worker that ends by itself is not handed out, and another is made when one is asked for", async () => {
  const spawner = new Spawner();
  const kind = workerKind(isolated, "none", DEFAULTS);
  spawner.keep(kind, 1, spawner);
  while (spawner.ready(kind) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  for (const pid of await childProcesses()) Deno.kill(pid, "SIGKILL");
  while (spawner.ready(kind) > 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const blank = await spawner.take(kind);
  assert.ok(!blank.primed);
  blank.worker.terminate();
  while (spawner.ready(kind) === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  await spawner.close();
});

/** Numbers of the processes this one started and that run. */
async function childProcesses(): Promise<number[]> {
  const found: number[] = [];
  for await (const { name } of Deno.readDir("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await Deno.readTextFile(`/proc/${name}/stat`).catch(() => "");
    if (Number(stat.split(") ").at(-1)?.split(" ")[1]) === Deno.pid) found.push(Number(name));
  }
  return found;
}

Deno.test("workers an actor keeps for its children end when it says so, and end with it", async () => {
  await onStage(async (stage) => {
    const tree = await stage.system.start("root", {
      children: [child("p", parent, {}), child("q", parent, {})],
    });
    const [p, q] = [tree.ref(Parent, "p"), tree.ref(Parent, "q")];
    await p.call("prepareFor", { count: 2 });
    await running(4);
    await q.call("prepareFor", { count: 1 });
    await p.call("prepareFor", { count: 0 });
    await running(3);
    await q.call("bear", { name: "kid", from: 5 });
    await running(4);
    await q.call("finish", {});
    await running(2);
  }, { actors: [counter] });
});

Deno.test("a child an actor starts has the settings it was given", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", { children: [child("p", parent, {})] });
    const refused = tree.ref(Parent, "p").call("bearWith", { name: "kid", spec: { provisions: 1 } });
    await fails(refused, "no_provider");
    const late = tree.ref(Parent, "p").call("bearWith", { name: "kid", spec: { startMs: 1 } });
    assert.match((await fails(late, "start_failed")).message, /did not start within 1 ms/);
  }, { actors: [counter] });
});
