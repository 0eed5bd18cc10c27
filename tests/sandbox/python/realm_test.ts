import assert from "node:assert/strict";
import { openPython } from "./open_python.ts";

/** Runs text as a worker that strips itself first; resolves to what the text says. `say` and `strip` are there for it. */
async function stripped(text: string): Promise<unknown> {
  const realm = new URL("../../../sandbox/python/realm.ts", import.meta.url).href;
  const body = `import { stripRealm } from ${JSON.stringify(realm)};
    const { port1, port2 } = new MessageChannel();
    postMessage(port2, [port2]);
    const say = (value) => port1.postMessage(value);
    try { stripRealm(); ${text} } catch (error) { say("failed: " + error); }`;
  const url = URL.createObjectURL(new Blob([body], { type: "text/javascript" }));
  const worker = new Worker(url, { type: "module" });
  try {
    return await new Promise((resolve, reject) => {
      worker.onerror = (event) => (event.preventDefault(), reject(new Error(event.message)));
      worker.onmessage = ({ data: port }: MessageEvent<MessagePort>) => {
        port.onmessage = ({ data }) => (port.close(), resolve(data));
      };
    });
  } finally {
    worker.terminate();
    URL.revokeObjectURL(url);
  }
}

Deno.test("nothing is left in a stripped worker that sends, loads or makes code", async () => {
  const names =
    ("Deno process fetch postMessage Worker WebSocket EventSource eval XMLHttpRequest importScripts " +
      "BroadcastChannel MessageChannel Blob URL navigator caches localStorage close reportError SharedArrayBuffer Atomics " +
      "onmessage prompt alert structuredClone Request Response ReadableStream WebTransport").split(" ");
  assert.deepEqual(
    await stripped(`say(${JSON.stringify(names)}.filter((name) => globalThis[name] !== undefined))`),
    [],
  );
});

Deno.test("text does not become code in a stripped worker", async () => {
  const makers = [
    "Function('return 1')()",
    "new Function('return 1')()",
    "(() => {}).constructor('return 1')()",
    "(async () => {}).constructor('return 1')()",
    "(function* () {}).constructor('return 1')()",
    "(async function* () {}).constructor('return 1')()",
    "class A {}\nA.constructor('return 1')()",
    "Object.constructor('return 1')()",
    "Reflect.construct(Function, ['return 1'])()",
    "globalThis.eval('1')",
    "(0, eval)('1')",
    "setTimeout('said = 1')",
  ];
  const tries = makers.map((maker) =>
    `try { const made = (() => { ${
      maker.replace(/(.*)$/, "return $1")
    } })(); if (made !== undefined) found.push(${JSON.stringify(maker)}) } catch {}`
  );
  assert.deepEqual(await stripped(`const found = []; ${tries.join("\n")}; say(found)`), []);
});

Deno.test("what an interpreter needs is left, and nothing more of it", async () => {
  const expected = { random: 8, time: "number", names: ["getRandomValues"], text: "é", frozen: true };
  const told = await stripped(`
    const random = crypto.getRandomValues(new Uint8Array(8)).length;
    const names = Object.getOwnPropertyNames(crypto);
    const text = new TextDecoder().decode(new TextEncoder().encode("é"));
    say({ random, time: typeof performance.now(), names, text, frozen: Object.isFrozen(crypto) })`);
  assert.deepEqual(told, expected);
});

Deno.test("the worker of an interpreter is stripped, also for those opened after it", async () => {
  using python = await openPython();
  const globals = await python.renew();
  const dangerous = ["Deno", "process", "fetch", "Worker", "eval", "postMessage"];
  assert.deepEqual(dangerous.filter((name) => globals.includes(name)), []);
  assert.ok(globals.includes("WebAssembly"), "it looked");
  assert.ok(globals.length < 110, `${globals.length} globals: ${globals}`);
  assert.equal((await python.run("1 + 1")).value, "2");
});
