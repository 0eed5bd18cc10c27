/**
 * What contains: Python in a worker that may do nothing, and file paths that cannot leave a folder.
 *
 * @module
 */
export { contain, type WorkspaceOptions } from "./files/contain.ts";
export { readText, type TextPiece } from "./files/read_text.ts";
export { replaceFile } from "./files/replace_file.ts";
export { type Listing, walkTree } from "./files/walk_tree.ts";
export {
  type Interpreter,
  type InterpreterOptions,
  openInterpreter,
  preloadPython,
  pyodideDirectory,
  type PythonError,
  type PythonResult,
  type PythonRun,
} from "./python/interpreter.ts";
export { decide } from "./capabilities/decide.ts";
export { ToolManifest } from "./capabilities/manifest.ts";
export { permissionsFor, type Scope } from "./capabilities/permissions.ts";
export { type Checked, Sandbox, type SandboxConfig } from "./capabilities/sandbox.ts";
export {
  type Bases,
  type Fingerprint,
  fingerprints,
  MIN_SECRET,
  randomBases,
} from "./secrets/fingerprint.ts";
export { RedactedEvents } from "./secrets/redacted_events.ts";
export { type Found, Redactor } from "./secrets/redactor.ts";
