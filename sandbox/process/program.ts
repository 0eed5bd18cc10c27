/**
 * Starting one program and listening to what it says, until it and whoever shares its output have ended. Needs the
 * permission to run that program and nothing else.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { KeptOutput } from "./kept_output.ts";

/** A program to start, as plain data. */
export interface ProgramSpec {
  /** Absolute path. */
  readonly program: string;
  readonly args: readonly string[];
  /** Absolute path. */
  readonly cwd: string;
  /** Its whole environment. */
  readonly env: Readonly<Record<string, string>>;
  /** Bytes kept of each of its two outputs, and shown while it runs. */
  readonly outputBytes: number;
}

/** How a program ended: one of the two is null. */
export interface ProgramExit {
  readonly exitCode: number | null;
  /** "SIGKILL" and so on. */
  readonly signal: string | null;
}

/** What a program wrote: beginning and end of each output, and the bytes left out between them. */
export interface ProgramOutput {
  readonly stdout: string;
  readonly stderr: string;
  readonly dropped: { readonly stdout: number; readonly stderr: number };
}

/** Hears a piece of output as it comes. */
export type OnOutput = (channel: "stdout" | "stderr", text: string) => void;

/** A program that was started. */
export interface RunningProgram {
  /** Also the id of its group and of its session. */
  readonly pid: number;
  /** Resolves when it ends, whatever it leaves behind. */
  readonly exited: Promise<ProgramExit>;
  /** Resolves when nobody can write any more, at the latest {@linkcode DRAIN_MS} after its end. */
  readonly output: Promise<ProgramOutput>;
}

/** Milliseconds its output is awaited after a program's end: more than ending what it left behind takes. */
export const DRAIN_MS = 8_000;

/**
 * Starts it in a session of its own with nothing to read.
 * @throws {Fault} code `not_found`, `denied` or `failed`.
 */
export function startProgram(spec: ProgramSpec, onOutput: OnOutput = () => {}): RunningProgram {
  const child = spawn(spec);
  const closing = new AbortController();
  const stdout = collect(child.stdout, spec.outputBytes, closing.signal, (text) => onOutput("stdout", text));
  const stderr = collect(child.stderr, spec.outputBytes, closing.signal, (text) => onOutput("stderr", text));
  const read = Promise.all([stdout, stderr]);
  const exited = child.status.then(({ code, signal }) => {
    const late = setTimeout(() => closing.abort(), DRAIN_MS);
    void read.finally(() => clearTimeout(late)).catch(() => {}); // `output` reports it
    return signal === null ? { exitCode: code, signal } : { exitCode: null, signal };
  });
  const output = Promise.all([read, exited]).then(([[stdout, stderr]]) => ({
    stdout: stdout.text(),
    stderr: stderr.text(),
    dropped: { stdout: stdout.dropped, stderr: stderr.dropped },
  }));
  return { pid: child.pid, exited, output };
}

function spawn({ program, args, cwd, env }: ProgramSpec): Deno.ChildProcess {
  try {
    return new Deno.Command(program, {
      args: [...args],
      cwd,
      env: { ...env },
      clearEnv: true,
      detached: true, // a session of its own
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  } catch (error) {
    throw startFault(program, error);
  }
}

async function collect(
  pipe: ReadableStream<Uint8Array>,
  limit: number,
  closing: AbortSignal,
  show: (text: string) => void,
): Promise<KeptOutput> {
  const kept = new KeptOutput(limit);
  const decoder = new TextDecoder();
  const reader = pipe.getReader();
  closing.addEventListener("abort", () => void reader.cancel(), { once: true });
  let showable = limit;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    kept.write(read.value);
    const text = decoder.decode(read.value.subarray(0, showable), { stream: true });
    showable -= Math.min(showable, read.value.length);
    if (text !== "") show(text);
  }
  return kept;
}

function startFault(program: string, error: unknown): Fault {
  const cannot = (code: string, why: string) =>
    new Fault(code, `Cannot start ${program}: ${why}`, { cause: error });
  if (error instanceof Deno.errors.NotFound) return cannot("not_found", "it or its folder does not exist");
  if (error instanceof Deno.errors.NotCapable) return cannot("denied", "this actor may not run it");
  if (error instanceof Deno.errors.PermissionDenied) return cannot("denied", "it is not executable");
  return cannot("failed", error instanceof Error ? error.message : String(error));
}
