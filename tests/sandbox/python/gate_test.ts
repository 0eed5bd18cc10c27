import assert from "node:assert/strict";
import type { Imports } from "../../../sandbox/python/engine.ts";
import { Gate, Violation } from "../../../sandbox/python/gate.ts";

type Call = (...args: unknown[]) => unknown;

/** Functions as Pyodide hands them over: allowed, refused and unknown ones, and what is none. */
function handed(): Imports {
  return {
    fd_write: () => "written",
    __syscall_socket: () => "socket",
    _emscripten_system: Object.assign(() => "system", { sig: "ip" }),
    _maybe_poll_async: () => "polled",
    getprotobyname: () => "protocol",
    emscripten_run_script: Object.assign(() => "ran", { sig: "vp", stub: true }),
    JsProxy_GetAttr_js: (name: unknown) => `attribute ${name}`,
    memory: { buffer: 1 },
    constant: 7,
  };
}

function call(imports: Imports, name: string, ...args: unknown[]): unknown {
  return (imports[name] as Call)(...args);
}

Deno.test("an open gate changes nothing, a closed one lets through what is allowed alone", () => {
  const imports = handed(), before = { ...imports }, gate = new Gate();
  gate.guard(imports);
  assert.equal(imports.fd_write, before.fd_write);
  for (const name of Object.keys(before).filter((name) => typeof before[name] === "function")) {
    assert.equal(call(imports, name, "a"), (before[name] as Call)("a"), name);
  }
  assert.deepEqual([imports.memory, imports.constant], [before.memory, 7]);
  gate.close();
  const violated = () => gate.violation?.forbidden;
  assert.equal(violated(), undefined, "its own tries are none");
  assert.equal(call(imports, "fd_write"), "written");
  const answers = ["__syscall_socket", "_emscripten_system", "_maybe_poll_async", "getprotobyname"]
    .map((name) => call(imports, name, "a"));
  assert.deepEqual(answers, [-2, -52, null, 0]);
  assert.equal(violated(), undefined, "what is refused politely is no violation");
  assert.throws(() => call(imports, "JsProxy_GetAttr_js"), (error) => {
    return error instanceof Violation && error.forbidden === "JsProxy_GetAttr_js";
  });
  assert.throws(() => call(imports, "emscripten_run_script"), Violation);
  assert.equal(violated(), "JsProxy_GetAttr_js", "the first one is told");
});

Deno.test("what is not known is denied, whatever it is called", () => {
  for (
    const name of ["brand_new_js", "__proto__x", "hasOwnProperty", "constructor", "toString", "valueOf", ""]
  ) {
    const imports: Imports = { fd_write: () => 1 };
    Object.defineProperty(imports, name, {
      value: () => "done",
      enumerable: true,
      writable: true,
      configurable: true,
    });
    const gate = new Gate();
    gate.guard(imports);
    gate.close();
    assert.throws(() => call(imports, name), Violation, name);
  }
});

Deno.test("names of all objects are not found among the functions", () => {
  const imports = handed();
  new Gate().guard(imports);
  assert.equal(Object.getPrototypeOf(imports), null);
  for (const name of ["constructor", "toString", "__proto__", "hasOwnProperty"]) {
    assert.equal(imports[name], undefined, name);
  }
});

Deno.test("what the dynamic linker reads of a function is kept", () => {
  const imports = handed();
  new Gate().guard(imports);
  const { sig, stub } = imports.emscripten_run_script as { sig?: string; stub?: boolean };
  assert.deepEqual([sig, stub], ["vp", true]);
  assert.equal((imports._emscripten_system as { sig?: string }).sig, "ip");
  assert.ok(!("sig" in (imports.JsProxy_GetAttr_js as object)));
});

Deno.test("a gate that guards nothing does not close", () => {
  const gate = new Gate();
  gate.guard({ fd_write: () => 1, __syscall_socket: () => 1 });
  assert.throws(() => gate.close(), /Cannot contain Python: the gate guards nothing/);
  assert.throws(() => new Gate().close(), /guards nothing/);
});

Deno.test("a gate that has a hole does not close", () => {
  const fails = () => {
    throw new TypeError("no violation");
  };
  for (const [hole, message] of [[() => "done", /can still be called/], [fails, /no violation/]] as const) {
    const gate = new Gate();
    // Somebody between the gate and the functions it tries: each is replaced by the hole.
    const { push } = Array.prototype;
    Array.prototype.push = function (this: unknown[]) {
      return Reflect.apply(push, this, [hole]);
    };
    try {
      gate.guard({ emscripten_run_script: () => "ran" });
    } finally {
      Array.prototype.push = push;
    }
    assert.throws(() => gate.close(), message);
  }
});
