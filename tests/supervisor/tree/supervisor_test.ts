import assert from "node:assert/strict";
import type { Tree } from "../../../supervisor/tree/spec.ts";
import { subtree } from "../../../supervisor/tree/spec.ts";
import { INTENSITY, Supervisor } from "../../../supervisor/tree/supervisor.ts";
import { HandClock } from "../../support/hand_clock.ts";
import { fails } from "../stage.ts";
import { puppet, SetClock, settled, Theatre } from "./puppets.ts";

const MANY = { restarts: 1_000, withinMs: 1_000 };

/** Children a, b and c of "root". */
async function started(tree: Omit<Tree, "children"> = {}, theatre = new Theatre()) {
  const children = ["a", "b", "c"].map((name) => puppet(name));
  const supervisor = new Supervisor("root", { ...tree, children }, "none", theatre);
  await supervisor.start();
  theatre.log.length = theatre.changes.length = 0;
  return { supervisor, theatre, at: (name: string) => theatre.at(`root/${name}`) };
}

const RESTARTS = [
  { strategy: "one-for-one", log: ["start root/b"] },
  {
    strategy: "one-for-all",
    log: ["stop root/c", "stop root/a", "start root/a", "start root/b", "start root/c"],
  },
  { strategy: "rest-for-one", log: ["stop root/c", "start root/b", "start root/c"] },
] as const;

for (const { strategy, log } of RESTARTS) {
  Deno.test(`K7 ${strategy}: when the middle one of three fails`, async () => {
    const { theatre, at } = await started({ strategy });
    at("b").die();
    await settled();
    assert.deepEqual(theatre.log, log);
    assert.equal(theatre.changes[0], "root/b died");
    const restarted = log.filter((line) => line.startsWith("start")).map((line) =>
      line.slice(6) + " restarted"
    );
    assert.deepEqual(theatre.changes.filter((change) => change.endsWith("restarted")), restarted);
  });
}

Deno.test("K6 children start in order and stop in reverse", async () => {
  const theatre = new Theatre();
  const children = [puppet("a"), subtree("t", { children: [puppet("b"), puppet("c")] }), puppet("d")];
  const supervisor = new Supervisor("root", { children }, "none", theatre);
  await supervisor.start();
  const all = ["root/a", "root/t/b", "root/t/c", "root/d"];
  assert.deepEqual(theatre.log, all.map((path) => `start ${path}`));
  assert.deepEqual(
    theatre.changes,
    ["root/a", "root/t/b", "root/t/c", "root/t", "root/d"].map((path) => `${path} started`),
  );
  theatre.log.length = 0;
  await supervisor.stop();
  assert.deepEqual(theatre.log, all.toReversed().map((path) => `stop ${path}`));
});

Deno.test("K6 when one cannot start, those before it are stopped in reverse and the start fails", async () => {
  const theatre = new Theatre();
  const children = ["a", "b", "c", "d"].map((name) => puppet(name));
  const supervisor = new Supervisor("root", { children }, "none", theatre);
  theatre.at("root/c").failures = 1;
  await fails(supervisor.start(), "start_failed");
  assert.deepEqual(theatre.log, [
    "start root/a",
    "start root/b",
    "fail root/c",
    "stop root/b",
    "stop root/a",
  ]);
  assert.equal(supervisor.stats().status, "failed");
});

Deno.test("K8 one restart more than the intensity allows stops the children and fails upward", async () => {
  const { supervisor, theatre, at } = await started();
  const failed: string[] = [];
  supervisor.onFailed = (reason) => failed.push(reason);
  assert.deepEqual(INTENSITY, { restarts: 3, withinMs: 5_000 });
  for (let death = 1; death <= 3; death++) {
    at("b").die();
    await settled();
    assert.equal(supervisor.stats().status, "running");
  }
  theatre.log.length = 0;
  at("b").die();
  await settled();
  assert.deepEqual(theatre.log, ["stop root/c", "stop root/a"]);
  assert.deepEqual(failed, ['"root/b" died too often: told to be crashed']);
  assert.equal(supervisor.stats().status, "failed");
  assert.equal(theatre.changes.at(-1), "root failed");
});

