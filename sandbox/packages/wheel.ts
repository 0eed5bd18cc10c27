/**
 * What is in a wheel: what it can be imported as, its native code, what it requires.
 *
 * @see https://packaging.python.org/specifications/binary-distribution-format/
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type ArchiveLimits, type Member, readDirectory, unpack } from "./archive.ts";
import { normalizeName } from "./names.ts";
import { checkRecord } from "./record.ts";

/** What a package says of itself. */
export interface Metadata {
  /** As written. */
  readonly name: string;
  readonly version: string;
  /** Its `Requires-Dist` lines. */
  readonly requires: readonly string[];
}

/** What a wheel holds. */
export interface WheelContents {
  readonly metadata: Metadata;
  /** Modules and packages at its top, sorted: what `import` can name. */
  readonly imports: readonly string[];
  /** Paths of the members that are native code, sorted. */
  readonly native: readonly string[];
}

/**
 * Looks into a wheel and compares every file with the hash its own list has of it.
 * @throws {Fault} code `bad_archive`: unreadable, not that package and version, or not what its list says.
 */
export async function inspectWheel(
  bytes: Uint8Array,
  wanted: { name: string; version: string },
  limits?: ArchiveLimits,
): Promise<WheelContents> {
  const members = readDirectory(bytes, limits);
  const folder = infoFolder(members, wanted.name);
  const metadata = parseMetadata(new TextDecoder().decode(contentOf(bytes, members, `${folder}/METADATA`)));
  if (normalizeName(metadata.name) !== wanted.name || metadata.version !== wanted.version) {
    throw bad(`it is ${metadata.name} ${metadata.version}, not ${wanted.name} ${wanted.version}`);
  }
  await checkRecord(bytes, members, folder, contentOf(bytes, members, `${folder}/RECORD`));
  return { metadata, imports: importsOf(members), native: nativeOf(members) };
}

/**
 * The native code of an archive by path: bytes a linker may be allowed to load.
 * @throws {Fault} code `bad_archive`.
 */
export function nativeCode(bytes: Uint8Array, limits?: ArchiveLimits): Map<string, Uint8Array> {
  const members = readDirectory(bytes, limits).filter(({ path }) => isNative(path));
  return new Map(members.map((member) => [member.path, unpack(bytes, member)]));
}

/**
 * Reads a `METADATA` file.
 * @throws {Fault} code `bad_archive` when it has no name or version.
 */
export function parseMetadata(text: string): Metadata {
  const [head = ""] = text.replaceAll("\r\n", "\n").split("\n\n");
  const fields = head.replace(/\n[ \t]+/g, " ").split("\n").map((line) => /^([\w-]+):\s*(.*)$/.exec(line));
  const all = (key: string) =>
    fields.filter((field) => field?.[1]?.toLowerCase() === key).map((field) => field![2]!.trim());
  const [name] = all("name");
  const [version] = all("version");
  if (name === undefined || version === undefined) throw bad("its METADATA has no name or version");
  return { name, version, requires: all("requires-dist") };
}

/** Paths of the members that are native code, sorted. */
export function nativeOf(members: readonly Member[]): string[] {
  return members.map(({ path }) => path).filter(isNative).sort();
}

function isNative(path: string): boolean {
  return /\.so(\.[\d.]+)?$/.test(path);
}

function infoFolder(members: readonly Member[], name: string): string {
  const folders = new Set(
    members.map(({ path }) => /^([^/]+\.dist-info)\//.exec(path)?.[1]).filter((one) => one !== undefined),
  );
  const [folder] = folders;
  const package_ = folder === undefined ? undefined : /^([^-]+)-/.exec(folder)?.[1];
  if (folders.size !== 1 || package_ === undefined || normalizeName(package_) !== name) {
    throw bad(`it has no information about ${name}, or more than one`);
  }
  return folder!;
}

function contentOf(bytes: Uint8Array, members: readonly Member[], path: string): Uint8Array {
  const member = members.find((one) => one.path === path);
  if (member === undefined) throw bad(`it has no ${path}`);
  return unpack(bytes, member);
}

/** Files that Python can import, or folders with such files in them. */
function importsOf(members: readonly Member[]): string[] {
  const found = new Set<string>();
  for (const { path } of members) {
    const place = path.replace(/^[^/]+\.data\/(purelib|platlib)\//, "");
    if (/^[^/]+\.(dist-info|data)\//.test(place) || !/\.(py|so)$/.test(place)) continue;
    const [top = ""] = place.split("/");
    const name = place === top ? top.split(".")[0]! : top;
    if (/^[\p{L}_][\p{L}\p{N}_]*$/u.test(name)) found.add(name);
  }
  return [...found].sort();
}

function bad(reason: string): Fault {
  return new Fault("bad_archive", `Cannot use the wheel: ${reason}`);
}
