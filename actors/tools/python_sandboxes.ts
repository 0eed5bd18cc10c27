/**
 * The sandboxes behind `execute_python`: one for each session, spare ones for calls without, and an end for those
 * that misbehave.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { PythonSandbox } from "../../protocols/messages/python.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { SnapshotFile } from "../../sandbox/python/assets.ts";
import type { Provisions } from "../../sandbox/python/provider.ts";
import { pythonSandbox } from "../../sandbox/python/sandbox.ts";
import { snapshotMaker, snapshotMakerGrant } from "../../sandbox/python/snapshot_maker.ts";
import type { Children, ChildSpec } from "../../supervisor/actor/define.ts";

/** What sandboxes may use, and how many there are. */
export interface SandboxLimits {
  /** Memory of Python in MiB. */
  readonly memoryMb: number;
  /** Bytes of all files of a session. */
  readonly fileBytes: number;
  /** Sandboxes open at the same time. */
  readonly sandboxes: number;
  /** Ready ones beyond those in use. */
  readonly warm: number;
}

/** One sandbox in use. */
export interface Sandbox {
  readonly name: string;
  readonly ref: ActorRef<typeof PythonSandbox>;
}

/** A session: its sandbox, once it has one, and the end of the call it is busy with. */
interface Session {
  sandbox: Sandbox | undefined;
  idle: Promise<unknown>;
  calls: number;
}

/** Milliseconds a sandbox may take to end by itself when nothing runs in it. */
const SHUTDOWN_MS = 500;
/** MiB of the heap of JavaScript in a sandbox's process. */
const HEAP_MB = 192;
/** MiB a sandbox's process needs beside the memory of Python and the files. */
const PROCESS_MB = 320;
/** Milliseconds that making the snapshot may take. */
const MAKING_MS = 120_000;

/** See the module's words. */
export class Sandboxes {
  readonly #sessions = new Map<string, Session>();
  readonly #ready: Sandbox[] = [];
  /** Those that are about to be ready. */
  readonly #renewed = new Map<Sandbox, Promise<boolean>>();
  #spec: Promise<ChildSpec> | undefined;
  #warm = false;
  #open = 0;
  #named = 0;

  /** `cache` is where the snapshot is kept. */
  constructor(
    private readonly children: Children,
    private readonly cache: string,
    private readonly limits: SandboxLimits,
  ) {}

  /** Whether {@linkcode warm} has nothing to do. */
  get isWarm(): boolean {
    return this.#warm;
  }

  /** Has the snapshot made and spare sandboxes started. */
  async warm(): Promise<void> {
    await (this.#spec ??= this.#prepare());
    this.#warm = true;
  }

  /**
   * Gives a sandbox to `work` and takes it back: that of the session, or one nobody has used. Calls of one session
   * wait for one another. `work` says whether the sandbox is as it should be.
   * @throws {Fault} code `too_many_sandboxes` when all are busy.
   */
  use<Result>(
    session: string | undefined,
    reset: boolean,
    work: (sandbox: Sandbox) => Promise<{ readonly result: Result; readonly healthy: boolean }>,
  ): Promise<Result> {
    return session === undefined ? this.#once(work) : this.#inTurn(session, reset, work);
  }

  async #once<Result>(work: Work<Result>): Promise<Result> {
    const sandbox = await this.#take();
    let healthy = false;
    try {
      const done = await work(sandbox);
      healthy = done.healthy;
      return done.result;
    } finally {
      this.#giveBack(sandbox, healthy);
    }
  }

  async #inTurn<Result>(name: string, reset: boolean, work: Work<Result>): Promise<Result> {
    const session = this.#sessions.get(name) ?? { sandbox: undefined, idle: Promise.resolve(), calls: 0 };
    this.#sessions.delete(name); // and back, as the latest
    this.#sessions.set(name, session);
    session.calls++;
    const turn = session.idle.then(() => this.#inSession(session, reset, work));
    session.idle = turn.catch(() => {}).finally(() => {
      if (--session.calls === 0 && session.sandbox === undefined) this.#sessions.delete(name);
    });
    return await turn;
  }