Deno.test("K8 restarts longer ago than the window do not count", async () => {
  const clock = new SetClock();
  const { supervisor, at } = await started({}, new Theatre(clock));
  for (let death = 1; death <= 20; death++) {
    at("b").die();
    await settled();
    clock.time += 1_667; // three in 5 001 ms
  }
  assert.equal(supervisor.stats().status, "running");
  assert.equal(supervisor.stats().totalRestarts, 20);
});

Deno.test("K8 deaths that restart nobody do not count", async () => {
  const theatre = new Theatre();
  const children = [..."abcdef"].map((name) => puppet(name, { restart: "on-failure" }));
  const supervisor = new Supervisor("root", { children }, "none", theatre);
  await supervisor.start();
  for (const name of "abcde") theatre.at(`root/${name}`).die("normal");
  await settled();
  assert.equal(supervisor.stats().status, "running");
  assert.deepEqual(supervisor.stats().children.map(({ status }) => status), [
    "ended",
    "ended",
    "ended",
    "ended",
    "ended",
    "running",
  ]);
});

Deno.test("K8 a failed subtree is its parent's to restart, children and counters anew", async () => {
  const theatre = new Theatre();
  const inner = subtree("t", { children: [puppet("a"), puppet("b")] });
  const supervisor = new Supervisor("root", { children: [puppet("x"), inner] }, "none", theatre);
  await supervisor.start();
  for (let life = 1; life <= 2; life++) {
    theatre.log.length = 0;
    for (let death = 1; death <= 4; death++) {
      theatre.at("root/t/b").die();
      await settled();
    }
    assert.deepEqual(theatre.log.slice(3), ["stop root/t/a", "start root/t/a", "start root/t/b"]);
  }
  assert.equal(supervisor.stats().totalRestarts, 8, "three of b and one of its tree, twice");
  assert.ok(theatre.at("root/x").alive);
});

