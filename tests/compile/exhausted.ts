/**
 * A program to compile: an actor in a process of its own exhausts its heap and its CPU beside a neighbour.
 * Prints a JSON object, see `Found`.
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { PROCESS_COMMAND } from "../../supervisor/process/launch.ts";
import { System } from "../../supervisor/system.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Isolated, isolated } from "../workers/isolated_counter.ts";

/** What came of one exhaustion. */
export interface Found {
  /** The code of the failure, and what it says. */
  readonly code: string;
  readonly message: string;
  /** What the neighbour answered meanwhile. */
  readonly neighbour: number;
  /** What the next life of the exhausted actor answered; in a process of its own. */
  readonly next: number;
  readonly anotherProcess: boolean;
}

async function exhaust(what: "heap" | "cpu"): Promise<Found> {
  const died = Promise.withResolvers<string>();
  const system = new System({ onChange: ({ change, reason }) => change === "died" && died.resolve(reason) });
  const tree = await system.start("root", {
    children: [child("exhausted", isolated, {}, { heapMb: 64 }), child("neighbour", counter, { from: 3 })],
  });
  const exhausted = tree.ref(Isolated, "exhausted");
  const pid = await exhausted.call("pid", {});
  const timeoutMs = what === "cpu" ? 300 : 60_000;
  const failed = exhausted.call("exhaust", { what }, { timeoutMs }).then(() => null, Fault.of);
  const neighbour = await tree.ref(Counter, "neighbour").call("total", {});
  const fault = await failed;
  const message = await died.promise;
  const next = await exhausted.call("add", { by: 7 });
  const anotherProcess = pid !== await exhausted.call("pid", {});
  await system.close();
  return { code: fault?.code ?? "answered", message, neighbour, next, anotherProcess };
}

if (Deno.args[0] === PROCESS_COMMAND) {
  const { runChild } = await import("../../supervisor/process/child.ts");
  await runChild();
} else if (import.meta.main) {
  const found = JSON.stringify({ heap: await exhaust("heap"), cpu: await exhaust("cpu") });
  await Deno.stdout.write(new TextEncoder().encode(found));
}
