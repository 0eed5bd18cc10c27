import assert from "node:assert/strict";
import { DEVICE, Device } from "../../../sandbox/python/device.ts";
import type { Engine, Imports } from "../../../sandbox/python/engine.ts";

class ErrnoError extends Error {
  constructor(readonly errno: number) {
    super(`errno ${errno}`);
  }
}

const EINTR = -27, EINVAL = 28, POLLIN = 1, POLLOUT = 4;
const DEVICE_FD = 3, FILE_FD = 4;

interface Ends {
  device: Device;
  heard: unknown[];
  /** What the interpreter does with the device's file. */
  read(length: number): Uint8Array;
  write(bytes: Uint8Array | number[]): number;
  /** What it does to wait: events asked for by file; answers how many are ready, and what each is ready for. */
  poll(
    files: [fd: number, events: number][],
    ms: number,
  ): { ready: number | Promise<number>; events(): number[] };
  /** Waits the device asked for. */
  alarms: { callback: () => void; ms: number }[];
  interrupts: { next: number; interrupted: boolean };
}

/** A device whose other end is in the test's hands. */
function ends(): Ends {
  const alarms: Ends["alarms"] = [], heard: unknown[] = [];
  const interrupts = { next: Infinity, interrupted: false };
  const device = new Device((frame) => heard.push(frame), {
    get next() {
      return interrupts.next;
    },
    check: () => interrupts.interrupted,
  }, (callback, ms) => alarms.push({ callback, ms }));
  const memory = new ArrayBuffer(256);
  const HEAP32 = new Int32Array(memory), HEAP16 = new Int16Array(memory);
  let operations!: {
    read(stream: unknown, buffer: Uint8Array, offset: number, length: number): number;
    write(stream: unknown, buffer: Uint8Array, offset: number, length: number): number;
  };
  const engine = {
    memory: { HEAP32, HEAP16, HEAPU8: new Uint8Array(memory) },
    fs: {
      ErrnoError,
      makedev: () => 1,
      registerDevice: (_device: number, given: typeof operations) => operations = given,
      mkdev: (path: string) => assert.equal(path, DEVICE),
      getStream: (fd: number) => ({ path: fd === DEVICE_FD ? DEVICE : "/workspace/a" }),
    },
  } as unknown as Engine;
  const wait = waitOf(device, engine);
  device.install(engine);
  return {
    device,
    heard,
    alarms,
    interrupts,
    read(length) {
      const buffer = new Uint8Array(length + 2);
      return buffer.slice(1, 1 + operations.read(undefined, buffer, 1, length));
    },
    write: (bytes) => operations.write(undefined, new Uint8Array([0, ...bytes, 0]), 1, bytes.length),
    poll(files, ms) {
      for (const [at, [fd, events]] of files.entries()) {
        HEAP32[4 + at * 2] = fd;
        HEAP16[8 + at * 4 + 2] = events;
        HEAP16[8 + at * 4 + 3] = -1;
      }
      return {
        ready: wait(16, files.length, ms),
        events: () => files.map((_, at) => HEAP16[8 + at * 4 + 3]!),
      };
    },
  };
}

type Wait = (fds: number, count: number, ms: number) => number | Promise<number>;

/** The function that the device gives to WebAssembly, which only calls it from there. */
function waitOf(device: Device, engine: Engine): Wait {
  const wasm = WebAssembly as unknown as { Suspending: unknown };
  const { Suspending } = wasm;
  wasm.Suspending = class {
    constructor(readonly wait: Wait) {}
  };
  try {
    const imports: Imports = {};
    device.guard(imports, () => engine);
    return (imports.__syscall_poll as { wait: Wait }).wait;
  } finally {
    wasm.Suspending = Suspending;
  }
}

function frame(text: string): number[] {
  const bytes = new TextEncoder().encode(text);
  return [...new Uint8Array(new Uint32Array([bytes.length]).buffer), ...bytes];
}

Deno.test("frames are heard however they are cut and joined", () => {
  const first = frame('{"op":"é"}'), second = frame("[2]");
  for (const size of [1, 3, 4, 5, 1_000]) {
    const { heard, write } = ends();
    const all = [...first, ...second, ...first];
    for (let at = 0; at < all.length; at += size) write(all.slice(at, at + size));
    assert.deepEqual(heard, [{ op: "é" }, [2], { op: "é" }], `pieces of ${size}`);
  }
});

