/**
 * Reading zip archives that somebody else made.
 *
 * The list of members is read here and not by the library, because what makes an archive hostile is in fields it does not
 * show: links, names that disagree, members that lie over each other. An archive that has any of it is refused
 * whole.
 *
 * @module
 */
import { Inflate } from "fflate";
import { Fault } from "../../protocols/messages/fault.ts";

/** A file in an archive. Sizes are bytes. */
export interface Member {
  /** Relative, with "/", without ".." and doubled slashes. */
  readonly path: string;
  /** Unpacked, as the archive says. */
  readonly size: number;
  /** As it lies in the archive. */
  readonly packed: number;
  readonly deflated: boolean;
  /** Where its own header begins. */
  readonly at: number;
}

/** How much an archive may hold. */
export interface ArchiveLimits {
  /** Default 20 000. */
  readonly members?: number;
  /** Unpacked, of all members together, in bytes. Default 512 MiB. */
  readonly bytes?: number;
}

/** Bytes inflated at a time: a step cannot grow to more than about 1000 times this. */
const STEP = 16 * 1024;
const END_SIGNATURE = 0x06054b50;
const ENTRY_SIGNATURE = 0x02014b50;
const HEADER_SIGNATURE = 0x04034b50;
const REGULAR_FILE = 0o100000;
const FOLDER = 0o040000;

/**
 * The files of an archive; folders are left out.
 * @throws {Fault} code `bad_archive`: damaged, too large, encrypted, with a link in it, or a path that leads out.
 */
export function readDirectory(archive: Uint8Array, limits: ArchiveLimits = {}): Member[] {
  const { members: mostMembers = 20_000, bytes: mostBytes = 512 * 1024 * 1024 } = limits;
  const view = viewOf(archive);
  const end = findEnd(view);
  const count = view.getUint16(end + 10, true);
  const start = view.getUint32(end + 16, true);
  if (count > mostMembers) throw bad(`it holds ${count} files, more than ${mostMembers}`);
  if (start + view.getUint32(end + 12, true) !== end) throw bad("its directory is not where it says");
  const members: Member[] = [];
  let at = start;
  for (let left = count; left > 0; left--) {
    const { member, next } = readEntry(view, archive, at, end);
    if (member !== undefined) members.push(member);
    at = next;
  }
  if (at !== end) throw bad("its directory is longer than it says");
  checkTogether(members, view, archive, start);
  const total = members.reduce((sum, { size }) => sum + size, 0);
  if (total > mostBytes) throw bad(`it unpacks to ${total} bytes, more than ${mostBytes}`);
  return members;
}

/**
 * The content of one member.
 * @throws {Fault} code `bad_archive` when it does not unpack to exactly the size it says.
 */