  async #inSession<Result>(session: Session, reset: boolean, work: Work<Result>): Promise<Result> {
    if (reset) this.#end(session);
    session.sandbox ??= await this.#take();
    let healthy = false;
    try {
      const done = await work(session.sandbox);
      healthy = done.healthy;
      return done.result;
    } finally {
      if (!healthy) this.#end(session);
    }
  }

  #end(session: Session): void {
    if (session.sandbox !== undefined) this.#stop(session.sandbox);
    session.sandbox = undefined;
  }

  async #start(): Promise<Sandbox> {
    this.#makeRoom();
    this.#open++;
    const name = `sandbox-${++this.#named}`;
    try {
      const spec = await (this.#spec ??= this.#prepare());
      return { name, ref: await this.children.start(name, pythonSandbox, {}, spec) };
    } catch (error) {
      this.#open--;
      this.#spec = undefined; // the cache may have been emptied: the next one looks again
      throw error;
    }
  }

  /** A session nobody has used for longest gives its sandbox up, and with it its state. */
  #makeRoom(): void {
    if (this.#open < this.limits.sandboxes) return;
    const [spare = this.#ready.pop()] = this.#renewed.keys();
    if (spare !== undefined) {
      this.#renewed.delete(spare);
      return this.#stop(spare);
    }
    for (const session of this.#sessions.values()) {
      if (session.calls > 0 || session.sandbox === undefined) continue;
      return this.#end(session);
    }
    const message =
      `Cannot open another Python sandbox: ${this.limits.sandboxes} are busy (python.sandboxes)`;
    throw new Fault("too_many_sandboxes", message, { retry: "later" });
  }

  /** After code that behaved, a new interpreter in the same process costs less than another process. */
  #giveBack({ name, ref }: Sandbox, healthy: boolean): void {
    // Another object: what is known of the old interpreter's files is not true of the new one's.
    const renewed = { name, ref };
    if (!healthy || this.#ready.length + this.#renewed.size >= this.limits.warm) return this.#stop(renewed);
    const done = ref.call("renew", {}).then(() => true, () => false); // its end says why
    this.#renewed.set(renewed, done);
    done.then((good) => {
      if (!this.#renewed.delete(renewed)) return; // somebody waits for it, or it gave way
      if (good) this.#ready.push(renewed);
      else this.#stop(renewed);
    });
  }

  /** One that is ready, else one that will be sooner than another process, else that. */
  async #take(): Promise<Sandbox> {
    const ready = this.#ready.pop();
    if (ready !== undefined) return ready;
    const [soon] = this.#renewed;
    if (soon === undefined) return await this.#start();
    const [sandbox, done] = soon;
    this.#renewed.delete(sandbox);
    if (await done) return sandbox;
    this.#stop(sandbox);
    return await this.#start();
  }

  #stop(sandbox: Sandbox): void {
    this.#open--;
    sandbox.ref.close();
    this.children.stop(sandbox.name).catch((error) => {
      if (Fault.of(error).code !== "unknown_child") throw error; // it has ended by itself
    });
  }

  async #prepare(): Promise<ChildSpec> {
    const { memoryMb, fileBytes, warm } = this.limits;
    try {
      const provisions: Provisions = { snapshot: await this.#snapshot(), memoryMb, fileBytes };
      const spec: ChildSpec = {
        grant: "none",
        restart: "never",
        heapMb: HEAP_MB,
        memoryMb: memoryMb + Math.ceil(fileBytes / 1_048_576) + PROCESS_MB,
        shutdownMs: SHUTDOWN_MS,
        hungAfterMs: 0, // code that computes answers nothing else; its deadline is watched
        provisions,
      };
      await this.children.keep(pythonSandbox, warm, spec);
      return spec;
    } catch (error) {
      this.#spec = undefined;
      throw error;
    }
  }

  async #snapshot(): Promise<SnapshotFile> {
    const options = { cache: this.cache }, grant = snapshotMakerGrant(this.cache);
    const maker = await this.children.start("snapshot", snapshotMaker, options, {
      grant,
      restart: "never",
      hungAfterMs: 0, // it computes for seconds
    });
    try {
      return await maker.call("make", {}, { timeoutMs: MAKING_MS });
    } finally {
      await this.children.stop("snapshot");
    }
  }
}

type Work<Result> = (
  sandbox: Sandbox,
) => Promise<{ readonly result: Result; readonly healthy: boolean }>;
