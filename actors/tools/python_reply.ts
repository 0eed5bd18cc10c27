/**
 * What a Python sandbox said, checked: foreign code may have had a hand in it.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { PythonError, PythonFile, PythonItem, PythonReply } from "../../protocols/messages/python.ts";

/** What a reply may be at most. */
export interface ReplyLimits {
  /** Of the value and of each text of an error. */
  readonly resultBytes: number;
  readonly filesOut: { readonly files: number; readonly bytes: number };
}

/** What cut texts end with takes this many characters at most. */
const CUT_NOTE = 64;
/** Paths of files that are told. */
const MAX_PATHS = 20_000;
const KINDS: ReadonlySet<unknown> = new Set(
  ["exception", "timeout", "memory", "stopped", "denied"] satisfies PythonError["kind"][],
);

/** @throws {Fault} code `bad_reply` when it is none. */
export function checkedReply(value: unknown, limits: ReplyLimits): PythonReply {
  const { value: result, error, dropped, files, paths, omitted, broken } = record(value);
  const max = limits.resultBytes + CUT_NOTE;
  return {
    value: result === null ? null : text(result, max),
    ...(error === undefined ? {} : { error: checkedError(error, max) }),
    dropped: { stdout: count(record(dropped).stdout), stderr: count(record(dropped).stderr) },
    files: checkedFiles(files, limits.filesOut),
    paths: list(paths, MAX_PATHS).map(checkedPath),
    omitted: count(omitted),
    broken: broken === true,
  };
}

/** @throws {Fault} code `bad_reply` when it is none. */
export function checkedItem(value: unknown): PythonItem {
  const { type, channel, text: output, id, name, arguments: args, names } = record(value);
  if (type === "output") {
    if (channel !== "stdout" && channel !== "stderr") throw bad("a channel");
    return { type, channel, text: text(output, Infinity) };
  }
  if (type === "call") {
    return { type, id: text(id, 40), name: text(name, 200), arguments: text(args, Infinity) };
  }
  if (type === "packages") {
    return {
      type,
      id: text(id, 40),
      names: list(names, 100).map((each) => text(each, 200)),
    };
  }
  throw bad("an item");
}

function checkedError(value: unknown, max: number): PythonError {
  const { kind, message, traceback } = record(value);
  if (!KINDS.has(kind)) throw bad("an error");
  return { kind: kind as PythonError["kind"], message: text(message, max), traceback: text(traceback, max) };
}

function checkedFiles(value: unknown, limits: ReplyLimits["filesOut"]): PythonFile[] {
  let characters = 0;
  return list(value, limits.files).map((each) => {
    const { path, base64 } = record(each);
    const content = text(base64, Infinity);
    characters += content.length;
    if (characters > Math.ceil(limits.bytes / 3) * 4 + 4 * limits.files) throw bad("files");
    return { path: checkedPath(path), base64: content };
  });
}

/** Below a folder, whatever folder it is put into. */
function checkedPath(value: unknown): string {
  const path = text(value, 4096);
  if (
    path === "" || path.includes("\0") ||
    path.split("/").some((part) => part === "" || part === ".." || part === ".")
  ) {
    throw bad("a path");
  }
  return path;
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw bad("an object");
  return value as Record<string, unknown>;
}

function list(value: unknown, max: number): unknown[] {
  if (!Array.isArray(value) || value.length > max) throw bad("a list");
  return value;
}

function text(value: unknown, max: number): string {
  if (typeof value !== "string" || value.length > max) throw bad("a text");
  return value;
}

function count(value: unknown): number {
  if (typeof value !== "number" || !(value >= 0)) throw bad("a count");
  return value;
}

function bad(what: string): Fault {
  return new Fault("bad_reply", `The sandbox sent something that is not ${what}`);
}