Deno.test("F369 a child with a limit of its own is marked failed beyond it and its siblings go on", async () => {
  const clock = new SetClock();
  const theatre = new Theatre(clock);
  const children = [puppet("a"), puppet("b", { limit: { restarts: 2, withinMs: 5_000 } })];
  const supervisor = new Supervisor("root", { intensity: MANY, children }, "none", theatre);
  await supervisor.start();
  const b = theatre.at("root/b");
  for (let death = 1; death <= 3; death++) {
    b.die();
    await settled();
  }
  assert.deepEqual(supervisor.stats().children.map(({ status }) => status), ["running", "failed"]);
  assert.match(b.retired!.message, /Cannot reach "root\/b": it failed \(too many restarts/);
  assert.equal(theatre.changes.at(-1), "root/b failed");
  theatre.at("root/a").die();
  await settled();
  assert.ok(theatre.at("root/a").alive);
});

Deno.test("F369 starts that fail count against a child's limit too", async () => {
  const theatre = new Theatre();
  const children = [puppet("a"), puppet("b", { limit: { restarts: 2, withinMs: 5_000 } })];
  const supervisor = new Supervisor("root", { intensity: MANY, children }, "none", theatre);
  await supervisor.start();
  theatre.at("root/b").failures = 100;
  theatre.at("root/b").die();
  await settled();
  const [a, b] = supervisor.stats().children;
  assert.deepEqual([a!.status, b!.status, b!.restarts], ["running", "failed", 2]);
});

Deno.test("a child that dies the moment it has started is started again", async () => {
  for (const how of ["crashed", "lost"] as const) {
    const { supervisor, theatre, at } = await started({ intensity: MANY });
    at("b").die();
    at("b").dies = how;
    await settled();
    assert.ok(at("b").alive);
    assert.equal(supervisor.stats().children[1]!.restarts, 2);
    assert.deepEqual(theatre.log, ["start root/b", "start root/b"]);
  }
});

Deno.test("stats tell each child's status, restarts and last exit, and the total of all trees", async () => {
  const theatre = new Theatre();
  const children = [
    puppet("a"),
    subtree("t", { children: [puppet("b"), puppet("lazy", { lazy: true })] }),
    puppet("once", { restart: "never" }),
  ];
  const supervisor = new Supervisor("root", { children }, "none", theatre);
  assert.equal(supervisor.stats().status, "waiting");
  await supervisor.start();
  theatre.at("root/a").die("hung");
  theatre.at("root/t/b").die("lost");
  theatre.at("root/once").die("killed");
  await settled();
  assert.deepEqual(supervisor.stats(), {
    status: "running",
    totalRestarts: 2,
    children: [
      {
        name: "a",
        status: "running",
        restarts: 1,
        lastExit: { how: "hung", reason: "told to be hung" },
        tree: undefined,
      },
      {
        name: "t",
        status: "running",
        restarts: 0,
        lastExit: undefined,
        tree: {
          status: "running",
          totalRestarts: 1,
          children: [
            {
              name: "b",
              status: "running",
              restarts: 1,
              lastExit: { how: "lost", reason: "told to be lost" },
              tree: undefined,
            },
            { name: "lazy", status: "waiting", restarts: 0, lastExit: undefined, tree: undefined },
          ],
        },
      },
      {
        name: "once",
        status: "failed",
        restarts: 0,
        lastExit: { how: "killed", reason: "told to be killed" },
        tree: undefined,
      },
    ],
  });
  assert.ok(theatre.changes.includes("root/a hung"));
  await supervisor.stop();
  const { status, children: [a] } = supervisor.stats();
  assert.deepEqual([status, a!.status], ["stopped", "stopped"]);
});

Deno.test("the waits between restarts double from 10 ms, and a quiet window forgets them", async () => {
  const clock = new SetClock();
  const { at } = await started({ intensity: MANY, backoff: { jitter: 0 } }, new Theatre(clock));
  for (let death = 1; death <= 5; death++) {
    at("b").die();
    await settled();
  }
  assert.deepEqual(clock.slept, [10, 20, 40, 80], "the first is immediate");
  at("a").die();
  await settled();
  assert.equal(clock.slept.length, 4, "each child has its own");
  clock.time += MANY.withinMs;
  at("b").die();
  await settled();
  assert.equal(clock.slept.length, 4);
});

Deno.test("K8 a stop is heard while a child waits for its restart", async () => {
  const clock = new HandClock();
  const { supervisor, theatre, at } = await started({ backoff: { baseMs: 60_000 } }, new Theatre(clock));
  at("b").die();
  await settled();
  assert.equal(clock.sleeping, 1);
  await supervisor.stop();
  assert.equal(clock.sleeping, 0);
  assert.deepEqual(theatre.log, ["stop root/c", "stop root/a"]);
  assert.equal(at("b").alive, false);
});

Deno.test("a stop ends a child that is just starting", async () => {
  const theatre = new Theatre();
  const children = [puppet("a"), puppet("b"), puppet("c")];
  const supervisor = new Supervisor("root", { children }, "none", theatre);
  const { promise, resolve } = Promise.withResolvers<void>();
  theatre.at("root/b").pause = promise;
  const start = fails(supervisor.start(), "start_failed");
  await settled();
  const stop = supervisor.stop();
  assert.deepEqual(theatre.log, ["start root/a", "kill root/b: its supervisor stops"]);
  resolve();
  await Promise.all([start, stop]);
  assert.equal(theatre.log.at(-1), "stop root/a");
  assert.equal(theatre.log.includes("start root/c"), false);
});

Deno.test("a death during a stop restarts nobody", async () => {
  const { supervisor, theatre, at } = await started({ strategy: "one-for-all" });
  const { promise, resolve } = Promise.withResolvers<void>();
  at("c").pause = promise;
  const stop = supervisor.stop();
  at("a").die();
  resolve();
  await stop;
  await settled();
  assert.deepEqual(theatre.log, ["stop root/c", "stop root/b"]);
});

Deno.test("children are added last in order, found, removed and forgotten while the others run", async () => {
  const { supervisor, theatre, at } = await started({ strategy: "rest-for-one" });
  await supervisor.add(subtree("t", { children: [puppet("d")] }));
  at("c").die();
  await settled();
  assert.deepEqual(theatre.log, ["start root/t/d", "stop root/t/d", "start root/c", "start root/t/d"]);
  theatre.log.length = 0;
  await supervisor.remove("b");
  assert.match(at("b").retired!.message, /Cannot reach "root\/b": it was stopped/);
  await fails(supervisor.remove("b"), "unknown_child");
  at("a").die();
  await settled();
  assert.deepEqual(theatre.log, [
    "stop root/b",
    "stop root/t/d",
    "stop root/c",
    "start root/a",
    "start root/c",
    "start root/t/d",
  ]);
  await fails(supervisor.add(subtree("t", { children: [] })), "name_taken");
});

Deno.test("a child that cannot be added leaves no trace", async () => {
  const theatre = new Theatre();
  const supervisor = new Supervisor("root", { children: [] }, "none", theatre);
  await supervisor.start();
  theatre.failing.add("root/t/b").add("root/c");
  await fails(supervisor.add(subtree("t", { children: [puppet("a"), puppet("b")] })), "start_failed");
  await fails(supervisor.add(puppet("c")), "start_failed");
  assert.deepEqual(theatre.log, ["start root/t/a", "fail root/t/b", "stop root/t/a", "fail root/c"]);
  assert.deepEqual(supervisor.stats().children, []);
  theatre.failing.clear();
  await supervisor.add(puppet("t"));
  await supervisor.add(puppet("c"));
  assert.deepEqual(supervisor.stats().children.map(({ status }) => status), ["running", "running"]);
});

Deno.test("a lazy child starts when it is wanted, once, and again with its tree once it ran", async () => {
  const theatre = new Theatre();
  const children = [puppet("a"), puppet("lazy", { lazy: true })];
  const supervisor = new Supervisor("root", { strategy: "one-for-all", children }, "none", theatre);
  await supervisor.start();
  assert.deepEqual(theatre.log, ["start root/a"]);
  theatre.at("root/a").die();
  await settled();
  assert.deepEqual(theatre.log, ["start root/a", "start root/a"], "nobody wants it yet");
  const lazy = theatre.at("root/lazy");
  lazy.onWanted();
  lazy.onWanted();
  await settled();
  assert.deepEqual(theatre.log.slice(2), ["start root/lazy"]);
  lazy.onWanted();
  theatre.at("root/a").die();
  await settled();
  assert.deepEqual(theatre.log.slice(3), ["stop root/lazy", "start root/a", "start root/lazy"]);
});

Deno.test("a lazy child is there for whoever wants it after its tree was restarted", async () => {
  const theatre = new Theatre();
  const inner = subtree("t", {
    intensity: { restarts: 0, withinMs: 1_000 },
    children: [
      puppet("a"),
      puppet("lazy", { lazy: true }),
    ],
  });
  const supervisor = new Supervisor("root", { intensity: MANY, children: [inner] }, "none", theatre);
  await supervisor.start();
  const lazy = theatre.at("root/t/lazy");
  for (let life = 1; life <= 3; life++) {
    lazy.onWanted();
    await settled();
    assert.ok(lazy.alive, `life ${life}`);
    theatre.at("root/t/a").die();
    await settled();
    assert.ok(theatre.at("root/t/a").alive);
  }
});

Deno.test("a supervisor that gave up starts no lazy child", async () => {
  const theatre = new Theatre();
  const children = [puppet("a"), puppet("lazy", { lazy: true })];
  const supervisor = new Supervisor(
    "root",
    { intensity: { restarts: 0, withinMs: 9 }, children },
    "none",
    theatre,
  );
  await supervisor.start();
  theatre.at("root/a").die();
  await settled();
  theatre.at("root/lazy").onWanted();
  await settled();
  assert.equal(theatre.at("root/lazy").alive, false);
});

Deno.test("what ended or failed within a tree starts again with it", async () => {
  const theatre = new Theatre();
  const inner = subtree("t", {
    intensity: { restarts: 0, withinMs: 1_000 },
    children: [
      puppet("a"),
      puppet("ended", { restart: "on-failure" }),
      puppet("failed", { restart: "never" }),
    ],
  });
  const supervisor = new Supervisor("root", { children: [inner] }, "none", theatre);
  await supervisor.start();
  theatre.at("root/t/ended").die("normal");
  theatre.at("root/t/failed").die();
  await settled();
  theatre.at("root/t/a").die();
  await settled();
  assert.deepEqual(supervisor.stats().children[0]!.tree!.children.map(({ status }) => status), [
    "running",
    "running",
    "running",
  ]);
});

Deno.test("names must be of use: no child is found twice", () => {
  const children = [puppet("a"), puppet("a")];
  assert.throws(() => new Supervisor("root", { children }, "none", new Theatre()), { code: "name_taken" });
});