Deno.test("junk is passed over, and what follows it is heard", () => {
  const { heard, write } = ends();
  for (const text of ["{", "undefined", "\ufffd", ""]) write(frame(text));
  write([2, 0, 0, 0, 0xff, 0xfe]);
  write(frame("null"));
  write(frame("1"));
  assert.deepEqual(heard, [null, 1]);
});

Deno.test("a frame that is too long is refused before it is kept", () => {
  const { heard, write } = ends();
  const MIB = 1024 * 1024, piece = new Uint8Array(MIB);
  write([255, 255, 255, 255]);
  for (let written = 0; written < 16; written++) assert.equal(write(piece), MIB);
  assert.throws(() => write([0]), (error) => error instanceof ErrnoError && error.errno === EINVAL);
  assert.throws(() => ends().write(new Uint8Array(16 * MIB + 5)), ErrnoError);
  assert.deepEqual(heard, []);
});

Deno.test("a frame for the program is read in pieces of any size, one after the other", () => {
  const { device, read } = ends();
  assert.equal(read(10).length, 0);
  device.send({ id: "é" });
  device.send(1);
  const expected = [...frame('{"id":"é"}'), ...frame("1")];
  const got: number[] = [];
  for (let piece = read(3); piece.length > 0; piece = read(3)) got.push(...piece);
  assert.deepEqual(got, expected);
  device.send(2);
  assert.deepEqual([...read(100)], frame("2"));
});

Deno.test("what is ready at once needs no wait", () => {
  const { device, poll, alarms } = ends();
  const files: [number, number][] = [[DEVICE_FD, POLLIN], [FILE_FD, POLLIN | POLLOUT]];
  let { ready, events } = poll(files, 1_000);
  assert.deepEqual([ready, events()], [1, [0, POLLIN | POLLOUT]]);
  ({ ready, events } = poll([[DEVICE_FD, POLLIN]], 0));
  assert.deepEqual([ready, events()], [0, [0]]);
  ({ ready, events } = poll([[DEVICE_FD, POLLIN | POLLOUT]], -1));
  assert.deepEqual([ready, events()], [1, [POLLOUT]]);
  device.send(1);
  ({ ready, events } = poll([[DEVICE_FD, POLLIN]], -1));
  assert.deepEqual([ready, events()], [1, [POLLIN]]);
  assert.equal(alarms.length, 0);
});

Deno.test("a wait ends when a frame comes", async () => {
  const { device, poll } = ends();
  const { ready, events } = poll([[DEVICE_FD, POLLIN]], -1);
  assert.ok(ready instanceof Promise);
  device.send(1);
  assert.equal(await ready, 1);
  assert.deepEqual(events(), [POLLIN]);
});

Deno.test("a wait ends when its time is over, and not before", async () => {
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    const { poll, alarms, device } = ends();
    const { ready } = poll([], 50);
    assert.deepEqual(alarms.map(({ ms }) => ms), [50]);
    time = 20;
    device.wake();
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(alarms.map(({ ms }) => ms), [50, 30], "woken for nothing it waits for the rest");
    time = 50;
    alarms[1]!.callback();
    assert.equal(await ready, 0);
  } finally {
    performance.now = now;
  }
});

Deno.test("an interrupt ends a wait, and the next one before it begins", async () => {
  const { device, poll, interrupts } = ends();
  const { ready } = poll([[DEVICE_FD, POLLIN]], -1);
  interrupts.interrupted = true;
  device.wake();
  assert.equal(await ready, EINTR);
  assert.equal(poll([[FILE_FD, POLLIN]], -1).ready, EINTR);
});

Deno.test("a wait is broken off when something will have to be seen to", () => {
  const { poll, alarms, interrupts } = ends();
  interrupts.next = performance.now() + 1_000;
  void poll([], -1);
  assert.ok(alarms[0]!.ms > 900 && alarms[0]!.ms <= 1_000, String(alarms[0]!.ms));
});
