/**
 * This runtime: actors in a supervised tree, references between them.
 *
 * @module
 */
import { Bus } from "../../protocols/messages/bus.ts";
import { bus } from "../../supervisor/topology/bus.ts";
import { child, type ChildSettings } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { System } from "../../supervisor/system.ts";
import { type Contender, median, SMALL, timed } from "../contender.ts";
import { Driver, driver } from "./driver.ts";
import { Echo, echo } from "./echo.ts";
import { Listener, listener } from "./listener.ts";
import { RingNode, ringNode } from "./ring_node.ts";

/** Long enough for every measurement. */
const PATIENT = { timeoutMs: 300_000 };

/** See the module's words. */
export const troupe: Contender & {
  /** As `spawn`, taken from the pool. */
  spawnWarm(times: number): Promise<number>;
  /** As `broadcast`, through the message bus. */
  busBroadcast(receivers: number, count: number): Promise<number>;
  /** As `restart`, taken from the pool. */
  restartWarm(times: number): Promise<number>;
} = {
  spawn: (times) => withTree((tree) => spawn(tree, times, {})),
  spawnWarm: (times) =>
    withTree(async (tree) => {
      await tree.add(child("first", echo, 0, { warm: times }));
      await filled(times);
      return await spawn(tree, times, {});
    }),

  spawnMany: (count) =>
    withTree((tree) =>
      timed(() => Promise.all(Array.from({ length: count }, (_, i) => firstAnswer(tree, `echo-${i}`))))
    ),

  ask: (count) =>
    withTree(async (tree) => {
      const to = await tree.add<typeof Echo>(child("echo", echo, 0));
      const caller = await tree.add<typeof Driver>(child("driver", driver, undefined));
      return await caller.call("ask", { to, count }, PATIENT);
    }),

  oneWay: (count) => troupe.broadcast(1, count),

  broadcast: (receivers, count) =>
    withTree(async (tree) => {
      const names = Array.from({ length: receivers }, (_, i) => `echo-${i}`);
      const to = await Promise.all(names.map((name) => tree.add<typeof Echo>(child(name, echo, 0))));
      const sender = await tree.add<typeof Driver>(child("driver", driver, undefined));
      const round = (count: number) => timed(() => sender.call("flood", { to, count }, PATIENT));
      await round(Math.ceil(count / 4));
      return receivers * count / await round(count) * 1000;
    }),

  busBroadcast: (receivers, count) =>
    withTree(async (tree) => {
      const hub = await tree.add<typeof Bus>(child("bus", bus, {}));
      const names = Array.from({ length: receivers }, (_, i) => `listener-${i}`);
      const listeners = await Promise.all(
        names.map((name) => tree.add<typeof Listener>(child(name, listener, null))),
      );
      for (const [i, ref] of listeners.entries()) ref.cast("listen", { bus: hub, id: names[i]! });
      const sender = await tree.add<typeof Driver>(child("driver", driver, undefined));
      let published = 0;
      const round = async (count: number) => {
        const rounded = Math.ceil(count / 256) * 256;
        const taken = await timed(() =>
          sender.call("publish", { bus: hub, listeners, from: published, count: rounded }, PATIENT)
        );
        published += rounded;
        return receivers * rounded / taken * 1000;
      };
      await pause(100); // every subscription is in place
      await round(Math.ceil(count / 4));
      return await round(count);
    }),

  ring: (size, laps) =>
    withTree(async (tree) => {
      const names = Array.from({ length: size }, (_, i) => `node-${i}`);
      const nodes = await Promise.all(
        names.map((name) => tree.add<typeof RingNode>(child(name, ringNode, null))),
      );
      const first = nodes[0]!;
      await first.call("join", { rest: [...nodes.slice(1), first] }, PATIENT);
      const run = (laps: number) => timed(() => first.call("lap", { hops: laps * size }, PATIENT));
      await run(Math.ceil(laps / 4));
      return laps * size / await run(laps) * 1000;
    }),

  restart: (times) => withTree((tree) => restart(tree, times, 0)),
  restartWarm: (times) => withTree((tree) => restart(tree, times, 2)),

  populate: (count, after) =>
    withTree(async (tree) => {
      for (let i = 0; i < count; i++) await firstAnswer(tree, `echo-${i}`);
      after();
    }),
};

/** A tree whose children may die often, each time restarted at once. */
async function withTree<T>(work: (tree: Supervisor) => Promise<T>): Promise<T> {
  const system = new System();
  const tree = await system.start("bench", { intensity: { restarts: 1_000, withinMs: 1 }, children: [] });
  const result = await work(tree);
  await system.close();
  return result;
}

async function firstAnswer(tree: Supervisor, name: string, settings: Partial<ChildSettings> = {}) {
  const ref = await tree.add<typeof Echo>(child(name, echo, 0, settings));
  await ref.call("echo", SMALL);
}

async function spawn(tree: Supervisor, times: number, settings: Partial<ChildSettings>): Promise<number> {
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    taken.push(await timed(() => firstAnswer(tree, "echo", settings)));
    await tree.remove("echo");
    await pause(15);
  }
  return median(taken);
}

async function restart(tree: Supervisor, times: number, warm: number): Promise<number> {
  const ref = await tree.add<typeof Echo>(child("echo", echo, 0, { warm }));
  await ref.call("echo", SMALL);
  const taken: number[] = [];
  for (let i = 0; i < times; i++) {
    await filled(warm);
    taken.push(
      await timed(async () => {
        ref.cast("crash", {});
        await ref.call("echo", SMALL);
      }),
    );
  }
  return median(taken);
}

/** Nothing tells when a pool is full; a member takes some 15 ms. */
function filled(members: number): Promise<void> {
  return pause(100 + 40 * members);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
