import assert from "node:assert/strict";
import fc from "fast-check";
import type { Backoff, Child, Restart, Strategy, Tree } from "../../../supervisor/tree/spec.ts";
import { subtree } from "../../../supervisor/tree/spec.ts";
import type { SupervisorStats } from "../../../supervisor/tree/stats.ts";
import { Supervisor } from "../../../supervisor/tree/supervisor.ts";
import type { Exit } from "../../../supervisor/worker/incarnation.ts";
import { Model, type ModelActor, type ModelChild, type ModelTree } from "./model.ts";
import { puppet, SetClock, settled, Theatre } from "./puppets.ts";

const strategy = fc.constantFrom<Strategy>("one-for-one", "one-for-all", "rest-for-one");
const restart = fc.constantFrom<Restart>("always", "always", "on-failure", "never");
const intensity = fc.record({
  restarts: fc.integer({ min: 0, max: 4 }),
  withinMs: fc.constantFrom(10, 100, 1_000),
});
const exit = fc.constantFrom<Exit["how"]>("crashed", "lost", "hung", "killed", "normal");

interface Plan {
  restart: Restart;
  limit?: { restarts: number; withinMs: number };
  tree?: { strategy: Strategy; intensity: { restarts: number; withinMs: number }; children: Plan[] };
}

const plan = fc.letrec<{ actor: Plan; tree: Plan; child: Plan; root: Plan }>((tie) => ({
  actor: fc.record(
    { restart, limit: intensity },
    { requiredKeys: ["restart"] },
  ),
  tree: fc.record({
    restart,
    tree: fc.record({
      strategy,
      intensity,
      children: fc.array(tie("child"), { minLength: 1, maxLength: 4 }),
    }),
  }),
  child: fc.oneof({ maxDepth: 2, depthIdentifier: "tree" }, tie("actor"), tie("tree")),
  root: tie("tree"),
}));

/** What happens to the actors that run then; numbers choose among them. */
const blow = fc.record({
  afterMs: fc.constantFrom(0, 0, 1, 20, 200, 2_000),
  first: fc.nat(),
  how: exit,
  /** Siblings that die in the same instant. */
  withIt: fc.array(fc.record({ which: fc.nat(), how: exit }), { maxLength: 2 }),
  /** Who cannot start the next times, and how many. */
  broken: fc.option(fc.record({ which: fc.nat(), times: fc.integer({ min: 1, max: 3 }) }), {
    nil: undefined,
  }),
});

function specOf(children: readonly Plan[]): Child[] {
  return children.map(({ restart, limit, tree }, i) =>
    tree === undefined
      ? puppet(`a${i}`, { restart, limit })
      : subtree(`t${i}`, { ...tree, children: specOf(tree.children) }, { restart })
  );
}

function modelOf(path: string, { restart, limit, tree }: Plan, parent?: ModelTree): ModelChild {
  const shared = { path, restart, restarts: 0, counted: [], status: "waiting" as const };
  if (tree === undefined) return { ...shared, kind: "actor", limit, failures: 0 };
  const { strategy, intensity } = tree;
  const model: ModelTree = { ...shared, kind: "tree", strategy, intensity, parent, children: [] };
  model.children = tree.children.map((inner, i) =>
    modelOf(`${path}/${inner.tree === undefined ? "a" : "t"}${i}`, inner, model)
  );
  return model;
}

function actorsOf(child: ModelChild): ModelActor[] {
  return child.kind === "actor" ? [child] : child.children.flatMap(actorsOf);
}

function parentOf(tree: ModelTree, actor: ModelActor): ModelTree {
  if (tree.children.includes(actor)) return tree;
  const inner = tree.children.find((child) => child.kind === "tree" && actorsOf(child).includes(actor));
  return parentOf(inner as ModelTree, actor);
}

/** Status and restarts of all, as both sides can tell it. */
function seen({ status, children }: SupervisorStats, path: string, into: Record<string, unknown> = {}) {
  into[path] = status;
  for (const { name, status, restarts, tree } of children) {
    if (tree !== undefined) seen(tree, `${path}/${name}`, into);
    else into[`${path}/${name}`] = `${status} ${restarts}`;
  }
  return into;
}

function expected(child: ModelChild, into: Record<string, unknown> = {}) {
  into[child.path] = child.kind === "tree" ? child.status : `${child.status} ${child.restarts}`;
  if (child.kind === "tree") { for (const inner of child.children) expected(inner, into); }
  return into;
}

function pick<T>(from: readonly T[], n: number): T {
  return from[n % from.length]!;
}

Deno.test("K6 K7 K8 random trees under random deaths start, stop and give up as the model says", async () => {
  await fc.assert(
    fc.asyncProperty(fc.tuple(plan.root, fc.array(blow, { maxLength: 12 })), async ([root, blows]) => {
      const clock = new SetClock();
      const theatre = new Theatre(clock);
      const supervisor = new Supervisor("root", treeOf(root), "none", theatre);
      await supervisor.start();
      const tree = modelOf("root", root) as ModelTree;
      const model = new Model(tree);
      for (const { afterMs, first, how, withIt, broken } of blows) {
        const running = actorsOf(tree).filter(({ status }) => status === "running");
        if (running.length === 0) break;
        clock.time = model.now += afterMs;
        if (broken !== undefined) {
          const actor = pick(actorsOf(tree), broken.which);
          actor.failures = theatre.at(actor.path).failures = broken.times;
        }
        const actor = pick(running, first);
        const parent = parentOf(tree, actor);
        const siblings = running.filter((other) => parent.children.includes(other));
        const victims = new Map([[actor, how]]);
        for (const { which, how } of withIt) {
          const sibling = pick(siblings, which);
          if (!victims.has(sibling)) victims.set(sibling, how);
        }
        for (const [{ path }, how] of victims) theatre.at(path).die(how);
        await settled();
        model.die(parent, [...victims].map(([actor, how]) => ({ actor, how })));
        assert.deepEqual(theatre.log, model.log);
        assert.deepEqual(seen(supervisor.stats(), "root"), expected(tree));
        const alive = [...theatre.puppets.values()].filter(({ alive }) => alive).map(({ name }) => name);
        assert.deepEqual(
          alive,
          actorsOf(tree).filter((one) => one.status === "running").map((one) => one.path),
        );
      }
      const before = theatre.log.length;
      await supervisor.stop();
      const left = actorsOf(tree).filter(({ status }) => status === "running").map(({ path }) =>
        `stop ${path}`
      );
      assert.deepEqual(theatre.log.slice(before), left.toReversed(), "a stop goes in reverse order");
    }),
    { numRuns: 300 },
  );
});

function treeOf({ tree }: Plan): Tree {
  const backoff: Partial<Backoff> = { baseMs: 0 };
  return { ...tree!, backoff, children: specOf(tree!.children) };
}
