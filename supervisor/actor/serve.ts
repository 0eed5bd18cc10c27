/**
 * What runs in an actor's worker: waits for the main thread's word, starts the actor, feeds its pump.
 *
 * Kept small and free of packages: every actor loads it.
 *
 * @module
 */
import { inWorker } from "./bootstrap.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import type { Protocol } from "../../protocols/messages/protocol.ts";
import { Children } from "./children.ts";
import { actorContext, taskOf } from "./context.ts";
import type { FromWorker, Init, InletSpec, ToWorker } from "./control.ts";
import { type ActorDefinition, type Context, next } from "./define.ts";
import type { Exchange } from "./exchange.ts";
import { type Guard, makeGuard } from "./guard.ts";
import { Holder } from "./holder.ts";
import { Inlet } from "./inlet.ts";
import { Link } from "./link.ts";
import { locks } from "./locks.ts";
import { Pump } from "./mailbox.ts";
import { JSON, MessageChannel, randomUUID } from "./natives.ts";
import type { Packet } from "./wire.ts";

/** Makes this module a worker that serves `actor`. Call it at the end of the actor's module when that is the entry. */
export function serve<P extends Protocol, Options>(actor: ActorDefinition<P, Options>): void {
  if (!inWorker) {
    throw new Fault(
      "not_a_worker",
      `Cannot serve "${actor.protocol.name}": actors are started by a supervisor, in workers`,
    );
  }
  new Server(actor as ActorDefinition).listen();
}

/** The worker's own end of its line to the main thread, taken before the actor can remove it. */
interface WorkerScope {
  readonly name: string;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  close(): void;
  addEventListener(type: string, listener: (event: Event) => void): void;
}

function takeScope(): WorkerScope {
  const { name, postMessage, close, addEventListener } = globalThis as unknown as WorkerScope;
  return {
    name,
    postMessage: postMessage.bind(globalThis),
    close: close.bind(globalThis),
    addEventListener: addEventListener.bind(globalThis),
  };
}

