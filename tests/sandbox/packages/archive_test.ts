import assert from "node:assert/strict";
import { readDirectory, unpack } from "../../../sandbox/packages/archive.ts";
import { zip } from "./make_wheel.ts";

const text = (words: string) => new TextEncoder().encode(words);
const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function refused(archive: Uint8Array, message: RegExp, limits = {}): void {
  assert.throws(() => readDirectory(archive, limits), { code: "bad_archive", message });
}

/** Where the n-th directory entry or header of an archive begins. */
function find(archive: Uint8Array, signature: number, nth = 0): number {
  const view = new DataView(archive.buffer);
  for (let at = 0; at + 4 <= archive.length; at++) {
    if (view.getUint32(at, true) === signature && nth-- === 0) return at;
  }
  throw new Error("no such record");
}
const entry = (archive: Uint8Array, nth = 0) => find(archive, 0x02014b50, nth);
const header = (archive: Uint8Array, nth = 0) => find(archive, 0x04034b50, nth);
const end = (archive: Uint8Array) => find(archive, 0x06054b50);

/** The archive with a number in it changed. */
function patched(archive: Uint8Array, at: number, value: number, size: 2 | 4 = 2): Uint8Array {
  const copy = archive.slice();
  const view = new DataView(copy.buffer);
  if (size === 2) view.setUint16(at, value, true);
  else view.setUint32(at, value, true);
  return copy;
}

Deno.test("an archive's files are listed and unpack to what was packed", () => {
  const long = "round and round ".repeat(50_000);
  const archive = zip({
    "a/b.py": text("x = 1\n"),
    "a/": new Uint8Array(),
    "stored": [text("as it is"), { level: 0 }],
    "é/long.txt": text(long),
    "empty": new Uint8Array(),
  });
  const members = readDirectory(archive);
  assert.deepEqual(members.map(({ path }) => path).sort(), ["a/b.py", "empty", "stored", "é/long.txt"]);
  const content = Object.fromEntries(members.map((one) => [one.path, read(unpack(archive, one))]));
  assert.deepEqual(content, { "a/b.py": "x = 1\n", stored: "as it is", "é/long.txt": long, empty: "" });
});

Deno.test("an archive may lie within a larger buffer and have a comment", () => {
  const archive = zip({ "a.py": text("x = 1") });
  const commented = patched(archive, end(archive) + 20, 5);
  const buffer = new Uint8Array(commented.length + 12);
  buffer.set(commented, 7);
  const [member] = readDirectory(buffer.subarray(7));
  assert.equal(read(unpack(buffer.subarray(7), member!)), "x = 1");
});

Deno.test("paths that lead out are refused", () => {
  const bad = [
    "/etc/passwd",
    "../up",
    "a/../../up",
    "a/./b",
    "a//b",
    "C:/x",
    "c:x",
    "a\\b",
    "a\0b",
    "a\nb",
    "",
  ];
  for (const path of bad) refused(zip({ [path]: text("x") }), /leads out of it or is no path/);
  refused(zip({ ["x".repeat(1025)]: text("x") }), /leads out/);
});

Deno.test("links and devices are refused, plain files with a mode are not", () => {
  const linkTo = (mode: number) => zip({ link: [text("/etc/passwd"), { os: 3, attrs: (mode << 16) >>> 0 }] });
  for (const mode of [0o120777, 0o020666, 0o010644, 0o040755]) {
    refused(linkTo(mode), /link is a link or no ordinary file/);
  }
  assert.equal(readDirectory(linkTo(0o100644)).length, 1);
});

Deno.test("too many files and too many bytes are refused before anything is unpacked", () => {
  const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`f${i}`, text("x")]));
  refused(zip(many), /holds 30 files, more than 29/, { members: 29 });
  refused(zip({ zeros: new Uint8Array(5_000_000) }), /unpacks to 5000000 bytes, more than 4000000/, {
    bytes: 4_000_000,
  });
});

Deno.test("a bomb that lies about its size is stopped while it unpacks", () => {
  const archive = zip({ bomb: new Uint8Array(20_000_000) });
  const lying = patched(archive, entry(archive) + 24, 100, 4);
  const [member] = readDirectory(lying);
  assert.equal(member!.size, 100);
  assert.throws(() => unpack(lying, member!), { message: /bomb unpacks to more than the 100 bytes it says/ });
  const boasting = patched(archive, entry(archive) + 24, 20_000_001, 4);
  assert.throws(() => unpack(boasting, readDirectory(boasting)[0]!), { message: /not to 20000001/ });
});

Deno.test("damaged content is said to be damaged", () => {
  const archive = zip({
    "a.txt": text("some words that are long enough to be packed, words, words, words, words"),
  });
  const [member] = readDirectory(archive);
  const broken = archive.slice();
  broken[35] = 0x07; // a block of the kind there is none of
  assert.throws(() => unpack(broken, member!), { code: "bad_archive", message: /a\.txt is damaged/ });
});

Deno.test("what disagrees with itself is refused", () => {
  const archive = zip({ "a.py": text("x"), "b.py": text("y") });
  refused(patched(archive, entry(archive) + 8, 1), /encrypted/);
  refused(patched(archive, entry(archive) + 10, 99), /unknown way \(99\)/);
  refused(patched(archive, header(archive) + 30, 0x7a7a), /a\.py has two names/);
  refused(patched(archive, entry(archive) + 42, 5, 4), /a\.py has no header/);
  refused(patched(archive, entry(archive, 1) + 42, header(archive), 4), /lies over|two names/);
  refused(patched(archive, entry(archive, 1) + 20, 60_000, 4), /reaches beyond its place|sensible size/);
  refused(patched(archive, entry(archive) + 46, 0xfffe), /not UTF-8/);
  refused(patched(archive, end(archive) + 4, 1), /split/);
  refused(patched(archive, end(archive) + 10, 0xffff), /zip64/);
  refused(patched(archive, end(archive) + 16, 0, 4), /not where it says/);
  refused(patched(archive, end(archive) + 10, 1), /longer than it says/);
  refused(patched(archive, end(archive) + 10, 3), /directory is damaged/);
  refused(archive.subarray(0, archive.length - 1), /no zip archive or not complete/);
  refused(text("not a zip archive"), /no zip archive/);
  refused(new Uint8Array(), /no zip archive/);
});

Deno.test("a name twice and a file within a file are refused", () => {
  const archive = zip({ "a.py": text("x"), "b.py": text("y") });
  const twice = archive.slice();
  for (const at of [entry(twice, 1) + 46, header(twice, 1) + 30]) twice[at] = "a".charCodeAt(0);
  refused(twice, /holds a\.py twice/);
  refused(zip({ "a": text("x"), "a/b": text("y") }), /a is both a file and a folder/);
});
