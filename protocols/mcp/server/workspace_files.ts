/**
 * Files of the workspace as resources: what a person would show around, and nothing that says what is run or holds keys.
 *
 * @module
 */
import { join } from "node:path";
import {
  type Resource,
  ResourceNotFoundError,
  type TextResourceContents,
} from "@modelcontextprotocol/server";
import type { BlobResourceContents } from "@modelcontextprotocol/server";
import { decodeText } from "../../../sandbox/patch/text_lines.ts";
import { closedPart } from "../../../sandbox/files/closed.ts";
import { contain } from "../../../sandbox/files/contain.ts";
import { fileFault } from "../../../sandbox/files/file_fault.ts";
import { Fault } from "../../messages/fault.ts";

/** What their addresses begin with. */
export const FILES = "troupe://workspace/";

/** Files that are listed; all can be read. */
const LISTED_FILES = 500;
/** Entries that are looked at for the list. */
const SEEN = 5_000;
/** Bytes of a file that can be read. */
const READ_BYTES = 4 * 1024 * 1024;

/** Folders of other people's code: their files can be read, a list of them helps nobody. */
const BULKY: ReadonlySet<string> = new Set(["node_modules", "__pycache__", "target", "dist", "vendor"]);

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  csv: "text/csv",
  css: "text/css",
  gif: "image/gif",
  html: "text/html",
  jpeg: "image/jpeg",
  jpg: "image/jpeg",
  js: "text/javascript",
  json: "application/json",
  md: "text/markdown",
  pdf: "application/pdf",
  png: "image/png",
  py: "text/x-python",
  svg: "image/svg+xml",
  toml: "application/toml",
  ts: "text/typescript",
  txt: "text/plain",
  webp: "image/webp",
  xml: "application/xml",
  yaml: "application/yaml",
  yml: "application/yaml",
};

/** The files of a workspace, sorted by folder, at most 500. Links are not followed. */
export async function listFiles(workspace: string): Promise<Resource[]> {
  const files: Resource[] = [];
  const folders = [""];
  let seen = 0;
  for (const folder of folders) {
    for (const { name, isFile, isDirectory } of await entriesOf(join(workspace, folder))) {
      const path = folder === "" ? name : `${folder}/${name}`;
      if (++seen > SEEN || files.length >= LISTED_FILES) return files;
      if (name.startsWith(".") || isClosed(path)) continue;
      if (isDirectory && !BULKY.has(name)) folders.push(path);
      if (isFile) files.push({ uri: uriOf(path), name: path, ...mediaType(path) });
    }
  }
  return files;
}

/**
 * The file at an address.
 * @throws {ResourceNotFoundError} for what is not there, closed, or outside: all look the same.
 * @throws {Fault} code `too_large`.
 */
export async function readFileAt(
  workspace: string,
  uri: string,
): Promise<TextResourceContents | BlobResourceContents> {
  const path = pathIn(uri);
  const bytes = path === undefined ? undefined : await bytesOf(workspace, path);
  if (path === undefined || bytes === undefined) throw new ResourceNotFoundError(uri);
  const text = decodeText(bytes);
  return text === undefined
    ? { uri, mimeType: mediaType(path).mimeType ?? "application/octet-stream", blob: bytes.toBase64() }
    : { uri, mimeType: mediaType(path).mimeType ?? "text/plain", text };
}

async function entriesOf(folder: string): Promise<Deno.DirEntry[]> {
  const entries: Deno.DirEntry[] = [];
  try {
    for await (const entry of Deno.readDir(folder)) entries.push(entry);
  } catch (error) {
    // It went away, or may not be read: then nothing in it is shown.
    if (!(error instanceof Error && "code" in error)) throw error;
  }
  return entries.sort((one, other) => one.name < other.name ? -1 : 1);
}

/** Whether nobody outside is to see it: what tools may not write, and files of environment variables anywhere. */
function isClosed(path: string): boolean {
  return closedPart(path) !== undefined || path.split("/").some((part) => /^\.env(\.|$)/i.test(part));
}

function uriOf(path: string): string {
  return FILES + path.split("/").map(encodeURIComponent).join("/");
}

function pathIn(uri: string): string | undefined {
  if (!uri.startsWith(FILES)) return undefined;
  try {
    return decodeURIComponent(uri.slice(FILES.length));
  } catch {
    return undefined; // no proper percent-encoding
  }
}

/** Undefined for what is not to be seen: not there, closed, outside, no file. */
async function bytesOf(workspace: string, path: string): Promise<Uint8Array | undefined> {
  try {
    const target = contain(workspace, path);
    const below = target.slice(workspace.replace(/\/+$/, "").length);
    if (isClosed(below)) return undefined;
    const { isFile, size } = await Deno.stat(target);
    if (!isFile) return undefined;
    if (size > READ_BYTES) {
      throw new Fault(
        "too_large",
        `Cannot read ${path}: it has ${size} bytes, at most ${READ_BYTES} are served`,
      );
    }
    return await Deno.readFile(target);
  } catch (error) {
    const { code } = fileFault("read", path, error);
    if (["not_found", "denied", "bad_path"].includes(code)) return undefined;
    throw error;
  }
}

function mediaType(path: string): { mimeType?: string } {
  const mimeType = MEDIA_TYPES[path.slice(path.lastIndexOf(".") + 1).toLowerCase()];
  return mimeType === undefined ? {} : { mimeType };
}