class Server {
  readonly #scope = takeScope();
  readonly #actor: ActorDefinition;
  readonly #inlets = new Map<string, Inlet>();
  readonly #exchange: Exchange = {
    mint: (via, lent, token, port) => this.#scope.postMessage({ op: "mint", via, lent, token, port }, [port]),
    hold: (token) => this.#scope.postMessage({ op: "hold", token }),
    close: (token) => this.#scope.postMessage({ op: "close", token }),
    revoke: (lent) => this.#scope.postMessage({ op: "revoke", lent }),
    want: (token) => this.#scope.postMessage({ op: "want", token }),
  };
  readonly #holder = new Holder(this.#exchange);
  readonly #children = new Children(
    (message, ports) => this.#scope.postMessage(message, ports),
    this.#holder,
  );
  /** Ends that came before the actor was ready; what is sent to them waits in their ports. */
  readonly #early = new Map<string, InletSpec>();
  #pump: Pump | undefined;
  #ledger: Float64Array = new Float64Array(0);
  #prepared: Promise<void> | undefined;
  #terminate: (() => void | Promise<void>) | undefined;
  #ended = false;

  constructor(actor: ActorDefinition) {
    this.#actor = actor;
  }

  listen(): void {
    // The lifeline: whoever asks for this lock gets it when this worker ends, however it ends (K5).
    locks?.request(this.#scope.name, () => new Promise(() => {}));
    this.#scope.addEventListener("error", (event) => this.#uncaught(event, (event as ErrorEvent).error));
    this.#scope.addEventListener(
      "unhandledrejection",
      (event) => this.#uncaught(event, (event as PromiseRejectionEvent).reason),
    );
    this.#scope.addEventListener("message", (event) => this.#hear((event as MessageEvent<ToWorker>).data));
  }

  #hear(message: ToWorker): void {
    switch (message.op) {
      case "provide":
        return void this.#prepare(message.value);
      case "prime":
        this.#prepare().then(() => this.#prime()).catch((error) => this.#crash(error));
        return;
      case "init":
        this.#start(message).catch((error) =>
          this.#end({ op: "start_failed", fault: Fault.of(error).toJSON() })
        );
        return;
      case "accept":
        return this.#accept(message.inlet);
      case "drop":
        return this.#drop(message.token);
      case "ping":
        return this.#scope.postMessage({ op: "pong", n: message.n });
      case "stop":
        this.#stop().catch((error) => this.#crash(error));
        return;
      case "spawned":
      case "done":
        return this.#children.answer(message);
      default:
        this.#holder.tell(message);
    }
  }

  /** Once a worker, whatever it is told first. */
  #prepare(provided?: unknown): Promise<void> {
    if (this.#prepared === undefined) {
      this.#prepared = (async () => await this.#actor.behaviour.prepare?.(provided))();
      this.#prepared.catch(() => {}); // who waits for it says so
    }
    return this.#prepared;
  }

  /** One message through all that messages go through, so that the first real one finds it compiled. */
  #prime(): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const pump = new Pump({
      behaviour: {
        init: () => {},
        handle: { prime: (state: unknown, request: never) => next(state, request) },
      },
      state: undefined,
      guard: guards({ prime: { type: "object", properties: { text: { type: "string" } } } }),
      Task: taskOf(this.#context("prime")),
      crash: (error) => this.#crash(error),
      finish: () => {},
    });
    const inlet = new Inlet(
      { token: "prime", slot: -1, port: port2 },
      this.#ledger,
      pump,
      this.#holder.decode,
    );
    const link = new Link("prime", "prime", this.#exchange, this.#holder.decode, port1);
    return link.call("prime", { text: "" }).then(() => {
      link.end(new Fault("closed", "Cannot prime twice"));
      inlet.close();
      this.#scope.postMessage({ op: "primed" });
    });
  }

  async #start({ name, options, schemas, ledger, inlets }: Init): Promise<void> {
    this.#ledger = new Float64Array(ledger);
    await this.#prepare();
    const { behaviour } = this.#actor;
    const context = this.#context(name);
    const state = await behaviour.init(this.#read(options), context);
    if (behaviour.terminate !== undefined) {
      this.#terminate = () => behaviour.terminate!(pumped.state, context);
    }
    const pumped = {
      behaviour,
      state,
      guard: guards(schemas),
      Task: taskOf(context),
      crash: (error: unknown) => this.#crash(error),
      finish: () => void this.#stop().catch((error) => this.#crash(error)),
    };
    this.#pump = new Pump(pumped);
    this.#scope.postMessage({ op: "started" });
    for (const inlet of [...inlets, ...this.#early.values()]) this.#accept(inlet);
    this.#early.clear();
  }

  #context(name: string): Context {
    return actorContext(
      name,
      (message) => this.#scope.postMessage(message),
      this.#children,
      () => this.#self(name),
    );
  }

  #read(packet: Packet): unknown {
    return typeof packet === "string"
      ? JSON.parse(packet)
      : this.#holder.decode(JSON.parse(packet[0]), packet.slice(1) as MessagePort[]);
  }

  #accept(spec: InletSpec): void {
    if (this.#pump === undefined) this.#early.set(spec.token, spec);
    else this.#inlets.set(spec.token, new Inlet(spec, this.#ledger, this.#pump, this.#holder.decode));
  }

  #drop(token: string): void {
    this.#inlets.get(token)?.close();
    this.#inlets.delete(token);
    this.#early.get(token)?.port.close();
    this.#early.delete(token);
  }

  #self(name: string) {
    const { port1, port2 } = new MessageChannel();
    const token = randomUUID();
    this.#exchange.mint("self", [], token, port2);
    this.#exchange.hold(token);
    return this.#holder.adopt(token, name, port1);
  }

  async #stop(): Promise<void> {
    await this.#pump?.close(
      new Fault("stopping", "Cannot finish: the actor was asked to stop", { retry: "later" }),
    );
    await this.#terminate?.();
    this.#end({ op: "ended" });
  }

  #uncaught(event: Event, error: unknown): void {
    event.preventDefault();
    this.#crash(error);
  }

  #crash(error: unknown): void {
    const { message } = Fault.of(error);
    const where = error instanceof Error ? error.stack?.split("\n")[1]?.trim() : undefined;
    this.#end({
      op: "crashed",
      fault: { code: "crashed", message: where ? `${message} (${where})` : message, retry: "later" },
    });
  }

  /** Replies that wait go out first; the report goes before the worker does. */
  #end(report: FromWorker): void {
    if (this.#ended) return;
    this.#ended = true;
    for (const inlet of this.#inlets.values()) inlet.flush();
    this.#scope.postMessage(report);
    this.#scope.close();
  }
}

/** Guards are made when first needed. */
function guards(schemas: Init["schemas"]): (name: string) => Guard | undefined {
  const made = new Map<string, Guard>();
  return (name) => {
    let guard = made.get(name);
    const schema = schemas[name];
    if (guard === undefined && schema !== undefined) made.set(name, guard = makeGuard(schema));
    return guard;
  };
}
