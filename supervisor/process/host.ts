/**
 * The worker that stands for an actor in a process of its own (K11). To the main thread and to holders of
 * references it is the actor's worker; behind it a child process does the work. It kills the process when the
 * message being handled is not answered by its deadline, and reports when the process ends.
 *
 * @module
 */
import { inWorker } from "../actor/bootstrap.ts";
import type { FaultData } from "../../protocols/messages/fault.ts";
import type { FromWorker, Init, InletSpec, ToWorker } from "../actor/control.ts";
import { locks } from "../actor/locks.ts";
import { Kind, type Packet } from "../actor/wire.ts";
import { Asked } from "./asked.ts";
import type { Hello } from "./child.ts";
import { ControlCheck } from "./control_check.ts";
import { framesFrom, framesTo } from "./packet_check.ts";
import type { ProcessSpec } from "./launch.ts";
import { LineWriter, readLines } from "./lines.ts";
import { Overdue } from "./overdue.ts";
import { type Line, Relay } from "./relay.ts";

interface WorkerScope {
  readonly name: string;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  close(): void;
}

/** Characters of the process's standard error that are kept for the report of its end. */
const LAST_WORDS = 2_000;

class Host {
  readonly #scope = globalThis as unknown as WorkerScope;
  readonly #key = crypto.randomUUID();
  readonly #relay: Relay = new Relay(
    0,
    (line) => this.#send(line),
    (port, packet) => this.#sent(port, packet),
  );
  readonly #check = new ControlCheck();
  readonly #asked = new Asked();
  readonly #overdue = new Overdue((reason) => this.#kill(reason));
  /** Port numbers of holders' ends by token, to close them when dropped. */
  readonly #inlets = new Map<string, number>();
  #child: Deno.ChildProcess | undefined;
  #out: LineWriter | undefined;
  #lastWords = "";
  #killedFor: string | undefined;
  /** It said what it must not: nothing more is heard. */
  #distrusted = false;
  #ended = false;

  listen(): void {
    locks?.request(this.#scope.name, () => new Promise(() => {}));
    this.#scope.onmessage = ({ data }) => this.#hear(data);
  }

  #hear(message: ToWorker): void {
    if (message.op === "prime" || message.op === "init") this.#launch(message.process!);
    if (message.op === "ping" && this.#overdue.busy) {
      // A long message is no hang: its deadline is watched instead.
      return this.#scope.postMessage({ op: "pong", n: message.n });
    }
    if (message.op === "drop") this.#drop(message.token);
    this.#check.tell(message);
    const packed = this.#relay.pack(message);
    if (message.op === "init") this.#book(message, packed as { inlets: object[] });
    if (message.op === "accept") this.#bookOne(message.inlet, (packed as { inlet: object }).inlet);
    this.#send(["control", packed]);
  }

  #book({ ledger, inlets }: Init, packed: { inlets: object[] }): void {
    this.#overdue.ledger = new Float64Array(ledger);
    for (const [index, inlet] of inlets.entries()) this.#bookOne(inlet, packed.inlets[index]!);
  }

  #bookOne({ token, slot }: InletSpec, packed: object): void {
    const number = Object.values((packed as { port: object }).port)[0] as number;
    this.#inlets.set(token, number);
    this.#asked.add(number);
    this.#overdue.add(number, slot);
  }

  /** Whatever runs in a holder may post anything; the actor passes over what is no frame, too. */
  #sent(port: number, packet: unknown): void {
    const frames = framesTo(packet);
    this.#asked.sent(port, frames);
    this.#overdue.sent(port, frames);
    if (frames.some(([kind]) => kind === Kind.cancel)) this.#send(["cancelled"]);
  }

  #drop(token: string): void {
    const number = this.#inlets.get(token);
    if (number === undefined) return;
    this.#inlets.delete(token);
    this.#asked.remove(number);
    this.#overdue.remove(number);
    this.#relay.close(number);
  }

  #launch({ command, args, env, ...actor }: ProcessSpec): void {
    if (this.#child !== undefined) return;
    const child = this.#child = new Deno.Command(command, {
      args: [...args],
      env,
      clearEnv: true,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    // A broken pipe is a dead process, which `status` reports.
    this.#out = new LineWriter(child.stdin, () => {});
    this.#out.write(JSON.stringify({ key: this.#key, ...actor } satisfies Hello));
    const words = readLines(child.stderr, (line) => {
      this.#lastWords = `${this.#lastWords}\n${line}`.slice(-LAST_WORDS);
    }, actor.lineBytes);
    const lines = readLines(child.stdout, (line) => this.#take(line), actor.lineBytes);
    for (const read of [words, lines]) read.catch((error) => this.#distrust((error as Error).message));
    child.status.then(async ({ code, signal }) => {
      await Promise.allSettled([words, lines]);
      this.#crashed(this.#killedFor ?? `its process ended with ${signal ?? `status ${code}`}${this.#why()}`);
    });
  }

  /** Nothing that comes from the process is believed: what the kernel would not say there ends it. */
  #take(text: string): void {
    if (this.#distrusted) return;
    if (!text.startsWith(this.#key)) return this.#distrust("its process printed instead of speaking");
    try {
      this.#obey(JSON.parse(text.slice(this.#key.length)));
    } catch (error) {
      this.#distrust(`its process was killed for what it said: ${(error as Error).message}`);
    }
  }

  #distrust(reason: string): void {
    this.#distrusted = true;
    this.#kill(reason);
  }

  #obey(line: unknown): void {
    const [kind, what, packet, ...more] = Array.isArray(line) ? line as unknown[] : [];
    if (kind === "packet" && more.length === 0) return this.#carry(what as number, packet);
    if (kind !== "control" || packet !== undefined) throw new Error("a line of unknown kind");
    const message = this.#check.pass(what);
    if (message.op === "ended" || message.op === "crashed" || message.op === "start_failed") {
      return this.#last(message);
    }
    const transfer: MessagePort[] = [];
    if (message.op === "mint") message.port = this.#relay.unpack(message.port, transfer) as MessagePort;
    if (message.op === "spawn") message.options = this.#relay.unpack(message.options, transfer) as Packet;
    this.#scope.postMessage(message, transfer);
  }

  #carry(port: number, packet: unknown): void {
    const frames = framesFrom(packet);
    this.#asked.answered(port, frames);
    this.#overdue.answered(port, frames);
    this.#relay.deliver(port, packet);
  }

  #send(line: Line): void {
    this.#out?.write(JSON.stringify(line));
  }

  #why(): string {
    const said = this.#lastWords.split("\n").find((line) => /error|out of memory|fatal/i.test(line));
    return said === undefined ? "" : `: ${said.trim()}`;
  }

  #kill(reason: string): void {
    this.#killedFor ??= reason;
    try {
      this.#child?.kill("SIGKILL");
    } catch (error) {
      if (!(error instanceof TypeError)) throw error; // a TypeError says that it is gone already
    }
  }

  #crashed(message: string): void {
    this.#last({ op: "crashed", fault: { code: "crashed", message, retry: "later" } satisfies FaultData });
  }

  /** The worker's last word: the process has no reason to stay. */
  #last(message: FromWorker): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#overdue.close();
    this.#scope.postMessage(message);
    this.#kill("its worker ended");
    this.#child?.status.then(() => this.#scope.close());
  }
}

if (inWorker && import.meta.main) new Host().listen();
