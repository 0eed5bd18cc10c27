/**
 * The program as a person starts it: a process of its own, in a folder of its own, with no environment but what it is
 * given.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { RunEvent } from "../../protocols/messages/run.ts";
import { PYTHON_CACHE } from "../support/python_cache.ts";
import type { ScriptedOpenAi } from "../support/scripted_openai.ts";

/** How a process ended. */
export interface Ended {
  /** Null when a signal ended it. */
  readonly code: number | null;
  readonly signal: Deno.Signal | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a process is started with beside its arguments. */
export interface Start {
  /** The provider it finds in its environment. */
  readonly server?: Pick<ScriptedOpenAi, "baseUrl" | "apiKey">;
  readonly env?: Record<string, string>;
  /** Where it is started; default the place's `cwd`. */
  readonly cwd?: string;
  /** All of its standard input; default none. */
  readonly stdin?: string;
  /** Its standard input stays open for {@linkcode Program.type}. */
  readonly keyboard?: boolean;
  /** Nobody reads its stdout before it has ended: once the pipe is full it cannot write on. */
  readonly unread?: boolean;
  /** A command that runs it, as `["setpriv", "--reuid", "65534"]`. */
  readonly under?: readonly string[];
}

/** What is started. */
export interface Launcher {
  /** The program, before its arguments. */
  readonly command: readonly [string, ...string[]];
  /** What it needs of the environment of whoever starts it. */
  readonly env: Record<string, string>;
}

/** A folder with a home, a place to start in, and what becomes of the runs. Removed on disposal. */
export class Place implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "troupe-e2e-" });
  /** Of the person; holds the database unless told otherwise. */
  readonly home = `${this.folder}/home`;
  /** Where programs are started. */
  readonly cwd = `${this.folder}/project`;
  /** The workspace unless told otherwise. */
  readonly workspace = `${this.cwd}/workspace`;
  /** The database unless told otherwise. */
  readonly db = `${this.home}/.local/state/troupe/troupe.db`;
  readonly #started: Program[] = [];

  constructor(readonly launcher: Launcher = fromSource()) {
    Deno.mkdirSync(this.home);
    // Where packages come from names the folder they are cached in.
    const npmrc = `${Deno.env.get("HOME")}/.npmrc`;
    if (exists(npmrc)) Deno.symlinkSync(npmrc, `${this.home}/.npmrc`);
    Deno.mkdirSync(this.cwd);
    // What Python starts from takes seconds to make: all homes share it.
    Deno.mkdirSync(`${this.home}/.cache`);
    Deno.mkdirSync(PYTHON_CACHE, { recursive: true });
    Deno.symlinkSync(PYTHON_CACHE, `${this.home}/.cache/troupe`);
  }

  /** Starts the program. */
  start(args: readonly string[], how: Start = {}): Program {
    const program = new Program(this, args, how);
    this.#started.push(program);
    return program;
  }

  /** Starts the program and waits for its end. */
  run(args: readonly string[], how: Start = {}): Promise<Ended> {
    return this.start(args, how).ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const program of this.#started) await program[Symbol.asyncDispose]();
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** Milliseconds after which a process is killed, so that a test that waits for it fails instead of hanging. */
const LIMIT_MS = 90_000;

/** A started process. */
export class Program implements AsyncDisposable {
  /** Its end, when all of its output was read. */
  readonly ended: Promise<Ended>;
  readonly #child: Deno.ChildProcess;
  readonly #stdout: Reading;
  readonly #stderr: Reading;
  #keyboard: WritableStreamDefaultWriter<Uint8Array> | undefined;
  #running = true;

  constructor(place: Place, args: readonly string[], how: Start) {
    const { server, env, cwd = place.cwd, stdin, keyboard = false, unread = false, under = [] } = how;
    const [command = "", ...before] = [...under, ...place.launcher.command];
    this.#child = new Deno.Command(command, {
      args: [...before, ...args],
      cwd,
      clearEnv: true,
      env: { ...place.launcher.env, HOME: place.home, ...providerEnv(server), ...env },
      stdin: stdin === undefined && !keyboard ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#stdout = new Reading(this.#child.stdout, unread ? this.#child.status : undefined);
    this.#stderr = new Reading(this.#child.stderr);
    if (keyboard) this.#keyboard = this.#child.stdin.getWriter();
    this.ended = this.#end(stdin);
    this.ended.catch(() => {}); // whoever awaits it hears of it
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal): void {
    this.#child.kill(signal);
  }

  /** Resolves with the first event of `--json` for which `wanted` answers true. */
  event(wanted: (event: RunEvent) => boolean): Promise<RunEvent> {
    return this.#stdout.until((text) => eventsOf(text.slice(0, text.lastIndexOf("\n") + 1)).find(wanted));
  }

  /** Resolves with the match once stderr has one. */
  says(pattern: RegExp): Promise<RegExpExecArray> {
    return this.#stderr.until((text) => pattern.exec(text) ?? undefined);
  }

  /** Resolves with the match once stdout has one behind its first `from` characters. */
  shows(pattern: RegExp, from = 0): Promise<RegExpExecArray> {
    return this.#stdout.until((text) => pattern.exec(text.slice(from)) ?? undefined);
  }

  /** Types on its keyboard. */
  async type(text: string): Promise<void> {
    await this.#keyboard?.write(new TextEncoder().encode(text));
  }

  /** What `other` resolves with; rejects when the process ends first. */
  async meanwhile<T>(other: Promise<T>): Promise<T> {
    const early = this.ended.then(({ stderr }): never => {
      throw new Error(`it ended too early, after:\n${stderr}`);
    });
    return await Promise.race([other, early]);
  }

  /** Kills it where it still runs. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) this.kill("SIGKILL");
    await this.ended;
  }

  async #end(stdin: string | undefined): Promise<Ended> {
    const limit = setTimeout(() => this.kill("SIGKILL"), LIMIT_MS);
    const status = this.#child.status.finally(() => {
      clearTimeout(limit);
      this.#running = false;
      return this.#keyboard?.abort().catch(() => {}); // nobody reads it any more
    });
    const fed = stdin === undefined ? undefined : feed(this.#child.stdin, stdin);
    const [{ code, signal }, stdout, stderr] = await Promise.all([
      status,
      this.#stdout.whole,
      this.#stderr.whole,
      fed,
    ]);
    return { code: signal === null ? code : null, signal, stdout, stderr };
  }
}

/** The events that `--json` printed. */
export function eventsOf(stdout: string): RunEvent[] {
  return stdout.split("\n").filter((line) => line !== "").map((line) => JSON.parse(line));
}

/** The id of the run an output speaks of. */
export function runIn({ stdout, stderr }: Ended): string {
  const run = /\b[0-9a-z]{26}\b/.exec(stderr + stdout)?.[0];
  if (run === undefined) throw new Error(`no run in:\n${stdout}\n${stderr}`);
  return run;
}

const MAIN = fileURLToPath(new URL("../../main.ts", import.meta.url));

/** Started from its source. */
function fromSource(): Launcher {
  return { command: [Deno.execPath(), "run", "--no-prompt", "-A", MAIN], env: DENO_ENV };
}

/** Where Deno keeps its packages, which does not depend on whose home the program believes to be in. */
const DENO_ENV = denoEnv();

function denoEnv(): Record<string, string> {
  const { stdout } = new Deno.Command(Deno.execPath(), { args: ["info", "--json"] }).outputSync();
  const { denoDir } = JSON.parse(new TextDecoder().decode(stdout)) as { denoDir: string };
  const kept = Object.entries(Deno.env.toObject()).filter(([name]) =>
    /^(PATH|DENO_.*|npm_config_.*)$/i.test(name)
  );
  return { ...Object.fromEntries(kept), DENO_DIR: denoDir, DENO_NO_UPDATE_CHECK: "1" };
}

function providerEnv(server: Start["server"]): Record<string, string> {
  return server === undefined
    ? {}
    : { OPENAI_BASE_URL: server.baseUrl, OPENAI_API_KEY: server.apiKey, LLM_MODEL: "scripted-model" };
}

function exists(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

/** A program that ends early does not read all of it. */
async function feed(stdin: WritableStream<Uint8Array>, text: string): Promise<void> {
  const writer = stdin.getWriter();
  try {
    await writer.write(new TextEncoder().encode(text));
    await writer.close();
  } catch (error) {
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}

/** An output as it comes. */
class Reading {
  readonly whole: Promise<string>;
  #text = "";
  #over = false;
  #news = Promise.withResolvers<void>();

  /** Reads once `first` is over. */
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>, first?: Promise<unknown>) {
    this.whole = this.#read(stream, first);
  }

  async until<T>(find: (text: string) => T | undefined): Promise<T> {
    while (true) {
      const found = find(this.#text);
      if (found !== undefined) return found;
      if (this.#over) throw new Error(`it ended without what was waited for, after:\n${this.#text}`);
      await this.#news.promise;
    }
  }

  async #read(stream: ReadableStream<Uint8Array<ArrayBuffer>>, first?: Promise<unknown>): Promise<string> {
    await first;
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      this.#text += text;
      this.#tell();
    }
    this.#over = true;
    this.#tell();
    return this.#text;
  }

  #tell(): void {
    this.#news.resolve();
    this.#news = Promise.withResolvers();
  }
}
