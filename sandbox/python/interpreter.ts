/**
 * A Python interpreter that can do nothing but compute.
 *
 * Two walls stand around it, each of which holds alone what matters most: the worker it runs in has no permission, and the
 * interpreter itself has no way to JavaScript. Files are in memory. What it prints, what it asks tools for and what
 * comes of it are told through functions that were taken before any foreign code ran.
 *
 * @module
 */
import type { ToolOutcome } from "../../protocols/messages/tool.ts";
import { Alarm, guardSignals, Killed } from "./alarm.ts";
import { Device } from "./device.ts";
import { type Engine, startEngine } from "./engine.ts";
import { boundFiles, putFiles, type SandboxFile, takeWritten } from "./filesystem.ts";
import { Gate } from "./gate.ts";
import { guardLibraries } from "./libraries.ts";
import { type Channel, Output } from "./output.ts";
import { splitImage } from "./image.ts";
import { stripRealm } from "./realm.ts";
import { type Order, type Outcome, REHEARSAL, RUNNER_MODULE } from "./runner.ts";

/** Bounds of an interpreter; that of its memory is in its module. */
export interface InterpreterLimits {
  /** Bytes of all its files together, those of Python itself aside. */
  readonly fileBytes: number;
  /** Shared with a thread that sets its first number to 1 to have code interrupted. Default nobody does. */
  readonly stop?: Int32Array;
}

/** What to run. */
export interface Run extends Order {
  /** Milliseconds until it is interrupted. */
  readonly timeoutMs: number;
  /** Bytes told of each of stdout and stderr. */
  readonly outputBytes: number;
  /** Files for `/workspace`, which keeps those of earlier runs. */
  readonly files: readonly SandboxFile[];
  /** What may come back. */
  readonly filesOut: { readonly files: number; readonly bytes: number };
}

/** What a run tells while it runs. */
export interface Hears {
  /** Something was printed. */
  output(channel: Channel, text: string): void;
  /** A tool is wanted; the answer goes to {@linkcode Interpreter.answer}. `arguments` is JSON. */
  call(id: string, name: string, args: string): void;
  /** Packages for these modules are wanted. */
  packages(id: string, names: readonly string[]): void;
}

/** How a run went wrong. */
export interface RunError {
  /**
   * `exception` one nobody caught; `timeout` it was stopped; `memory` it needed more than there is; `stopped` the
   * interpreter ended; `denied` it tried to leave.
   */
  readonly kind: "exception" | "timeout" | "memory" | "stopped" | "denied";
  readonly message: string;
  readonly traceback: string;
}

/** What came of a run. */
export interface RunResult {
  readonly value: string | null;
  readonly error?: RunError;
  /** Bytes that were printed and not told. */
  readonly dropped: Record<Channel, number>;
  /** Files that were written, and all there are. */
  readonly files: readonly SandboxFile[];
  readonly paths: readonly string[];
  /** Written files that were too many or too large to come back. */
  readonly omitted: number;
  /** Nothing can run here any more. */
  readonly broken: boolean;
}

/** An open interpreter. */
export interface Interpreter {
  /** Runs code. One run at a time. */
  run(run: Run, hears: Hears): Promise<RunResult>;
  /** Answers a call of the run. */
  answer(id: string, answer: { readonly outcome: ToolOutcome } | PackageAnswer): void;
  /** Lets files with exactly this content be loaded as libraries. */
  allowNative(code: readonly Uint8Array[]): void;
  /** Interrupts the run, if it waits or asks for signals. */
  interrupt(): void;
  /** Forgets an interrupt by another thread that came when the run was over. */
  calm(): void;
}

/** Packages that were wanted. */
export interface PackageAnswer {
  /** Wheels, base64. */
  readonly wheels: readonly string[];
  /** Why others are not there, by name. */
  readonly refused: Readonly<Record<string, string>>;
}

/** How a rehearsal is run, and who hears of it. */
const REHEARSED: Omit<Run, "code"> = {
  tools: [],
  packages: false,
  resultBytes: 1_000,
  recursion: 1_000,
  timeoutMs: 10_000,
  outputBytes: 0,
  files: [],
  filesOut: { files: 0, bytes: 0 },
};
const UNHEARD: Hears = { output() {}, call() {}, packages() {} };

/** Folder of a session's files. */
export const WORKSPACE = "/workspace";

const later = globalThis.setTimeout;

/**
 * Opens an interpreter from an image, which is used up, and closes the gate behind it. The first one in a thread also takes everything
 * from the thread that it does not need.
 * @throws {Error} when it cannot be contained.
 */