export function unpack(archive: Uint8Array, { path, size, packed, deflated, at }: Member): Uint8Array {
  const view = viewOf(archive);
  const start = at + 30 + view.getUint16(at + 26, true) + view.getUint16(at + 28, true);
  const content = archive.subarray(start, start + packed);
  if (!deflated) return content;
  const whole = new Uint8Array(size);
  let length = 0;
  const inflate = new Inflate((piece) => {
    if (length + piece.length > size) throw bad(`${path} unpacks to more than the ${size} bytes it says`);
    whole.set(piece, length);
    length += piece.length;
  });
  try {
    for (let from = 0; from < packed; from += STEP) {
      inflate.push(content.subarray(from, from + STEP), from + STEP >= packed);
    }
  } catch (error) {
    if (error instanceof Fault) throw error;
    throw bad(`${path} is damaged: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (length !== size) throw bad(`${path} unpacks to ${length} bytes, not to ${size}`);
  return whole;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Where the record at the archive's end begins; a comment may follow it. */
function findEnd(view: DataView): number {
  const earliest = Math.max(0, view.byteLength - 22 - 0xffff);
  for (let at = view.byteLength - 22; at >= earliest; at--) {
    if (view.getUint32(at, true) !== END_SIGNATURE) continue;
    if (at + 22 + view.getUint16(at + 20, true) !== view.byteLength) continue;
    const parts = view.getUint16(at + 4, true) + view.getUint16(at + 6, true);
    if (
      parts !== 0 || view.getUint32(at + 16, true) === 0xffffffff || view.getUint16(at + 10, true) === 0xffff
    ) {
      throw bad("it is split or in the zip64 format");
    }
    return at;
  }
  throw bad("it is no zip archive or not complete");
}

/** One entry of the directory, undefined for a folder, and where the following begins. */
function readEntry(view: DataView, archive: Uint8Array, at: number, end: number) {
  if (at + 46 > end || view.getUint32(at, true) !== ENTRY_SIGNATURE) throw bad("its directory is damaged");
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const nameLength = view.getUint16(at + 28, true);
  const next = at + 46 + nameLength + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  if (next > end) throw bad("its directory is damaged");
  const name = textOf(archive.subarray(at + 46, at + 46 + nameLength));
  const folder = name.endsWith("/");
  checkPath(folder ? name.slice(0, -1) : name);
  const packed = view.getUint32(at + 20, true);
  const size = view.getUint32(at + 24, true);
  // Only Unix writes a file's kind, in the upper half of these attributes; 0 where it did not.
  const mode = (view.getUint32(at + 38, true) >>> 16) & 0o170000;
  if (mode !== 0 && mode !== (folder ? FOLDER : REGULAR_FILE)) {
    throw bad(`${name} is a link or no ordinary file`);
  }
  if ((flags & 1) !== 0) throw bad(`${name} is encrypted`);
  if (method !== 0 && method !== 8) throw bad(`${name} is packed in an unknown way (${method})`);
  if (folder ? size !== 0 : method === 0 && size !== packed) throw bad(`${name} has no sensible size`);
  const header = view.getUint32(at + 42, true);
  const member: Member | undefined = folder
    ? undefined
    : { path: name, size, packed, deflated: method === 8, at: header };
  return { member, next };
}

function checkPath(path: string): void {
  const parts = path.split("/");
  // deno-lint-ignore no-control-regex -- control characters in names are what is looked for
  const odd = /[\\\x00-\x1f\x7f]|^[a-z]:/i.test(path);
  if (odd || path.length > 1024 || parts.some((part) => part === "" || part === "." || part === "..")) {
    throw bad(`the path ${JSON.stringify(path.slice(0, 200))} leads out of it or is no path`);
  }
}

/** What only shows when all members are looked at: names used twice, one within another, content used twice. */
function checkTogether(members: readonly Member[], view: DataView, archive: Uint8Array, end: number): void {
  const paths = new Set<string>();
  for (const { path } of members) {
    if (paths.has(path)) throw bad(`it holds ${path} twice`);
    paths.add(path);
  }
  for (const { path } of members) {
    for (let slash = path.indexOf("/"); slash > 0; slash = path.indexOf("/", slash + 1)) {
      if (paths.has(path.slice(0, slash))) throw bad(`${path.slice(0, slash)} is both a file and a folder`);
    }
  }
  let from = 0;
  for (const member of members.toSorted((a, b) => a.at - b.at)) {
    if (member.at < from) throw bad(`${member.path} lies over another file`);
    from = endOf(member, view, archive, end);
  }
}

/** Where a member's content ends, after its own header has been compared with the directory. */
function endOf({ at, path, packed }: Member, view: DataView, archive: Uint8Array, end: number): number {
  if (at + 30 > end || view.getUint32(at, true) !== HEADER_SIGNATURE) throw bad(`${path} has no header`);
  const nameEnd = at + 30 + view.getUint16(at + 26, true);
  const last = nameEnd + view.getUint16(at + 28, true) + packed;
  if (last > end) throw bad(`${path} reaches beyond its place`);
  if (textOf(archive.subarray(at + 30, nameEnd)) !== path) throw bad(`${path} has two names`);
  return last;
}

function textOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw bad("a name in it is not UTF-8");
  }
}

function bad(reason: string): Fault {
  return new Fault("bad_archive", `Cannot read the archive: ${reason}`);
}
