/**
 * A worker with an interpreter in it, made of what it is sent, that runs what it is told. Fixture of the tests beside it.
 *
 * @module
 */
import { type Interpreter, openInterpreter } from "../../../sandbox/python/interpreter.ts";
import type { Ask, Said } from "./open_python.ts";

const scope = globalThis as unknown as { onmessage: (event: MessageEvent) => void };
let interpreter: Interpreter;

scope.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
  const say = (said: Said) => port.postMessage(said);
  port.onmessage = ({ data }: MessageEvent<Ask>) => {
    answer(data, say).catch((error) => say({ op: "failed", message: String(error) }));
  };
};

async function answer(ask: Ask, say: (said: Said) => void): Promise<void> {
  if (ask.op === "open") {
    interpreter = await openInterpreter(ask.module, ask.image, { fileBytes: ask.fileBytes });
    const scope = globalThis as unknown as Record<string, unknown>;
    const globals = Object.getOwnPropertyNames(scope).filter((name) => scope[name] !== undefined);
    say({ op: "opened", globals });
  } else if (ask.op === "answer") interpreter.answer(ask.id, ask.answer);
  else if (ask.op === "interrupt") interpreter.interrupt();
  else {
    const result = await interpreter.run(ask.run, {
      output: (channel, text) => say({ op: "output", channel, text }),
      call: (id, name, args) => say({ op: "call", id, name, args }),
      packages: (id, names) => say({ op: "packages", id, names: [...names] }),
    });
    say({ op: "ended", result });
  }
}
