/**
 * Pyodide in a worker as anybody would start it.
 *
 * @module
 */
const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<string>) => void;
  postMessage(message: unknown): void;
};

const { loadPyodide } = await import("pyodide");
const python = await loadPyodide();

/** Answers with the milliseconds the interpreter took. */
scope.onmessage = async ({ data }) => {
  const start = performance.now();
  await python.runPythonAsync(data);
  scope.postMessage(performance.now() - start);
};
scope.postMessage("ready");
