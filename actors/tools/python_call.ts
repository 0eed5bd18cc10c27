/**
 * One run of code in one sandbox: files in, what it prints and asks for while it runs, result and files out.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Packages } from "../../protocols/messages/packages.ts";
import type { PythonError, PythonReply, PythonRun } from "../../protocols/messages/python.ts";
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { Channel } from "../../protocols/messages/tool.ts";
import { GRACE_MS } from "../../sandbox/python/alarm.ts";
import type { ToolContext } from "./invocation.ts";
import { checkedItem, checkedReply } from "./python_reply.ts";
import type { Sandbox } from "./python_sandboxes.ts";

/** What came of a run, complete or cut off. */
export interface Ran {
  readonly printed: Readonly<Record<Channel, string>>;
  readonly reply: PythonReply;
}

/** Times a run may ask for packages; it does so once. */
const MAX_REQUESTS = 10;
/** Milliseconds after the last word of the interpreter's own alarm until its caller gives it up. */
const MARGIN_MS = 150;

/** Runs code. Whatever happens to the sandbox is part of the result; it then is `broken`. */
export async function runIn(
  sandbox: Sandbox,
  run: PythonRun,
  context: ToolContext,
  packages: ActorRef<typeof Packages> | null,
): Promise<Ran> {
  const printed: Record<Channel, string> = { stdout: "", stderr: "" };
  const timeoutMs = run.timeoutMs + GRACE_MS + MARGIN_MS;
  try {
    const stream = sandbox.ref.stream("run", run, { timeoutMs, signal: context.signal });
    let left = run.outputBytes * 2, requests = 0;
    for await (const value of stream) {
      const item = checkedItem(value);
      if (item.type === "output") {
        left -= item.text.length;
        if (left < 0) throw new Fault("bad_reply", "The sandbox sent more than a program may print");
        printed[item.channel] += item.text;
        context.output(item.channel, item.text);
      } else if (item.type === "call") void call(sandbox, item, context);
      else if (++requests > MAX_REQUESTS) {
        throw new Fault("bad_reply", "The sandbox asked for too many packages");
      } else void supply(sandbox, item, packages, context);
    }
    return { printed, reply: checkedReply(await stream.reply, run) };
  } catch (error) {
    const reply = context.signal.aborted ? await interrupted(sandbox, run) : ended(Fault.of(error), run);
    return { printed, reply };
  }
}

/** Nobody waits for the code any more: it was interrupted, and if it heeds that, its session goes on. */
async function interrupted({ ref }: Sandbox, run: PythonRun): Promise<PythonReply> {
  try {
    return checkedReply(await ref.call("latest", {}, { timeoutMs: GRACE_MS + MARGIN_MS }), run);
  } catch (error) {
    return ended(Fault.of(error), run);
  }
}

async function call(
  { ref }: Sandbox,
  { id, name, arguments: text }: { id: string; name: string; arguments: string },
  context: ToolContext,
): Promise<void> {
  try {
    const outcome = await context.use(name, Object(JSON.parse(text)));
    ref.cast("answer", { id, outcome });
  } catch (error) {
    answerFault(() => {
      ref.cast("answer", { id, outcome: { ok: false, kind: "permanent", message: Fault.of(error).message } });
    });
  }
}

/** A wheel that cannot be had leaves its import to fail, with the reason. */
async function supply(
  { ref }: Sandbox,
  { id, names }: { id: string; names: string[] },
  packages: ActorRef<typeof Packages> | null,
  { signal }: ToolContext,
): Promise<void> {
  const refused: Record<string, string> = {}, wheels: string[] = [], native: string[] = [];
  try {
    if (packages === null) {
      for (const name of names) refused[name] = notInstalled(name);
    } else {
      const options = { timeoutMs: PACKAGES_MS, signal };
      const found = await packages.call("provide", { imports: names }, options);
      for (const { import: name, message } of found.denied) refused[name] = message;
      for (const wheel of found.wheels) {
        let base64 = "";
        for await (const piece of packages.stream("bytes", { sha256: wheel.sha256 }, options)) {
          base64 += piece;
        }
        wheels.push(base64);
        if (wheel.native.length > 0) native.push(...await nativeIn(base64));
      }
    }
  } catch (error) {
    for (const name of names) refused[name] ??= Fault.of(error).message;
  }
  answerFault(() => ref.cast("supply", { id, wheels, native, refused }));
}

/** The only libraries Python may load. */
async function nativeIn(wheel: string): Promise<string[]> {
  const { nativeCode } = await import("../../sandbox/packages/wheel.ts");
  return [...nativeCode(Uint8Array.fromBase64(wheel)).values()].map((code) => code.toBase64());
}

/** Milliseconds that getting packages may take; the run's own limit goes on meanwhile. */
const PACKAGES_MS = 120_000;

/** A sandbox that is gone needs no answer. */
function answerFault(send: () => void): void {
  try {
    send();
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
}

function notInstalled(name: string): string {
  return `No module named '${name}' here. Packages are not installed unless the configuration allows them: ` +
    `[python.packages] allow = ["${name}"]`;
}

/** The sandbox ended before it answered. */
function ended({ code, message }: Fault, { timeoutMs }: PythonRun): PythonReply {
  const kind: PythonError["kind"] = code === "timeout" || /by its deadline/.test(message)
    ? "timeout"
    : /out of memory/i.test(message)
    ? "memory"
    : "stopped";
  const said = {
    timeout: `The code was stopped: it ran longer than ${timeoutMs} ms`,
    memory: "The code was stopped: its process ran out of memory",
    stopped: `The sandbox was stopped: ${message}`,
  }[kind];
  return {
    value: null,
    error: { kind, message: said, traceback: "" },
    dropped: { stdout: 0, stderr: 0 },
    files: [],
    paths: [],
    omitted: 0,
    broken: true,
  };
}