export async function openInterpreter(
  module: WebAssembly.Module,
  image: Uint8Array<ArrayBuffer>,
  { fileBytes, stop }: InterpreterLimits,
): Promise<Interpreter> {
  const gate = new Gate(), alarm = new Alarm(stop), output = new Output();
  const allowed: Uint8Array[] = [];
  let hears: Hears | undefined;
  const interrupts = {
    get next() {
      return alarm.next;
    },
    check() {
      output.flush(true);
      return alarm.due;
    },
  };
  const device = new Device((frame) => pass(frame, hears), interrupts, later);
  const engine = await startEngine({ module, ...splitImage(image) }, (imports, itself) => {
    guardSignals(imports, () => {
      output.flush(false);
      return alarm.signal();
    });
    guardLibraries(imports, itself, allowed);
    gate.guard(imports);
    device.guard(imports, itself);
  });
  output.install(engine.fs);
  device.install(engine);
  boundFiles(engine.fs, fileBytes);
  engine.listenToSignals();
  const execute = engine.bind(RUNNER_MODULE, "execute");
  const begin = engine.bind(RUNNER_MODULE, "begin");
  gate.close();
  stripRealm();
  const made = { engine, gate, alarm, output, device, execute };
  const begun = [await begin()];
  for (const code of REHEARSAL) await perform(made, { ...REHEARSED, code }, UNHEARD);
  begun.push(await begin());
  if (begun.some((said) => said !== "begun")) throw new Error("Cannot start Python: its first step failed");
  return {
    async run(run, to) {
      hears = to;
      try {
        return await perform(made, run, to);
      } finally {
        hears = undefined;
      }
    },
    answer(id, answer) {
      if (hears !== undefined) device.send({ id, ...answer });
    },
    allowNative: (code) => void allowed.push(...code),
    calm: () => alarm.disarm(),
    interrupt() {
      alarm.ring();
      device.wake();
    },
  };
}

interface Parts {
  readonly engine: Engine;
  readonly gate: Gate;
  readonly alarm: Alarm;
  readonly output: Output;
  readonly device: Device;
  readonly execute: () => Promise<string | undefined>;
}

async function perform(parts: Parts, run: Run, hears: Hears): Promise<RunResult> {
  const { engine: { fs }, gate, alarm, output, device } = parts;
  const { code, tools, packages, resultBytes, recursion } = run;
  putFiles(fs, WORKSPACE, run.files);
  output.begin(run.outputBytes, (channel, text) => hears.output(channel, text));
  device.discard(); // an answer that came too late
  device.send({ code, tools, packages, resultBytes, recursion } satisfies Order);
  alarm.set(run.timeoutMs);
  let end: Pick<RunResult, "value" | "error" | "broken">;
  try {
    end = ended(await parts.execute(), run, alarm);
  } catch (error) {
    end = { value: null, error: asError(error, gate, run), broken: true };
  }
  alarm.disarm();
  if (gate.violation !== undefined) {
    end = {
      value: null,
      error: { kind: "denied", message: gate.violation.message, traceback: "" },
      broken: true,
    };
  }
  const dropped = output.end();
  const written = end.broken
    ? { files: [], paths: [], omitted: 0 }
    : takeWritten(fs, WORKSPACE, run.filesOut);
  return { ...end, ...written, dropped };
}

/** The program's own word on its end; what it may lie about is itself. */
function ended(text: string | undefined, { timeoutMs, resultBytes }: Run, alarm: Alarm) {
  const outcome = text === undefined || text.length > 8 * resultBytes + 100_000 ? undefined : outcomeIn(text);
  if (outcome === undefined) {
    return { value: null, error: stopped("it gave no result"), broken: true };
  }
  const { value, error } = outcome;
  if (error === undefined) return { value, broken: false };
  const { kind, message, traceback } = error;
  if (kind === "interrupted" && alarm.rung) {
    return {
      value,
      error: { kind: "timeout" as const, message: overTime(timeoutMs), traceback },
      broken: false,
    };
  }
  return {
    value,
    error: { kind: kind === "interrupted" ? "exception" as const : kind, message, traceback },
    broken: false,
  };
}

function outcomeIn(text: string): Outcome | undefined {
  let outcome: Partial<Outcome>;
  try {
    outcome = JSON.parse(text);
  } catch {
    return undefined;
  }
  const { value, error } = outcome;
  if (value !== null && typeof value !== "string") return undefined;
  if (error === undefined) return { value };
  const { kind, message, traceback } = error;
  const known = kind === "exception" || kind === "interrupted" || kind === "memory";
  return known && typeof message === "string" && typeof traceback === "string" ? { value, error } : undefined;
}

function asError(error: unknown, gate: Gate, { timeoutMs }: Run): RunError {
  if (gate.violation !== undefined) return { kind: "denied", message: gate.violation.message, traceback: "" };
  if (error instanceof Killed) return { kind: "timeout", message: overTime(timeoutMs), traceback: "" };
  return stopped(String(error).split("\n", 1)[0]!);
}

function stopped(why: string): RunError {
  return { kind: "stopped", message: `The interpreter ended: ${why}`, traceback: "" };
}

function overTime(ms: number): string {
  return `The code was stopped: it ran longer than ${ms} ms`;
}

/** A frame a program wrote: it may write anything. */
function pass(frame: unknown, hears: Hears | undefined): void {
  const { op, id, name, arguments: args, names } = Object(frame);
  if (typeof id !== "string" || id.length > 40) return;
  if (op === "call" && typeof name === "string" && typeof args === "string") hears?.call(id, name, args);
  const strings = Array.isArray(names) && names.every((each) => typeof each === "string");
  if (op === "packages" && strings) hears?.packages(id, names);
}
