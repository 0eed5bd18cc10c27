/**
 * Python as it is run when nobody thinks of an attack: Pyodide in a worker that may do all the process may.
 *
 * @module
 */
import type { PyodideAPI } from "pyodide";

interface Order {
  id: number;
  code: string;
  session?: string;
}

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown): void;
};
const sessions = new Map<string, unknown>();
let python: PyodideAPI;

scope.onmessage = async ({ data }: MessageEvent<Order & { interrupt?: Uint8Array }>) => {
  if (data.interrupt !== undefined) {
    const { loadPyodide } = await import("pyodide");
    python = await loadPyodide();
    python.setInterruptBuffer(data.interrupt);
    return scope.postMessage({ ready: true });
  }
  const answer = { stdout: "", stderr: "", value: null as string | null };
  python.setStdout({ write: (bytes) => (answer.stdout += new TextDecoder().decode(bytes), bytes.length) });
  python.setStderr({ write: (bytes) => (answer.stderr += new TextDecoder().decode(bytes), bytes.length) });
  try {
    const value = await python.runPythonAsync(data.code, { globals: globalsOf(data.session) as never });
    answer.value = value === undefined ? null : python.globals.get("repr")(value);
    scope.postMessage({ id: data.id, answer });
  } catch (error) {
    const traceback = String((error as Error).message);
    const message = traceback.trimEnd().split("\n").at(-1)!;
    const kind = /^KeyboardInterrupt/.test(message)
      ? "timeout"
      : /^MemoryError/.test(message)
      ? "memory"
      : "exception";
    scope.postMessage({ id: data.id, answer: { ...answer, error: { kind, message, traceback } } });
  }
};

function globalsOf(session: string | undefined): unknown {
  const kept = session === undefined ? undefined : sessions.get(session);
  const globals = kept ?? python.runPython("{'__name__': '__main__'}");
  if (session !== undefined) sessions.set(session, globals);
  return globals;
}
