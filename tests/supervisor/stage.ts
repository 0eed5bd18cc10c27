/**
 * A system for one test: what happened in it, and ways to wait for it to happen.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Fault } from "../../protocols/messages/fault.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import { type ActorChange, System, type SystemOptions } from "../../supervisor/system.ts";
import { child, type ChildSettings, type Tree } from "../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../supervisor/tree/supervisor.ts";
import { Gate, gate } from "../workers/gate.ts";
import { Waiter, waiter } from "../workers/waiter.ts";

/** A system and what it reported. */
export interface Stage {
  readonly system: System;
  /** "root/a died" and so on, in order. */
  readonly changes: string[];
  /** Facts the actors emitted, in order. */
  readonly events: unknown[];
  /** Lines the actors logged: "root/a warn: text". */
  readonly lines: string[];
  /** The `times`-th change of that kind of that actor, as soon as it happened. */
  until(actor: string, change: ActorChange["change"], times?: number): Promise<ActorChange>;
}

const workers = new Set<Worker>();
globalThis.Worker = class extends Worker {
  constructor(...[module, options]: ConstructorParameters<typeof Worker>) {
    super(module, options);
    workers.add(this);
  }
  override terminate(): void {
    workers.delete(this);
    super.terminate();
  }
};

/** How many workers of this thread nobody has ended yet. */
export function runningWorkers(): number {
  return workers.size;
}

/** Runs a test with a system that is closed afterwards, whatever happens, and must then have ended all workers. */
export async function onStage(
  test: (stage: Stage) => Promise<void>,
  options: SystemOptions = {},
): Promise<void> {
  const seen: ActorChange[] = [];
  const waiting: { check: () => boolean }[] = [];
  const stage: Stage = {
    changes: [],
    events: [],
    lines: [],
    until(actor, change, times = 1) {
      const { promise, resolve } = Promise.withResolvers<ActorChange>();
      const check = () => {
        const found = seen.filter((one) => one.actor === actor && one.change === change);
        if (found.length < times) return false;
        resolve(found[times - 1]!);
        return true;
      };
      if (!check()) waiting.push({ check });
      return promise;
    },
    system: new System({
      onEvent: (_actor, event) => stage.events.push(event),
      onLog: (actor, level, message) => stage.lines.push(`${actor} ${level}: ${message}`),
      ...options,
      onChange(change) {
        seen.push(change);
        stage.changes.push(`${change.actor} ${change.change}`);
        for (const one of [...waiting]) if (one.check()) waiting.splice(waiting.indexOf(one), 1);
        options.onChange?.(change);
      },
    }),
  };
  try {
    await test(stage);
  } finally {
    await stage.system.close();
  }
  assert.equal(runningWorkers(), 0, "workers were left running");
}

/** An actor that waits, and the gate it waits at. */
export interface Waiting {
  readonly tree: Supervisor;
  readonly gate: ActorRef<typeof Gate>;
  readonly waiter: ActorRef<typeof Waiter>;
}

/** Starts "root/gate" and "root/waiter". */
export async function startWaiter(
  { system }: Stage,
  settings: Partial<ChildSettings> = {},
  tree: Omit<Tree, "children"> = {},
): Promise<Waiting> {
  const options = (started: { ref: Supervisor["ref"] }) => ({ gate: started.ref(Gate, "gate") });
  const root = await system.start("root", {
    ...tree,
    children: [child("gate", gate, {}), child("waiter", waiter, options, settings)],
  });
  return { tree: root, gate: root.ref(Gate, "gate"), waiter: root.ref(Waiter, "waiter") };
}

/** The Fault with that code that the promise fails with. */
export async function fails(promise: Promise<unknown>, code: string): Promise<Fault> {
  const error = await promise.then(
    (value) => assert.fail(`expected to fail with "${code}" but got ${String(value)}`),
    (error) => error,
  );
  assert.ok(error instanceof Fault, `expected a Fault but got ${error}`);
  assert.equal(error.code, code, error.message);
  return error;
}

/** Resolves when no worker that was left behind is still busy. */
export async function noneBusy(): Promise<void> {
  const { locks } = navigator as unknown as { locks: { query(): Promise<{ held: unknown[] }> } };
  while ((await locks.query()).held.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

/** Blocks this thread, as a long computation would. */
export function block(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}
