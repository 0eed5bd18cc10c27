/**
 * The files of an interpreter: in memory, bounded, and with a list of what was written.
 *
 * @module
 */

/** What is used of Emscripten's file system. Paths are absolute; modes and flags are those of POSIX. */
export interface FileSystem {
  /** Whether modes of files are looked at. */
  ignorePermissions: boolean;
  readonly filesystems: { readonly MEMFS: MemoryFiles };
  readonly ErrnoError: new (errno: number) => Error;
  readonly nameTable: (Node | undefined)[];
  readonly streams: ({ readonly node: Node } | undefined | null)[];
  createNode(parent: Node, name: string, mode: number, rdev: number): Node;
  mkdirTree(path: string): void;
  writeFile(path: string, data: Uint8Array, options?: { canOwn: boolean }): void;
  readFile(path: string): Uint8Array;
  readdir(path: string): string[];
  lookupPath(path: string, options?: { follow?: boolean }): { readonly node: Node };
  analyzePath(path: string): { readonly exists: boolean };
  isFile(mode: number): boolean;
  isDir(mode: number): boolean;
  unlink(path: string): void;
  chdir(path: string): void;
  chmod(path: string, mode: number): void;
  makedev(major: number, minor: number): number;
  registerDevice(device: number, operations: object): void;
  mkdev(path: string, mode: number, device: number): void;
  open(path: string, flags: number): { readonly fd: number };
  close(stream: unknown): void;
  getStream(fd: number): unknown;
}

/** A file, a folder, a link, a device. */
interface Node {
  readonly mode: number;
  readonly link?: string;
  readonly name_next?: Node;
  contents?: Uint8Array;
  usedBytes?: number;
  /** The path below the folder under which whoever is outside has this content. */
  told?: string;
}

interface MemoryFiles {
  readonly ops_table: {
    readonly file: { readonly stream: { write: Write } };
    readonly dir: { readonly node: { symlink(parent: Node, name: string, target: string): Node } };
  };
  expandFileStorage(node: Node, capacity: number): void;
  resizeFileStorage(node: Node, size: number): void;
  createNode(parent: Node, name: string, mode: number, rdev: number): Node;
}

type Write = (
  stream: { readonly node: Node },
  buffer: Uint8Array,
  offset: number,
  length: number,
  position: number,
  canOwn?: boolean,
) => number;

const ENOSPC = 51, ENAMETOOLONG = 37;
/** Files, folders and links, at most. */
const MAX_NODES = 20_000;
/** Characters of a path that comes back, and of what a link says. */
const LONGEST_PATH = 4_096;
/** Characters of a name. */
const MAX_NAME = 255;

/** Bounds what files can use, `bytes` together, and notes which are written. The size of what is there now counts. */
export function boundFiles(fs: FileSystem, bytes: number): void {
  const { MEMFS } = fs.filesystems;
  let used = sizeOfAll(fs), nodes = 0, counted = 0;
  const make = (capacity: number, node: Node) => {
    const more = capacity - (node.contents?.length ?? 0);
    // What was deleted is free again: counted anew only when there seems to be no room.
    if (used + more > bytes) used = sizeOfAll(fs);
    if (used + more > bytes) throw new fs.ErrnoError(ENOSPC);
    node.told = undefined;
  };
  const count = (node: Node, before: number) => {
    const more = (node.contents?.length ?? 0) - before;
    used += more;
    counted += more;
  };
  const { expandFileStorage, resizeFileStorage } = MEMFS;
  MEMFS.expandFileStorage = (node, capacity) => {
    const before = node.contents?.length ?? 0;
    // It grows by a factor: this is the most it can become.
    make(
      capacity <= before ? before : Math.max(capacity, Math.min(before * 2, before + 1_048_576), 256),
      node,
    );
    expandFileStorage(node, capacity);
    count(node, before);
  };
  MEMFS.resizeFileStorage = (node, size) => {
    const before = node.contents?.length ?? 0;
    make(size, node);
    resizeFileStorage(node, size);
    count(node, before);
  };
  const stream = MEMFS.ops_table.file.stream;
  const { write } = stream;
  stream.write = (target, buffer, offset, length, position, canOwn) => {
    const before = target.node.contents?.length ?? 0;
    make(Math.max(before, position + length), target.node);
    counted = 0; // what it counts itself, by making the file larger
    const written = write(target, buffer, offset, length, position, canOwn);
    used += (target.node.contents?.length ?? 0) - before - counted;
    return written;
  };
  const { createNode } = MEMFS;
  MEMFS.createNode = (parent, name, mode, rdev) => {
    if (name.length > MAX_NAME) throw new fs.ErrnoError(ENAMETOOLONG);
    if (++nodes > MAX_NODES) nodes = nodesOf(fs).size;
    if (nodes > MAX_NODES) throw new fs.ErrnoError(ENOSPC);
    return createNode(parent, name, mode, rdev);
  };
  const folder = MEMFS.ops_table.dir.node;
  const { symlink } = folder;
  folder.symlink = (parent, name, target) => {
    if (target.length > LONGEST_PATH) throw new fs.ErrnoError(ENAMETOOLONG);
    return symlink(parent, name, target);
  };
}

