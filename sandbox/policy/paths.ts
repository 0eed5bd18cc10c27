/**
 * Where a path leads, by its text alone: nothing is looked up, so links are not known of.
 *
 * @module
 */
import { type Field, rest, type Scope } from "./field.ts";

/**
 * Where an argument leads if it is a path: within the workspace; to the workspace itself or everything in it;
 * outside; or it cannot be known.
 */
export type Place = "inside" | "whole" | "outside" | "unknown";

/** Where `field` leads, in the worst of the folders the command may be in. */
export function placeOf(field: Field, scope: Scope): Place {
  const places = scope.folders.map((folder) => placeFrom(folder, field, scope));
  for (const worst of ["outside", "whole", "unknown"] as const) if (places.includes(worst)) return worst;
  return scope.lost && !field.text.startsWith("/") ? "unknown" : "inside";
}

/** The absolute paths an argument may be, one for each folder the command may be in. */
export function pathsOf({ text }: Field, scope: Scope): string[] {
  return [...new Set(scope.folders.map((folder) => resolve(folder, text)))];
}

/**
 * What in an argument may be a path: all of it, what follows a `=`, `:`, `,` or `@`, and in an option what follows
 * its letter or begins at a `/`.
 */
export function piecesOf(field: Field): Field[] {
  const { text } = field;
  const starts = new Set([0]);
  for (const { index } of text.matchAll(/[=:,@]/g)) starts.add(index + 1);
  if (/^-[^-]/.test(text)) {
    if (text.length > 2) starts.add(2);
    const slash = text.search(/[\/~]|\.\./);
    if (slash > 0) starts.add(slash);
  }
  return [...starts].filter((start) => start === 0 || start < text.length).map((start) => rest(field, start));
}

/** Whether `path` is `folder` or in it. Both are absolute and resolved. */
export function within(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder === "/" ? folder : `${folder}/`);
}

/** The absolute path that `path` names in `folder`, without `.`, `..` and doubled slashes. */
export function resolve(folder: string, path: string): string {
  const parts: string[] = [];
  for (const part of (path.startsWith("/") ? path : `${folder}/${path}`).split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return "/" + parts.join("/");
}

function placeFrom(folder: string, field: Field, { workspace }: Scope): Place {
  const { text, unknownAt, certain } = field;
  if (field.stream) return "inside";
  if (text.startsWith("~") && !certain) return "outside";
  const known = unknownAt === undefined ? text : text.slice(0, text.lastIndexOf("/", unknownAt - 1) + 1);
  if (unknownAt !== undefined) {
    // What begins with an unknown part may be absolute.
    return unknownAt === 0 || within(workspace, resolve(folder, known)) ? "unknown" : "outside";
  }
  const path = resolve(folder, text);
  if (!within(workspace, path)) return "outside";
  if (field.glob && text.split("/").some((part) => /^\.+[*?[]/.test(part))) return "outside";
  const left = path.slice(workspace === "/" ? 0 : workspace.length);
  if (left === "" || left === "/" || (field.glob && /^\/[*?]+$/.test(left))) return "whole";
  // The system follows links before it goes up, this text does not.
  return !certain || /(?:^|\/)(?!\.\.?\/)[^/]+\/+(?:\.\/+)*\.\.(?:\/|$)/.test(text) ? "unknown" : "inside";
}
