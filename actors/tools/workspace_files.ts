/**
 * The actor that copies files between a workspace and Python sessions, within the grants of the file tools: without the
 * right to read nothing goes in, without the right to write nothing comes out.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { PythonFile } from "../../protocols/messages/python.ts";
import { type FileReport, WorkspaceFiles } from "../../protocols/messages/workspace_files.ts";
import { requireOpen } from "../../sandbox/files/closed.ts";
import { contain, type WorkspaceOptions } from "../../sandbox/files/contain.ts";
import { fileFault } from "../../sandbox/files/file_fault.ts";
import { replaceFile } from "../../sandbox/files/replace_file.ts";
import { walkTree } from "../../sandbox/files/walk_tree.ts";
import { defineActor, next } from "../../supervisor/actor/define.ts";
import type { Permissions } from "../../supervisor/actor/grant.ts";
import { serve } from "../../supervisor/actor/serve.ts";

/** Files that go in, at most. */
const MAX_FILES = 500;
/** Bytes that go in, at most. */
const MAX_BYTES = 16 * 1024 * 1024;
/** Bytes of a text up to which its change is shown. */
const DIFF_BYTES = 256 * 1024;
/** Characters of a diff. */
const DIFF_CHARS = 4_000;
/** Folders that are no work of anybody. */
const SKIPPED = /(^|\/)(\.git|\.troupe|node_modules|__pycache__)\//;

/** Options: the workspace. Its grant says whether it may read and write there. */
export interface WorkspaceFilesOptions extends WorkspaceOptions {
  readonly mayRead: boolean;
  readonly mayWrite: boolean;
}

/** What it needs. */
export function workspaceFilesGrant({ workspace, mayRead, mayWrite }: WorkspaceFilesOptions): Permissions {
  // Whoever writes reads too: links are followed first.
  return mayWrite ? { read: [workspace], write: [workspace] } : mayRead ? { read: [workspace] } : {};
}

/** See the module's words. */
export const workspaceFiles = defineActor({
  module: import.meta.url,
  protocol: WorkspaceFiles,
  init: async (options: WorkspaceFilesOptions) => {
    const { unifiedDiff } = await import("../../sandbox/patch/unified_diff.ts");
    return { ...options, unifiedDiff };
  },
  handle: {
    async collect(state, { known }) {
      if (!state.mayRead) return next(state, { files: [], omitted: 0 });
      return next(state, await collect(state.workspace, known));
    },
    store(state, { files, deleted }, { newId }) {
      const reports: FileReport[] = [];
      for (const file of files) reports.push(attempt(file.path, () => write(state, file, newId())));
      for (const path of deleted) reports.push(attempt(path, () => remove(state, path)));
      return next(state, reports);
    },
  },
});

async function collect(workspace: string, known: Record<string, string>) {
  const files: PythonFile[] = [];
  let bytes = 0, omitted = 0;
  for (const path of walkTree(workspace, true, 10_000, 20_000).paths) {
    if (path.endsWith("/") || SKIPPED.test(path)) continue;
    const room = files.length < MAX_FILES ? MAX_BYTES - bytes : -1;
    const content = readable(`${workspace}/${path}`, room);
    if (content === null) continue;
    if (content === "omitted") {
      omitted++;
      continue;
    }
    if (await sha256(content) === known[path]) continue;
    bytes += content.length;
    files.push({ path, base64: content.toBase64() });
  }
  return { files, omitted };
}

/** Null for what is no file, not any more perhaps; one that may not be read or has no room is left out. */
function readable(at: string, room: number): Uint8Array<ArrayBuffer> | "omitted" | null {
  try {
    const { isFile, size } = Deno.lstatSync(at);
    if (!isFile) return null;
    return size > room ? "omitted" : Deno.readFileSync(at);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    if (error instanceof Deno.errors.PermissionDenied) return "omitted";
    throw error;
  }
}

type State = WorkspaceFilesOptions & {
  readonly unifiedDiff: typeof import("../../sandbox/patch/unified_diff.ts").unifiedDiff;
};

function write(state: State, { path, base64 }: PythonFile, id: string): FileReport {
  const target = allowed(state, path);
  const before = existing(target), after = Uint8Array.fromBase64(base64);
  Deno.mkdirSync(target.slice(0, target.lastIndexOf("/")), { recursive: true });
  replaceFile(target, after, id);
  const change = before === null ? "created" : "modified";
  return { path, change, bytes: after.length, ...diff(state, path, before, after) };
}

function remove(state: State, path: string): FileReport {
  const target = allowed(state, path);
  const before = existing(target);
  if (before !== null) Deno.removeSync(target);
  return { path, change: "deleted", bytes: 0, ...diff(state, path, before, null) };
}

function allowed({ workspace, mayWrite }: State, path: string): string {
  if (!mayWrite) {
    throw new Fault("denied", "files of the workspace may not be written (FileWrite is not granted)");
  }
  if (path.startsWith("/") || path.split("/").includes("..")) {
    throw new Fault("denied", "its path leads elsewhere");
  }
  if (SKIPPED.test(path)) throw new Fault("denied", "it lies in a folder that is left alone");
  const target = contain(workspace, path);
  requireOpen(workspace, target);
  return target;
}

function existing(target: string): Uint8Array | null {
  try {
    return Deno.readFileSync(target);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return null;
    throw error;
  }
}

/** Shows what was there, so only to who may read it. */
function diff(state: State, path: string, before: Uint8Array | null, after: Uint8Array | null) {
  if (!state.mayRead) return {};
  const [old, now] = [textOf(before), textOf(after)];
  if (old === undefined || now === undefined) return {};
  return { diff: state.unifiedDiff(path, old, now, DIFF_CHARS) };
}

/** Undefined when it is no text that can be shown. */
function textOf(bytes: Uint8Array | null): string | null | undefined {
  if (bytes === null) return null;
  if (bytes.length > DIFF_BYTES) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch {
    return undefined;
  }
}

function attempt(path: string, act: () => FileReport): FileReport {
  try {
    return act();
  } catch (error) {
    const { message } = error instanceof Fault ? error : fileFault("write", path, error);
    return { path, change: "refused", bytes: 0, reason: message };
  }
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}

if (import.meta.main) serve(workspaceFiles);
