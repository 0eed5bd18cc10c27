import assert from "node:assert/strict";
import type { FileSystem } from "../../../sandbox/python/filesystem.ts";
import { type Channel, Output } from "../../../sandbox/python/output.ts";

type Write = (stream: unknown, buffer: Uint8Array, offset: number, length: number) => number;

interface Printing {
  output: Output;
  told: [Channel, string][];
  /** Writes text, or bytes, to file 1 or 2. */
  print(fd: 1 | 2, what: string | number[]): void;
  at(ms: number): void;
}

/** Output with a file system of which nothing is used but its devices, at a time of its own. */
function printing(test: (printing: Printing) => void): void {
  const writers = new Map<number, Write>(), opened: number[] = [];
  const fs = {
    unlink: () => {},
    makedev: (_major: number, minor: number) => minor,
    registerDevice: (fd: number, { write }: { write: Write }) => writers.set(fd, write),
    mkdev: () => {},
    getStream: (fd: number) => fd,
    close: () => {},
    open: () => ({ fd: opened.push(0) - 1 }),
  };
  const output = new Output(), told: [Channel, string][] = [];
  output.install(fs as unknown as FileSystem);
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    test({
      output,
      told,
      print(fd, what) {
        const bytes = typeof what === "string" ? new TextEncoder().encode(what) : new Uint8Array(what);
        const padded = new Uint8Array([120, ...bytes, 120]);
        assert.equal(writers.get(fd)!(undefined, padded, 1, bytes.length), bytes.length);
      },
      at: (ms) => time = ms,
    });
  } finally {
    performance.now = now;
  }
}

Deno.test("the first text is told at once, what follows quickly is told together", () =>
  printing(({ output, told, print, at }) => {
    output.begin(1_000, (channel, text) => told.push([channel, text]));
    print(1, "a");
    print(1, "b");
    print(2, "e");
    print(1, "c");
    assert.deepEqual(told, [["stdout", "a"], ["stderr", "e"]]);
    at(29);
    output.flush(false);
    assert.equal(told.length, 2);
    at(30);
    output.flush(false);
    assert.deepEqual(told.slice(2), [["stdout", "bc"]]);
    print(1, "d");
    output.flush(true);
    assert.deepEqual(told.slice(3), [["stdout", "d"]]);
    print(2, "f");
    assert.deepEqual(output.end(), { stdout: 0, stderr: 0 });
    assert.deepEqual(told.slice(4), [["stderr", "f"]]);
  }));

Deno.test("much text does not wait", () =>
  printing(({ output, told, print }) => {
    output.begin(1_000_000, (channel, text) => told.push([channel, text]));
    print(1, "a");
    print(1, "b".repeat(65_535));
    assert.equal(told.length, 1);
    print(1, "b");
    assert.equal(told[1]?.[1].length, 65_536);
    output.end();
  }));

Deno.test("each channel has its limit, in bytes, and the rest is counted", () =>
  printing(({ output, told, print }) => {
    output.begin(5, (channel, text) => told.push([channel, text]));
    print(1, "ab");
    print(2, "éé");
    print(1, "cdefgh");
    print(1, "more");
    print(2, "éé");
    assert.deepEqual(output.end(), { stdout: 7, stderr: 3 });
    const all = (of: Channel) => told.filter(([channel]) => channel === of).map(([, text]) => text).join("");
    assert.equal(all("stdout"), "abcde");
    assert.equal(all("stderr"), "éé", "a character that the limit cuts in two is left out");
  }));

Deno.test("a character that comes in two pieces is told whole, half a one as what it is not", () =>
  printing(({ output, told, print }) => {
    output.begin(100, (channel, text) => told.push([channel, text]));
    const [first, ...rest] = new TextEncoder().encode("💡");
    print(1, [first!]);
    print(1, rest);
    output.flush(true);
    print(2, [97, first!]);
    output.end();
    assert.equal(told.filter(([channel]) => channel === "stdout").map(([, text]) => text).join(""), "💡");
    assert.equal(
      told.filter(([channel]) => channel === "stderr").map(([, text]) => text).join(""),
      "a\ufffd",
    );
  }));

Deno.test("what is printed outside of a run is forgotten, and each run begins anew", () =>
  printing(({ output, told, print }) => {
    print(1, "early");
    assert.deepEqual(output.end(), { stdout: 0, stderr: 0 });
    output.begin(3, (channel, text) => told.push([channel, text]));
    print(1, "four");
    assert.deepEqual(output.end(), { stdout: 1, stderr: 0 });
    print(1, "late");
    output.begin(3, (channel, text) => told.push([channel, text]));
    print(1, "new");
    assert.deepEqual(output.end(), { stdout: 0, stderr: 0 });
    assert.deepEqual(told.map(([, text]) => text), ["fou", "new"]);
  }));

Deno.test("a limit of nothing tells nothing", () =>
  printing(({ output, told, print }) => {
    output.begin(0, (channel, text) => told.push([channel, text]));
    print(1, "ab");
    assert.deepEqual(output.end(), { stdout: 2, stderr: 0 });
    assert.deepEqual(told, []);
  }));
