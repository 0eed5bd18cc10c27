/**
 * What is kept of the patches applied to a workspace, in its folder `.troupe/undo`.
 *
 * Three files per patch. `<id>.patch` undoes it. `<id>.after.json` says what it made of each file: a
 * patch that comes again and finds just that was applied already. `<id>.begun.json` is there from before the first
 * change until after the last one and holds the old content of all files: whoever finds it, with no one
 * holding the lock, takes back what was done. The id is made of the patch and of the files it was for.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { Fault } from "../../protocols/messages/fault.ts";
import { contain } from "../files/contain.ts";
import { type Disk, realDisk, removeIfThere, replace } from "./disk.ts";
import { PatchProblem } from "./problem.ts";
import { digest, fingerprint, readStored, type StoredWithMode } from "./stored_files.ts";

const FOLDER = ".troupe/undo";
const BEGUN = ".begun.json";
const AFTER = ".after.json";

/** What is done to one path. A renamed file has two. */
export interface Intent {
  /** Relative to the workspace. */
  path: string;
  /** The old content in base64; null when there was no file. */
  before: string | null;
  /** Permission bits before. */
  mode?: number;
  /** Fingerprint of the new file; null when there is to be none. */
  after: string | null;
}

/** A patch under way. */
export interface Begun {
  /** All that it does. */
  intents: Intent[];
  /** Folders it makes, outer ones first. Relative to the workspace. */
  folders: string[];
}

/** What {@linkcode recoverPatches} found. */
export interface Recovered {
  /** Patches that were taken back. */
  undone: number;
  /** Files that somebody changed in the meantime: they were left alone. */
  left: string[];
}

/** The folder of one workspace, locked until it is disposed. */
export interface UndoFolder extends Disposable {
  /** Its absolute path. */
  folder: string;
}

/** Waits until no one else applies a patch here. Makes the folder when it is not there. */
export function lockUndoFolder(workspace: string): UndoFolder {
  const folder = contain(workspace, FOLDER);
  Deno.mkdirSync(folder, { recursive: true });
  const file = Deno.openSync(contain(workspace, `${FOLDER}/lock`), { create: true, write: true });
  file.lockSync(true);
  return { folder, [Symbol.dispose]: () => file.close() };
}

/** The path of the patch that undoes patch `id`, relative to the workspace. */
export function undoPath(id: string): string {
  return `${FOLDER}/${id}.patch`;
}

/** The beginning of the ids of all applications of one patch. */
export function idPrefix(patch: string): string {
  return digest(patch).slice(0, 16) + "-";
}

/** Where the new content of the `index`th intent waits. */
export function temporaryOf(target: string, id: string, index: number): string {
  return `${target.slice(0, target.lastIndexOf("/"))}/.${id}.${index}.tmp`;
}

/** Keeps what is needed to take a patch back; afterwards it may be applied. */
export function keepIntent(disk: Disk, folder: string, id: string, begun: Begun, undo: string): void {
  const put = (name: string, text: string) =>
    replace(disk, `${folder}/${name}`, `${folder}/${id}.tmp`, new TextEncoder().encode(text));
  // This one first: its being there makes the others void.
  put(id + BEGUN, JSON.stringify(begun));
  put(id + AFTER, JSON.stringify(begun.intents.map(({ path, after }) => ({ path, after }))));
  put(`${id}.patch`, undo);
}

/** The patch is applied: from now on nothing takes it back by itself. */
export function settle(disk: Disk, folder: string, id: string): void {
  disk.remove(`${folder}/${id}${BEGUN}`);
}

/** Takes back what was done of a patch; the paths of files that hold neither the old content nor the new. */
export function takeBack(disk: Disk, workspace: string, folder: string, id: string, begun: Begun): string[] {
  const left = begun.intents.filter((intent, index) => !restored(disk, workspace, id, intent, index));
  for (const path of begun.folders.toReversed()) removeIfThere(disk, contain(workspace, path));
  for (const name of [`${id}.tmp`, `${id}.patch`, id + AFTER, id + BEGUN]) {
    removeIfThere(disk, `${folder}/${name}`);
  }
  return left.map(({ path }) => path);
}

function restored(disk: Disk, workspace: string, id: string, intent: Intent, index: number): boolean {
  const now = currentFile(workspace, intent.path);
  if (now === undefined) return false;
  const temporary = temporaryOf(now.target, id, index);
  removeIfThere(disk, temporary);
  const before = intent.before === null ? null : new Uint8Array(Buffer.from(intent.before, "base64"));
  const executable = ((intent.mode ?? 0) & 0o100) !== 0;
  const [is, was] = [now.file, before && { bytes: before, executable }].map(fingerprint);
  if (is === was && now.file?.mode === intent.mode) return true;
  if (is !== intent.after && is !== was) return false;
  if (before === null) disk.remove(now.target);
  else replace(disk, now.target, temporary, before, intent.mode);
  return true;
}

/** Undefined when something is in the way that is no file to be patched. */
function currentFile(
  workspace: string,
  path: string,
): { target: string; file: StoredWithMode | null } | undefined {
  try {
    const target = contain(workspace, path);
    return { target, file: readStored(target, path) };
  } catch (error) {
    if (error instanceof Fault || error instanceof PatchProblem) return undefined;
    throw error;
  }
}

/**
 * Takes back what a process that died while it applied a patch has left half done in this workspace. Waits for
 * patches that are being applied. To be called before files are read to plan the next one.
 */
export function recoverPatches(workspace: string, disk: Disk = realDisk): Recovered {
  if (begunIn(contain(workspace, FOLDER)).length === 0) return { undone: 0, left: [] };
  using locked = lockUndoFolder(workspace);
  return recoverLocked(workspace, locked.folder, disk);
}

/** The same for who has the lock. */
export function recoverLocked(workspace: string, folder: string, disk: Disk): Recovered {
  const ids = begunIn(folder);
  const left = ids.flatMap((id) => {
    const begun: Begun = JSON.parse(Deno.readTextFileSync(`${folder}/${id}${BEGUN}`));
    return takeBack(disk, workspace, folder, id, begun);
  });
  return { undone: ids.length, left };
}

/**
 * The undo patch of an earlier application of the very same patch, when all its files are still as it made
 * them; undefined otherwise. Relative to the workspace.
 */
export function appliedAlready(workspace: string, patch: string): string | undefined {
  const folder = contain(workspace, FOLDER);
  const prefix = idPrefix(patch);
  for (const name of namesIn(folder)) {
    if (!name.startsWith(prefix) || !name.endsWith(AFTER)) continue;
    const files: Pick<Intent, "path" | "after">[] = JSON.parse(Deno.readTextFileSync(`${folder}/${name}`));
    const same = files.every(({ path, after }) => {
      const now = currentFile(workspace, path);
      return now !== undefined && fingerprint(now.file) === after;
    });
    if (same) return undoPath(name.slice(0, -AFTER.length));
  }
  return undefined;
}

function begunIn(folder: string): string[] {
  return namesIn(folder).filter((name) => name.endsWith(BEGUN)).map((name) => name.slice(0, -BEGUN.length));
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}
