/**
 * The main thread of an actor's own process: starts the actor's worker with the actor's grant and carries
 * its ports over the pipe. When the pipe ends, so does the process, whatever the worker is doing.
 *
 * @module
 */
import { type FromWorker, LEDGER_BYTES, type ToWorker } from "../actor/control.ts";
import type { Grant } from "../actor/grant.ts";
import { createWorker } from "../worker/create.ts";
import { lifeline } from "../actor/locks.ts";
import { limitGrowth } from "./growth.ts";
import { LineWriter, readLines } from "./lines.ts";
import { type Line, Relay } from "./relay.ts";

/** First line from the host. Each line to the host begins with `key`, so that printing is not speaking. */
export interface Hello {
  key: string;
  module: string;
  grant: Grant;
  growthMb?: number;
}

/** Name of the worker, and of the lock it holds while it lives. */
const LIFELINE = "actor";

/** Is the process of an actor until whoever started it ends. */
export async function runChild(): Promise<void> {
  let worker: Worker | undefined;
  let key = "";
  const out = new LineWriter(Deno.stdout.writable, () => Deno.exit(1));
  const send = (line: Line) => out.write(key + JSON.stringify(line));
  const relay = new Relay(1, send);
  const hear = (text: string) => {
    if (worker === undefined) {
      const hello: Hello = JSON.parse(text);
      key = hello.key;
      if (hello.growthMb !== undefined) limitGrowth(hello.growthMb);
      worker = start(hello, send, relay);
      return;
    }
    const line: Line = JSON.parse(text);
    if (line[0] === "packet") return relay.deliver(line[1], line[2]);
    if (line[0] === "closed") return relay.forget(line[1]);
    const transfer: MessagePort[] = [];
    worker.postMessage(withoutLedger(relay.unpack(line[1], transfer)), transfer);
  };
  await readLines(Deno.stdin.readable, hear);
  Deno.exit(0);
}

function start({ module, grant }: Hello, send: (line: Line) => void, relay: Relay): Worker {
  const worker = createWorker({ module, grant }, LIFELINE);
  const crashed = (message: string) =>
    send([
      "control",
      { op: "crashed", fault: { code: "crashed", message, retry: "later" } } satisfies FromWorker,
    ]);
  let watched: Promise<void> | undefined;
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    watched ??= lifeline(LIFELINE, () => false)?.then(() => crashed("it ended without a word"));
    if (data.op === "started") giveUpPermissions();
    send(["control", relay.pack(data)]);
  };
  worker.onerror = (event) => {
    event.preventDefault();
    crashed(event.message);
  };
  return worker;
}

/** The worker keeps its own. */
function giveUpPermissions(): void {
  for (const name of ["read", "write", "net", "env", "sys", "run", "ffi"] as const) {
    Deno.permissions.revokeSync({ name });
  }
}

/** Memory is not shared between processes: the host keeps the ledger, and the worker has no place in its own. */
function withoutLedger(message: unknown): unknown {
  const told = message as ToWorker;
  if (told.op === "accept") return { ...told, inlet: { ...told.inlet, slot: -1 } };
  if (told.op !== "init") return told;
  const inlets = told.inlets.map((inlet) => ({ ...inlet, slot: -1 }));
  return { ...told, inlets, ledger: new SharedArrayBuffer(LEDGER_BYTES) };
}

if (import.meta.main) await runChild();
