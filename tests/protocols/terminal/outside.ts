/**
 * Surroundings of the shell that a test owns: outputs that remember, a clock moved by hand, signals sent by
 * calling, and a runtime whose runs are lists of events.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { JournalEntry, RunRecord } from "../../../protocols/messages/journal.ts";
import type { Limits, RunEvent, RunOutcome } from "../../../protocols/messages/run.ts";
import type { RuntimeSettings } from "../../../workspace/runtime/open.ts";
import type { Questions } from "../../../workspace/runtime/questions.ts";
import type { RunHandle, Runtime } from "../../../workspace/runtime/runtime.ts";
import type { ShellClock, Sink, Surroundings } from "../../../protocols/terminal/surroundings.ts";

/** An output that keeps what was written. */
export class MemorySink implements Sink {
  written = "";
  /** Characters after which the reader goes away. */
  closesAfter = Infinity;
  /** Thrown by every write when set. */
  broken: Error | undefined;

  constructor(readonly terminal = false, readonly width = 80) {}

  columns(): number {
    return this.width;
  }

  write(text: string): Promise<boolean> {
    if (this.broken !== undefined) return Promise.reject(this.broken);
    if (this.written.length >= this.closesAfter) return Promise.resolve(false);
    this.written += text;
    return Promise.resolve(this.written.length < this.closesAfter);
  }
}

/** A clock that moves only when told. */
export class HandClock implements ShellClock {
  readonly #timers = new Set<{ ms: number; next: number; tick: () => void }>();
  #now = 1_760_000_000_000;

  /** Timers not stopped yet. */
  get timers(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  every(ms: number, tick: () => void): () => void {
    const timer = { ms, next: this.#now + ms, tick };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Moves on, calling what is due, and lets what that began come to rest. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    while (this.#now < until) {
      this.#now = Math.min(until, ...[...this.#timers].map(({ next }) => next));
      for (const timer of this.#timers) {
        if (timer.next > this.#now) continue;
        timer.next += timer.ms;
        timer.tick();
      }
      await settled();
    }
  }
}

/** Resolves when everything has happened that waits for nothing outside. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A run that plays a list of events; `gates` are promises waited for before the event of that index. */
export function scriptedRun(
  run: string,
  events: readonly RunEvent[],
  gates: Readonly<Record<number, Promise<void>>> = {},
  questions: Questions = { answeredBy: () => () => {} },
): RunHandle & { interrupts: number } {
  const last = events.at(-1);
  const { promise, resolve, reject } = Promise.withResolvers<RunOutcome>();
  promise.catch(() => {});
  return {
    run,
    interrupts: 0,
    outcome: promise,
    questions,
    events: (async function* () {
      for (const [at, event] of events.entries()) {
        await gates[at];
        yield event;
      }
      if (last?.type === "run_ended") resolve(last.outcome);
      else reject(new Fault("failed", "Cannot go on: the script of this run has no end"));
    })(),
    interrupt() {
      this.interrupts++;
    },
  };
}

/** What a test says the runtime does; a method it does not name fails the test. */
export type Script = Partial<Runtime>;

/** Everything a shell saw and was asked. */
export interface Stand {
  readonly outside: Surroundings;
  readonly stdout: MemorySink;
  readonly stderr: MemorySink;
  readonly clock: HandClock;
  /** Settings of every runtime that was opened. */
  readonly opened: RuntimeSettings[];
  /** Runtimes that were closed. */
  closed: number;
  /** Sends SIGINT. */
  signal(): void;
  /** Listeners to signals. */
  readonly listeners: Set<() => void>;
}

/** What a test may set. */
export interface StandOptions {
  readonly runtime?: Script;
  readonly stdout?: MemorySink;
  readonly stderr?: MemorySink;
  readonly stdin?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
  /** Default false. */
  readonly stdinTerminal?: boolean;
  readonly env?: Readonly<Record<string, string>>;
  readonly openFails?: Error;
  readonly openPython?: Surroundings["openPython"];
  readonly openService?: Surroundings["openService"];
  readonly openKeyboard?: Surroundings["openKeyboard"];
  /** Text files by path. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Makes the surroundings. */
export function stand(options: StandOptions = {}): Stand {
  const { stdout = new MemorySink(), stderr = new MemorySink(), env = {}, openFails } = options;
  const clock = new HandClock();
  const listeners = new Set<() => void>();
  const opened: RuntimeSettings[] = [];
  const made: Stand = {
    stdout,
    stderr,
    clock,
    opened,
    closed: 0,
    listeners,
    signal: () => listeners.forEach((listener) => listener()),
    outside: {
      stdout,
      stderr,
      clock,
      stdin: () => ReadableStream.from(options.stdin ?? []),
      stdinTerminal: options.stdinTerminal ?? false,
      env: (name) => env[name],
      onSignal(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
      openKeyboard: options.openKeyboard ?? (() => {
        throw new Error("the test did not expect: openKeyboard");
      }),
      readText: (path) => {
        const text = options.files?.[path];
        return text === undefined
          ? Promise.reject(new Fault("usage", `Cannot read ${path}: there is no such file`))
          : Promise.resolve(text);
      },
      openPython: options.openPython ?? (() => fails("openPython")),
      openService: options.openService ?? (() => fails("openService")),
      openRuntime(settings) {
        opened.push(settings);
        if (openFails !== undefined) return Promise.reject(openFails);
        return Promise.resolve({
          ...unexpected,
          ...options.runtime,
          close: () => Promise.resolve(void made.closed++),
        });
      },
      version: "1.2.3",
      program: ["/bin/troupe"],
      command: "troupe",
    },
  };
  return made;
}

const unexpected: Runtime = {
  start: (task: string, _limits: Partial<Limits>) => fails(`start ${task}`),
  resume: (run: string, _limits: Partial<Limits>) => fails(`resume ${run}`),
  replay: (run: string) => fails(`replay ${run}`),
  runs: (limit: number): Promise<RunRecord[]> => fails(`runs ${limit}`),
  show: (run: string): Promise<{ record: RunRecord; entries: JournalEntry[] } | null> => fails(`show ${run}`),
  demo: () => fails("demo"),
  close: () => Promise.resolve(),
};

function fails(what: string): Promise<never> {
  return Promise.reject(new Error(`the test did not expect: ${what}`));
}
