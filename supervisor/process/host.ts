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
import type { Hello } from "./child.ts";
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
    (port, packet) => this.#overdue.sent(port, packet),
  );
  readonly #overdue = new Overdue((reason) => this.#kill(reason));
  /** Port numbers of holders' ends by token, to close them when dropped. */
  readonly #inlets = new Map<string, number>();
  #child: Deno.ChildProcess | undefined;
  #out: LineWriter | undefined;
  #lastWords = "";
  #killedFor: string | undefined;
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
    this.#overdue.add(number, slot);
  }

  #drop(token: string): void {
    const number = this.#inlets.get(token);
    if (number === undefined) return;
    this.#inlets.delete(token);
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
    });
    const lines = readLines(child.stdout, (line) => this.#take(line));
    lines.catch((error) => this.#kill(String(error)));
    child.status.then(async ({ code, signal }) => {
      await Promise.allSettled([words, lines]);
      this.#crashed(this.#killedFor ?? `its process ended with ${signal ?? `status ${code}`}${this.#why()}`);
    });
  }

  #take(text: string): void {
    if (!text.startsWith(this.#key)) return this.#kill("its process printed instead of speaking");
    const line: Line = JSON.parse(text.slice(this.#key.length));
    if (line[0] === "packet") {
      this.#overdue.answered(line[1], line[2]);
      return this.#relay.deliver(line[1], line[2]);
    }
    if (line[0] === "closed") return this.#relay.forget(line[1]);
    const transfer: MessagePort[] = [];
    const message = this.#relay.unpack(line[1], transfer) as FromWorker;
    if (message.op === "ended" || message.op === "crashed" || message.op === "start_failed") {
      return this.#last(message);
    }
    this.#scope.postMessage(message, transfer);
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
