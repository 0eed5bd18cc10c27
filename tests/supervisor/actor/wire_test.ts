import assert from "node:assert/strict";
import fc from "fast-check";
import {
  attach,
  encode,
  failure,
  framesOf,
  FrameWriter,
  Kind,
  revive,
} from "../../../supervisor/actor/wire.ts";

/** Something that is written as a reference. */
function reference(name: string, minted: MessagePort[]) {
  return { toJSON: () => attach(`token of ${name}`, name, (port) => minted.push(port)) };
}

function close(...ports: MessagePort[]): void {
  for (const port of ports) port.close();
}

Deno.test("what was encoded is revived, references in place and in order", () => {
  const minted: MessagePort[] = [];
  const value = { a: [reference("x", minted), 1], b: { c: reference("y", minted) }, d: null, e: "text" };
  const { text, ports } = encode(value);
  assert.equal(ports.length, 2);
  const made: unknown[] = [];
  const revived = revive(JSON.parse(text), ports, ({ token, name }, port) => {
    made.push(port);
    return `${name}: ${token}`;
  });
  assert.deepEqual(revived, { a: ["x: token of x", 1], b: { c: "y: token of y" }, d: null, e: "text" });
  assert.deepEqual(made, ports);
  close(...ports, ...minted);
});

Deno.test("plain JSON comes back as it went, whatever its keys", () => {
  const json = fc.jsonValue({ maxDepth: 4 });
  fc.assert(fc.property(json, fc.constantFrom("\u0000ref", "__proto__", "toJSON", "then"), (value, key) => {
    const wrapped = JSON.parse(JSON.stringify({ value, [key]: value }));
    const { text, ports } = encode(wrapped);
    assert.deepEqual(ports, []);
    assert.deepEqual(JSON.parse(text), wrapped);
  }));
});

Deno.test("nothing at all is written as null", () => {
  assert.deepEqual(encode(undefined), { text: "null", ports: [] });
});

Deno.test("a reference without its port, or with a forged one, is refused", () => {
  const { port1, port2 } = new MessageChannel();
  const make = () => assert.fail("it must not be made");
  for (
    const wire of [
      { "\u0000ref": 1, token: "t", name: "n" },
      { "\u0000ref": -1, token: "t", name: "n" },
      { "\u0000ref": 0, name: "n" },
      { "\u0000ref": 0, token: 7, name: "n" },
    ]
  ) {
    assert.throws(() => revive({ wire }, [port1], make), { code: "bad_request" });
  }
  close(port1, port2);
});

Deno.test("a reference cannot be written outside of a message, and one that fails leaves no port open", () => {
  const minted: MessagePort[] = [];
  assert.throws(() => JSON.stringify(reference("x", minted)), { code: "not_a_message" });
  assert.deepEqual(minted, []);
  assert.throws(() => encode([reference("x", minted), 1n]), TypeError);
  assert.equal(minted.length, 1);
  assert.throws(() => JSON.stringify(reference("x", minted)), { code: "not_a_message" }, "encode cleans up");
  close(...minted);
});

Deno.test("frames of one turn share a post and keep their order", async () => {
  const { port1, port2 } = new MessageChannel();
  const posts: string[] = [];
  const all = Promise.withResolvers<void>();
  port2.onmessage = ({ data }) => {
    posts.push(data);
    if (posts.flatMap(framesOf).length === 403) all.resolve();
  };
  let posted = 0;
  const writer = new FrameWriter(port1, () => posted++);
  for (let seq = 1; seq <= 400; seq++) writer.write(`[${Kind.cast},${seq},"x",{},0]`);
  await Promise.resolve();
  writer.write(`[${Kind.done},401]`);
  writer.flush();
  writer.flush();
  writer.write(failure(402, { code: "c", message: '"quoted"', retry: "never" }));
  writer.writeWith(`[${Kind.cast},403,"x",{},0]`, []);
  await all.promise;
  assert.deepEqual(
    posts.flatMap(framesOf).map(([, seq]) => seq),
    Array.from({ length: 403 }, (_, i) => i + 1),
  );
  assert.equal(posts.length, 6, "400 frames in posts of at most 128, then one alone, then two together");
  assert.equal(posted, 6);
  assert.deepEqual(framesOf(posts.at(-1)!)[0], [Kind.fail, 402, {
    code: "c",
    message: '"quoted"',
    retry: "never",
  }]);
  close(port1, port2);
});
