/**
 * The processes of one command, watched from outside of it: limited in number, and all ended when it ends.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { LineWriter, readLines } from "../../supervisor/process/lines.ts";
import { TICK_MS, WATCH_SCRIPT } from "./watch_script.ts";

/** The variable that marks a command's processes, beside the resource limit. */
export const MARK_VARIABLE = "TROUPE_COMMAND";

/** What the watch does on its own account. */
export type WatchAlarm =
  /** There were too many processes. */
  | "processes"
  /** It was killed. */
  | "unwatched";

/** How the processes are ended: `end` leaves those of a command that ended a moment, `stop` none. Both send TERM first. */
export type Ending = "end" | "stop";

/** How it ended. */
export interface FamilyEnd {
  /** Processes that not even KILL ended. */
  readonly left: number;
  /** What the watch did before it was told to. */
  readonly alarm: WatchAlarm | null;
}

/** See the module's words. Needs the permission to run `bash`. */
export class Family {
  /** Random number every process of the command bears. */
  readonly mark: string = randomMark();
  /** Resolves when the watch ends before it was told to; else never. */
  readonly alarm: Promise<WatchAlarm>;
  readonly #bash: string;
  readonly #limit: number;
  readonly #tickMs: number;
  readonly #watch: Watch;
  #alarmed: WatchAlarm | null = null;
  #told = false;

  /**
   * Begins to watch. `bash` is its path, `limit` how many processes there may be at once, `tickMs` how often it looks
   * whether there are more: for what runs for days seldom is enough.
   */
  constructor(bash: string, limit: number, tickMs: number = TICK_MS) {
    this.#bash = bash;
    this.#limit = limit;
    this.#tickMs = tickMs;
    this.#watch = startWatch(bash, this.mark, limit, tickMs);
    const { promise, resolve } = Promise.withResolvers<WatchAlarm>();
    this.alarm = promise;
    void this.#watch.said.then(({ over, left }) => {
      if (over) this.#alarmed = "processes";
      else if (!this.#told || left === null) this.#alarmed = "unwatched";
      if (this.#alarmed !== null) resolve(this.#alarmed);
    });
  }

  /** Tells which process is the first. */
  lead(pid: number): void {
    this.#watch.say(`lead ${pid}`);
  }

  /**
   * Ends all that still run, within 6 seconds, and the watch.
   * @throws {Fault} code `broken` when the watch is killed again and again.
   */
  async end(how: Ending): Promise<FamilyEnd> {
    this.#told = true;
    this.#watch.say(how);
    const { left } = await this.#watch.said;
    const alarm = this.#alarmed;
    if (left !== null && alarm === null) return { left, alarm };
    const swept = await this.#sweep();
    if (swept !== null) return { left: swept, alarm };
    throw new Fault("broken", "Cannot end the processes of a command: what is to end them was killed twice");
  }

  /** What ended early may not have seen all there was to come. A watch that is told nothing ends what it finds. */
  async #sweep(): Promise<number | null> {
    const watch = startWatch(this.#bash, this.mark, this.#limit, this.#tickMs);
    void watch.close();
    return (await watch.said).left;
  }
}

interface Watch {
  say(line: string): void;
  close(): Promise<void>;
  /** What it said until its end. `left` is null when it was killed. */
  readonly said: Promise<{ readonly over: boolean; readonly left: number | null }>;
}

function startWatch(bash: string, mark: string, limit: number, tickMs: number): Watch {
  const process = new Deno.Command(bash, {
    args: ["--noprofile", "--norc", "-c", WATCH_SCRIPT, "watch", mark, String(limit), String(tickMs / 1000)],
    cwd: "/",
    clearEnv: true,
    env: { LC_ALL: "C", PATH: "/usr/bin:/bin" },
    detached: true, // a Ctrl-C on the terminal is not for it: it has to see the end
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  // A broken pipe is a dead watch, which `said` reports.
  const out = new LineWriter(process.stdin, () => {});
  let over = false;
  let left: number | null = null;
  const heard = readLines(process.stdout, (line) => {
    const [word, number] = line.split(" ");
    if (word === "over") over = true;
    if (word === "left") left = Number(number);
  });
  return {
    say: (line) => out.write(line),
    close: () => out.close(),
    said: Promise.all([heard, process.status]).then(async () => (await out.close(), { over, left })),
  };
}

/** 18 digits, of which the first is not 0: as a limit it is far beyond any count of locks. */
function randomMark(): string {
  const [high, low] = crypto.getRandomValues(new Uint32Array(2));
  return `${100_000_000 + high! % 900_000_000}${String(low! % 1_000_000_000).padStart(9, "0")}`;
}
