/**
 * A server of Python as one would first write it: requests are lines of JSON on standard input, answers lines on
 * standard output, and the interpreter is a worker.
 *
 * @module
 */
interface Request {
  id: number;
  code: string;
  session?: string;
  timeoutMs: number;
}

const worker = new Worker(import.meta.resolve("./naive_worker.ts"), { type: "module" });
const interrupt = new Uint8Array(new SharedArrayBuffer(1));
const timers = new Map<number, ReturnType<typeof setTimeout>>();

function say(line: unknown): void {
  Deno.stdout.writeSync(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
}

worker.onmessage = ({ data }) => {
  clearTimeout(timers.get(data.id));
  interrupt[0] = 0;
  say(data);
};
worker.postMessage({ interrupt });

let rest = "";
for await (const text of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + text).split("\n");
  rest = lines.pop()!;
  for (const line of lines) {
    const request: Request = JSON.parse(line);
    timers.set(request.id, setTimeout(() => interrupt[0] = 2, request.timeoutMs));
    worker.postMessage(request);
  }
}
Deno.exit();
