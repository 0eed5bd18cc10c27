/**
 * A worker with an interpreter whose gate is open: Python can reach JavaScript. Fixture of the tests beside it.
 *
 * @module
 */
import { type Engine, startEngine } from "../../../sandbox/python/engine.ts";

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: string): void;
  pending?: unknown;
};
let engine: Engine;

scope.onmessage = async ({ data }: MessageEvent<{ parts: Parameters<typeof startEngine>[0] } | string>) => {
  if (typeof data !== "string") {
    engine = await startEngine(data.parts, () => {});
    return scope.postMessage("started");
  }
  scope.pending = undefined;
  try {
    const value = engine.run(data);
    scope.postMessage(String(await scope.pending ?? value));
  } catch (error) {
    scope.postMessage(`failed: ${error}`);
  }
};
