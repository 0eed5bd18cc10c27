/**
 * The connection to a server through all its lives: connected again when it ended, after a while that grows.
 *
 * @module
 */
import type { Verdict } from "../../messages/approval.ts";
import { Fault } from "../../messages/fault.ts";
import type { ServerAnswer, ServerItem, ServerState, ServerTool } from "../../messages/mcp_connection.ts";
import type { Clock, Context, StreamContext } from "../../../supervisor/actor/define.ts";
import { delayBefore } from "../../../supervisor/tree/intensity.ts";
import { visible } from "./bounds.ts";
import { type Library, loadLibrary } from "./library.ts";
import { OngoingCall } from "./ongoing_call.ts";
import { failed, outcomeOf, outcomeOfError } from "./outcome.ts";
import { aborted, within } from "./patience.ts";
import { type Reach, Session, type SessionParts } from "./session.ts";
import type { Guardian } from "./stdio_transport.ts";

/** What it needs to know. */
export interface LinkParts {
  /** What people call the server. */
  readonly name: string;
  readonly reach: Reach;
  /** Milliseconds a call may take without a sign of progress. */
  readonly timeoutMs: number;
  /** Has a program guarded; null where that cannot be. */
  readonly guard: (() => Promise<Guardian>) | null;
  /** Why it cannot even be tried. */
  readonly hopeless?: string;
}

/** A life longer than that was a good one: the next wait is a short one again. */
const STEADY_MS = 10_000;
/** The waits between two lives; the first time there is none. */
const BACKOFF = { baseMs: 250, capMs: 30_000, jitter: 0.5 };
/** Milliseconds a call waits for a session in the place of one the server forgot. */
const AGAIN_MS = 10_000;

/** See the module's words. */
export class ServerLink {
  readonly #parts: LinkParts;
  readonly #log: Context["log"];
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #stopping = new AbortController();
  readonly #watchers = new Set<() => void>();
  readonly #ongoing = new Set<OngoingCall>();
  #library: Library | undefined;
  /** The one that is being opened, or is open. */
  #latest: Session | undefined;
  /** The one that can be used. */
  #session: Session | undefined;
  #tools: readonly ServerTool[] = [];
  #down: string | null = "it is being started";
  /** Whether connecting has succeeded or failed at least once. */
  #isKnown = false;
  #legacy = false;
  #run: Promise<void> | undefined;

  /** Connects nowhere yet. */
  constructor(parts: LinkParts, { log, clock, random }: Context) {
    this.#parts = parts;
    this.#log = log;
    this.#clock = clock;
    this.#random = random;
  }

  /** Connects, and goes on doing so. */
  start(): void {
    this.#run = this.#live();
  }

