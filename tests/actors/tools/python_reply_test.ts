import assert from "node:assert/strict";
import { checkedItem, checkedReply } from "../../../actors/tools/python_reply.ts";

const LIMITS = { resultBytes: 100, filesOut: { files: 2, bytes: 30 } };
const GOOD = {
  value: "1",
  dropped: { stdout: 0, stderr: 3 },
  files: [{ path: "a/b.txt", base64: "YQ==" }],
  paths: ["a/b.txt"],
  omitted: 0,
  broken: false,
};

Deno.test("a good reply passes, with what is known of it alone", () => {
  assert.deepEqual(checkedReply(GOOD, LIMITS), GOOD);
  const error = { kind: "timeout", message: "m", traceback: "t" };
  assert.deepEqual(checkedReply({ ...GOOD, value: null, error, broken: true }, LIMITS), {
    ...GOOD,
    value: null,
    error,
    broken: true,
  });
  const more = {
    ...GOOD,
    extra: 1,
    dropped: { ...GOOD.dropped, extra: 1 },
    files: [{ ...GOOD.files[0], mode: 0o777 }],
  };
  assert.deepEqual(checkedReply({ ...more, error: { ...error, more: 1 } }, LIMITS), { ...GOOD, error });
  assert.equal(checkedReply({ ...GOOD, broken: "no" }, LIMITS).broken, false);
});

Deno.test("a reply that is not what it should be is refused", () => {
  const file = (path: unknown, base64: unknown = "") => ({ ...GOOD, files: [{ path, base64 }] });
  const { dropped: _, ...missing } = GOOD;
  const hostile: [name: string, value: unknown][] = [
    ["nothing", undefined],
    ["null", null],
    ["a text", "value"],
    ["a list", [GOOD]],
    ["a part is missing", missing],
    ["a value that is no text", { ...GOOD, value: 1 }],
    ["no value at all", { ...GOOD, value: undefined }],
    ["a value that is too long", { ...GOOD, value: "x".repeat(165) }],
    ["an error without a kind", { ...GOOD, error: { message: "", traceback: "" } }],
    ["an error of unknown kind", { ...GOOD, error: { kind: "fine", message: "", traceback: "" } }],
    ["an error of a kind all objects have", {
      ...GOOD,
      error: { kind: "constructor", message: "", traceback: "" },
    }],
    ["an error that is too long", {
      ...GOOD,
      error: { kind: "memory", message: "x".repeat(165), traceback: "" },
    }],
    ["a traceback that is too long", {
      ...GOOD,
      error: { kind: "memory", message: "", traceback: "x".repeat(165) },
    }],
    ["an error that is none", { ...GOOD, error: null }],
    ["a negative count", { ...GOOD, omitted: -1 }],
    ["a count that is none", { ...GOOD, dropped: { stdout: NaN, stderr: 0 } }],
    ["a count as text", { ...GOOD, dropped: { stdout: "1", stderr: 0 } }],
    ["too many files", { ...GOOD, files: [1, 2, 3].map((n) => ({ path: `${n}`, base64: "" })) }],
    ["files that are no list", { ...GOOD, files: { length: 1 } }],
    ["a file that is none", { ...GOOD, files: ["a"] }],
    ["files that are too large", {
      ...GOOD,
      files: [{ path: "a", base64: "A".repeat(30) }, { path: "b", base64: "A".repeat(30) }],
    }],
    ["bytes that are no text", file("a", new Uint8Array(3))],
    ["a path that is none", file(1)],
    ["too many paths", { ...GOOD, paths: Array(20_001).fill("a") }],
    ["a path outside", { ...GOOD, paths: ["../a"] }],
    ...["", "/a", "a/", "a//b", "..", "../a", "a/../../b", "./a", "a/.", "a\0b", "x".repeat(4_097)]
      .map((path): [string, unknown] => [`the path ${JSON.stringify(path.slice(0, 20))}`, file(path)]),
  ];
  for (const [name, value] of hostile) {
    assert.throws(() => checkedReply(value, LIMITS), { code: "bad_reply" }, name);
  }
});

Deno.test("names that are special elsewhere are names", () => {
  for (const path of ["__proto__", "constructor", "a\\b", "C:", "~", "-rf", "...", "a b\n"]) {
    assert.equal(checkedReply({ ...GOOD, files: [{ path, base64: "" }] }, LIMITS).files[0]!.path, path);
  }
});

Deno.test("a good item passes, with what is known of it alone", () => {
  const items = [
    { type: "output", channel: "stdout", text: "a" },
    { type: "call", id: "1", name: "read_file", arguments: "{}" },
    { type: "packages", id: "2", names: ["numpy"] },
  ];
  for (const item of items) assert.deepEqual(checkedItem({ ...item, extra: 1 }), item);
});

Deno.test("an item that is not what it should be is refused", () => {
  const hostile: [name: string, value: unknown][] = [
    ["nothing", undefined],
    ["a list", []],
    ["of unknown type", { type: "exec" }],
    ["a decision", { type: "decision", decision: { tool: "x", allowed: true } }],
    ["an unknown channel", { type: "output", channel: "stdin", text: "" }],
    ["a channel all objects have", { type: "output", channel: "toString", text: "" }],
    ["output that is no text", { type: "output", channel: "stdout", text: ["a"] }],
    ["a call without a name", { type: "call", id: "1", arguments: "{}" }],
    ["a call whose id is a number", { type: "call", id: 1, name: "a", arguments: "{}" }],
    ["a call with a long id", { type: "call", id: "x".repeat(41), name: "a", arguments: "{}" }],
    ["a call with a long name", { type: "call", id: "1", name: "x".repeat(201), arguments: "{}" }],
    ["a call with an object", { type: "call", id: "1", name: "a", arguments: {} }],
    ["packages that are no list", { type: "packages", id: "1", names: "numpy" }],
    ["too many packages", { type: "packages", id: "1", names: Array(101).fill("a") }],
    ["a package that is no name", { type: "packages", id: "1", names: [{}] }],
    ["a package with a long name", { type: "packages", id: "1", names: ["x".repeat(201)] }],
  ];
  for (const [name, value] of hostile) assert.throws(() => checkedItem(value), { code: "bad_reply" }, name);
});
