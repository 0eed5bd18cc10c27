/**
 * A worker that opens an interpreter as asked and runs what it is sent. Fixture of the tests beside it.
 *
 * @module
 */
import process from "node:process";
import { type Interpreter, openInterpreter } from "../../../sandbox/python/interpreter.ts";

// As the kernel's bootstrap does, so that no package finds an environment.
Object.defineProperty(process, "env", { value: Object.create(null), writable: true, configurable: true });

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent) => void;
  postMessage(message: unknown): void;
};
let interpreter: Promise<Interpreter>;

scope.onmessage = async ({ data: { open, code, how } }) => {
  try {
    if (open !== undefined) {
      await (interpreter = openInterpreter(open));
      scope.postMessage({ opened: granted() });
    } else scope.postMessage({ result: await (await interpreter).run(code, how) });
  } catch (error) {
    scope.postMessage({ failed: { code: (error as { code?: string }).code, message: String(error) } });
  }
};

/** What this worker, outside Python, can still do. */
function granted(): string[] {
  const attempts: Record<string, () => unknown> = {
    read: () => Deno.readTextFileSync(new URL("package.json", import.meta.resolve("pyodide"))),
    write: () => Deno.writeTextFileSync("/tmp/troupe-should-not-exist", ""),
    env: () => Deno.env.get("PATH"),
    sys: () => Deno.hostname(),
    run: () => new Deno.Command("true").outputSync(),
    net: () => Deno.listen({ port: 0 }).close(),
  };
  return Object.keys(attempts).filter((name) => {
    try {
      attempts[name]!();
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) return false;
      throw error;
    }
  });
}
