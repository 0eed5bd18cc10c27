/**
 * The main thread of an actor's own process: starts the actor's worker with the actor's grant, hands it what the
 * actor's provider makes, and carries its ports over the pipe. When the pipe ends, so does the process, whatever the
 * worker is doing.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type FromWorker, LEDGER_BYTES, type ToWorker } from "../actor/control.ts";
import type { Provide, Provided } from "../actor/define.ts";
import { lifeline } from "../actor/locks.ts";
import { createWorker } from "../worker/create.ts";
import type { ProcessSpec } from "./launch.ts";
import { LineWriter, readLines } from "./lines.ts";
import { limitMemory } from "./memory.ts";
import { type Line, Relay } from "./relay.ts";

/** First line from the host. Each line to the host begins with `key`, so that printing is not speaking. */
export type Hello = Omit<ProcessSpec, "command" | "args" | "env"> & { readonly key: string };

/** Name of the worker, and of the lock it holds while it lives. */
const LIFELINE = "actor";
/** Number of the first ping: its answer says that the worker's code is loaded. Those of the host begin with 1. */
const LOADED = 0;

/** Is the process of an actor until whoever started it ends. */
export async function runChild(): Promise<void> {
  // Ctrl-C in a terminal reaches its whole process group; what it means is for whoever started this process to say.
  Deno.addSignalListener("SIGINT", () => {});
  const out = new LineWriter(Deno.stdout.writable, () => Deno.exit(1));
  let child: Child | undefined;
  await readLines(Deno.stdin.readable, (text) => {
    if (child !== undefined) return child.hear(JSON.parse(text));
    const hello: Hello = JSON.parse(text);
    child = new Child(hello, (line) => out.write(hello.key + JSON.stringify(line)));
  });
  Deno.exit(0);
}

class Child {
  readonly #relay: Relay;
  readonly #worker: Worker;
  readonly #loaded = Promise.withResolvers<void>();
  /** Resolves when the worker has what the provider made, and this thread may do nothing any more. */
  readonly #ready: Promise<void>;
  #watched: Promise<void> | undefined;
  #cancelled: () => void = () => {};

  constructor(hello: Hello, private readonly send: (line: Line) => void) {
    limitMemory(hello);
    this.#relay = new Relay(1, send);
    this.#worker = createWorker(hello, LIFELINE);
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#crashed(event.message);
    };
    this.#worker.postMessage({ op: "ping", n: LOADED } satisfies ToWorker);
    this.#ready = this.#provide(hello);
    this.#ready.catch((error) => this.#say({ op: "start_failed", fault: Fault.of(error).toJSON() }));
  }

  /** A line from the host. */
  hear(line: Line): void {
    if (line[0] === "packet") return this.#relay.deliver(line[1], line[2]);
    if (line[0] === "closed") return this.#relay.forget(line[1]);
    if (line[0] === "cancelled") return this.#cancelled();
    const transfer: MessagePort[] = [];
    const message = withoutLedger(this.#relay.unpack(line[1], transfer));
    this.#ready.then(() => this.#worker.postMessage(message, transfer), () => {});
  }

  async #provide({ provider, provisions }: Hello): Promise<void> {
    const making = provider === undefined ? undefined : provide(provider, provisions);
    const [provided] = await Promise.all([making, this.#loaded.promise]);
    giveUpPermissions();
    if (provided === undefined) return;
    const { value, transfer = [], cancelled } = provided;
    if (cancelled !== undefined) this.#cancelled = cancelled;
    this.#worker.postMessage({ op: "provide", value } satisfies ToWorker, transfer);
  }

  #take(message: FromWorker): void {
    this.#watched ??= lifeline(LIFELINE, () => false)?.then(() => this.#crashed("it ended without a word"));
    if (message.op === "pong" && message.n === LOADED) return this.#loaded.resolve();
    this.#say(message);
  }

  #crashed(message: string): void {
    this.#say({ op: "crashed", fault: { code: "crashed", message, retry: "later" } });
  }

  #say(message: FromWorker): void {
    this.send(["control", this.#relay.pack(message)]);
  }
}

async function provide(module: string, provisions: unknown): Promise<Provided> {
  const { provide }: { provide: Provide } = await import(module);
  return await provide(provisions);
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