  /** Ends the session and connects no more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#latest?.close();
    await this.#run;
  }

  /** Sends what is known now and whenever it changes, until the watcher goes. */
  async watch(stream: StreamContext<ServerState>): Promise<null> {
    const { signal } = stream;
    let news = Promise.withResolvers<void>();
    const tell = () => news.resolve();
    this.#watchers.add(tell);
    try {
      while (!signal.aborted) {
        if (this.#isKnown) await stream.send({ tools: [...this.#tools], down: this.#down });
        await Promise.race([news.promise, aborted(signal)]);
        news = Promise.withResolvers();
      }
      return null;
    } finally {
      this.#watchers.delete(tell);
    }
  }

  /** Calls a tool. Whatever goes wrong is an outcome, unless the caller gave up. */
  async call(
    tool: string,
    args: Record<string, unknown>,
    stream: StreamContext<ServerItem>,
  ): Promise<ServerAnswer> {
    const ongoing = new OngoingCall(stream, this.#parts.timeoutMs);
    this.#ongoing.add(ongoing);
    try {
      return await this.#call(tool, args, ongoing);
    } catch (error) {
      stream.signal.throwIfAborted();
      return { outcome: this.#failure(error, ongoing) };
    } finally {
      ongoing.end();
      this.#ongoing.delete(ongoing);
    }
  }

  /** What a person said to a question of one of the calls. */
  answer(id: string, verdict: Verdict): void {
    for (const call of this.#ongoing) if (call.answer(id, verdict)) return;
  }

  async #call(tool: string, args: Record<string, unknown>, ongoing: OngoingCall): Promise<ServerAnswer> {
    const known = this.#tools.find(({ name }) => name === tool);
    for (let attempt = 1;; attempt++) {
      const session = this.#session;
      if (session === undefined) throw new Fault("unreachable", this.#down ?? "");
      try {
        ongoing.isBegun = true;
        const result = await session.call(tool, args, known, ongoing);
        return { outcome: outcomeOf(result), verbatim: result };
      } catch (error) {
        if (attempt > 1 || !session.isForgotten(error)) {
          await session.checked(); // whether it failed alone, or with everything
          throw error;
        }
        ongoing.isBegun = false;
        await session.close();
        await within(AGAIN_MS, this.#successor(session, ongoing.signal));
      }
    }
  }

  #failure(error: unknown, ongoing: OngoingCall) {
    const { name, timeoutMs } = this.#parts;
    if (ongoing.tookTooLong) {
      return failed(
        "transient",
        `the MCP server ${name} gave no sign of progress for ${timeoutMs / 1000} s`,
      );
    }
    if (this.#session === undefined) {
      const next = this.#parts.hopeless === undefined
        ? "it is being restarted"
        : "its configuration is to be mended";
      const maybe = ongoing.isBegun ? " (the call may or may not have been done)" : "";
      return failed("transient", `the MCP server ${name} is not reachable: ${this.#down}; ${next}${maybe}`);
    }
    return outcomeOfError(this.#library!, error);
  }

  async #successor(session: Session, signal: AbortSignal): Promise<void> {
    while ((this.#session === undefined || this.#session === session) && !signal.aborted) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#watchers.add(resolve);
      await Promise.race([promise, aborted(signal)]);
      this.#watchers.delete(resolve);
    }
  }

  /** One life after the other. */
  async #live(): Promise<void> {
    const { hopeless } = this.#parts;
    if (hopeless !== undefined) return this.#tell(undefined, hopeless);
    const stopping = this.#stopping.signal;
    for (let failures = 0; !stopping.aborted;) {
      const began = this.#clock.now();
      await this.#liveOnce();
      if (stopping.aborted) break;
      failures = this.#clock.now() - began > STEADY_MS ? 1 : failures + 1;
      const wait = failures === 1 ? 0 : delayBefore(failures - 1, BACKOFF, this.#random());
      await this.#clock.sleep(wait, stopping).catch(() => {}); // told to stop, which the loop sees
    }
  }

  /** Connects and waits for the end. */
  async #liveOnce(): Promise<void> {
    let session: Session | undefined;
    let why: string;
    let again = false;
    try {
      const library = this.#library ??= await loadLibrary();
      const { reach, guard } = this.#parts;
      const guardian = guard === null ? null : await guard();
      this.#stopping.signal.throwIfAborted();
      const onChange = () =>
        void this.#list(opened).catch((error) => this.#log.warn(`cannot list its tools: ${error}`));
      const parts: SessionParts = { library, reach, guardian, legacy: this.#legacy, onChange };
      const opened = session = this.#latest = new Session(parts);
      await session.open(parts);
      this.#session = session;
      await this.#list(session);
      why = await session.ended;
    } catch (error) {
      again = !this.#legacy && (session?.diedOfProbe ?? false);
      this.#legacy ||= again;
      why = visible(Fault.of(error).message);
    }
    if (!again && !this.#stopping.signal.aborted) {
      this.#tell(undefined, why); // before it is closed: calls that fail of that say why
      this.#log.warn(`not reachable: ${why}`);
    }
    await session?.close();
  }

  async #list(session: Session): Promise<void> {
    const { tools, leftOut } = await session.tools();
    if (leftOut > 0) {
      this.#log.warn(`${leftOut} of its tools are left out: there are too many, or they say too much`);
    }
    if (session !== this.#session) return;
    this.#tools = tools;
    this.#tell(session, null);
  }

  #tell(session: Session | undefined, down: string | null): void {
    this.#session = session;
    this.#down = down;
    this.#isKnown = true;
    for (const tell of [...this.#watchers]) tell();
  }
}