/** A file that goes in or comes out. */
export interface SandboxFile {
  /** Below the folder, with "/". */
  readonly path: string;
  readonly bytes: Uint8Array;
}

/**
 * Writes files below a folder, which then count as known. Where a program has made that impossible, it does without
 * them.
 */
export function putFiles(fs: FileSystem, folder: string, files: readonly SandboxFile[]): void {
  for (const { path, bytes } of files) {
    const full = `${folder}/${path}`;
    attempt(fs, () => {
      fs.mkdirTree(full.slice(0, full.lastIndexOf("/")));
      fs.writeFile(full, bytes);
      fs.lookupPath(full).node.told = path;
    });
  }
}

/**
 * What was written or moved below a folder since it was last asked: regular files only, no link is followed.
 */
export function takeWritten(
  fs: FileSystem,
  folder: string,
  limits: { readonly files: number; readonly bytes: number },
): { files: SandboxFile[]; paths: string[]; omitted: number } {
  const files: SandboxFile[] = [], paths: string[] = [];
  let bytes = 0, omitted = 0;
  for (const { path, node } of regularFiles(fs, folder)) {
    paths.push(path);
    if (node.told === path) continue;
    const size = node.usedBytes ?? 0;
    if (files.length >= limits.files || bytes + size > limits.bytes) {
      omitted++;
      continue;
    }
    node.told = path;
    bytes += size;
    files.push({ path, bytes: copyOf(node, size) });
  }
  return { files, paths, omitted };
}

/** What a program wrote is kept as it came, which is not always as bytes without a sign. */
function copyOf({ contents }: Node, size: number): Uint8Array {
  return contents === undefined
    ? new Uint8Array()
    : new Uint8Array(contents.buffer, contents.byteOffset, size).slice();
}

function* regularFiles(fs: FileSystem, folder: string): Generator<{ path: string; node: Node }> {
  const top = attempt(fs, () => fs.lookupPath(folder, { follow: false }).node);
  const waiting = top !== undefined && fs.isDir(top.mode) ? [""] : [];
  while (waiting.length > 0) {
    const below = waiting.pop()!;
    for (const name of attempt(fs, () => fs.readdir(`${folder}/${below}`)) ?? []) {
      const path = below === "" ? name : `${below}/${name}`;
      if (name === "." || name === ".." || path.length > LONGEST_PATH) continue;
      const node = attempt(fs, () => fs.lookupPath(`${folder}/${path}`, { follow: false }).node);
      if (node === undefined) continue;
      if (fs.isDir(node.mode)) waiting.push(path);
      else if (fs.isFile(node.mode)) yield { path, node };
    }
  }
}

/** Undefined when the file system refuses. The modes a program has given its files are for the program. */
function attempt<T>(fs: FileSystem, act: () => T): T | undefined {
  fs.ignorePermissions = true;
  try {
    return act();
  } catch (error) {
    if (error instanceof fs.ErrnoError) return undefined;
    throw error;
  } finally {
    fs.ignorePermissions = false;
  }
}

function sizeOfAll(fs: FileSystem): number {
  let total = 0;
  for (const { contents } of nodesOf(fs)) total += contents?.length ?? 0;
  return total;
}

function nodesOf(fs: FileSystem): Set<Node> {
  const nodes = new Set<Node>();
  for (let node of fs.nameTable) for (; node !== undefined; node = node.name_next) nodes.add(node);
  for (const stream of fs.streams) if (stream) nodes.add(stream.node); // deleted and still open
  return nodes;
}
