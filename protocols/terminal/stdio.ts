/**
 * The shell's surroundings as Deno gives them.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { Fault } from "../messages/fault.ts";
import { TerminalKeyboard } from "./keyboard.ts";
import type { Sink, Surroundings } from "./surroundings.ts";

/** Columns where no terminal says how many it has. */
const DEFAULT_COLUMNS = 80;

/** Milliseconds until a reader that has no room is tried again. */
const FULL_PIPE_MS = 5;

const ENCODER = new TextEncoder();

/** An output of this process. */
export type Output = Pick<typeof Deno.stdout, "write" | "isTerminal">;

/** All of the surroundings that the process itself gives. */
export function processSurroundings(): Omit<
  Surroundings,
  "openRuntime" | "openService" | "openPython" | "version" | "command"
> {
  return {
    stdout: sinkOf(Deno.stdout),
    stderr: sinkOf(Deno.stderr),
    stdin: () => Deno.stdin.readable,
    stdinTerminal: Deno.stdin.isTerminal(),
    openKeyboard: () => new TerminalKeyboard(),
    readText,
    env: (name) => Deno.env.get(name),
    program: ownProgram(),
    onSignal,
    clock: {
      now: () => Date.now(),
      every(ms, tick) {
        const timer = setInterval(tick, ms);
        return () => clearInterval(timer);
      },
    },
  };
}

/** An output as a sink: a reader that went away ends it quietly, one that is slow is waited for. */
export function sinkOf(output: Output): Sink {
  let open = true;
  const terminal = output.isTerminal();
  return {
    terminal,
    columns: () => terminal ? terminalColumns() : DEFAULT_COLUMNS,
    async write(text) {
      let rest = ENCODER.encode(text);
      while (open && rest.length > 0) {
        const written = await tryWrite(output, rest);
        if (written === undefined) open = false;
        else rest = rest.subarray(written);
      }
      return open;
    },
  };
}

/** Bytes written; undefined when the reader is gone. */
async function tryWrite(output: Output, bytes: Uint8Array): Promise<number | undefined> {
  try {
    return await output.write(bytes);
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return undefined;
    if (!(error instanceof Deno.errors.WouldBlock)) throw error;
    // Some parents hand their children pipes that do not block: full then is an error instead of a wait.
    await new Promise((resolve) => setTimeout(resolve, FULL_PIPE_MS));
    return 0;
  }
}

function terminalColumns(): number {
  try {
    return Deno.consoleSize().columns || DEFAULT_COLUMNS;
  } catch {
    return DEFAULT_COLUMNS; // only stdin, stdout and stderr all redirected have no size
  }
}

async function readText(path: string): Promise<string> {
  try {
    return new TextDecoder().decode(await Deno.readFile(path)); // which takes a byte order mark away
  } catch (error) {
    const reason = error instanceof Deno.errors.NotFound ? "there is no such file" : Fault.of(error).message;
    throw new Fault("usage", `Cannot read ${path}: ${reason}`, { cause: error });
  }
}

function ownProgram(): string[] {
  if (Deno.build.standalone) return [Deno.execPath()];
  return [Deno.execPath(), "run", "--no-prompt", "-A", fileURLToPath(Deno.mainModule)];
}

function onSignal(listener: () => void): () => void {
  const signals: Deno.Signal[] = Deno.build.os === "windows"
    ? ["SIGINT", "SIGBREAK"]
    : ["SIGINT", "SIGTERM", "SIGHUP"];
  for (const signal of signals) Deno.addSignalListener(signal, listener);
  return () => {
    for (const signal of signals) Deno.removeSignalListener(signal, listener);
  };
}
