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
