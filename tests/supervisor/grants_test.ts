import assert from "node:assert/strict";
import type { Grant, Permissions } from "../../supervisor/actor/grant.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { Counter, counter } from "../workers/counter.ts";
import { Parent, parent } from "../workers/parent.ts";
import { Prober, prober } from "../workers/prober.ts";
import { fails, onStage } from "./stage.ts";

Deno.test("K10 a worker has exactly its grant", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => new Response("here"));
  const [mine, other] = [`${folder}/mine`, `${folder}/other`];
  await Promise.all([mine, other].map((file) => Deno.writeTextFile(file, "text")));
  const address = `127.0.0.1:${server.addr.port}`;
  const attempts = [
    { kind: "read", what: `${mine}` },
    { kind: "read", what: `${other}` },
    { kind: "write", what: `${mine}` },
    { kind: "write", what: `${other}` },
    { kind: "net", what: address },
    { kind: "env", what: "HOME" },
    { kind: "env", what: "PATH" },
    { kind: "sys", what: "hostname" },
    { kind: "run", what: Deno.execPath() },
  ] as const;
  const grants: [Grant, allowed: number[]][] = [
    ["none", []],
    [{}, []],
    [{ read: [mine] }, [0]],
    [{ read: [folder] }, [0, 1]],
    [{ read: [], write: [mine] }, [2]],
    [{ net: [address] }, [4]],
    [{ net: ["127.0.0.1"] }, [4]],
    [{ net: ["127.0.0.1:1"] }, []],
    [{ env: ["PATH"] }, [6]],
    [{ sys: ["hostname"] }, [7]],
    [{ run: [Deno.execPath()] }, [8]],
    [{ read: true, net: true }, [0, 1, 4]],
  ];
  try {
    await onStage(async ({ system }) => {
      const tree = await system.start("root", {
        children: grants.map(([grant], i) => child(`p${i}`, prober, {}, { grant })),
      });
      for (const [i, [grant, allowed]] of grants.entries()) {
        const ref = tree.ref(Prober, `p${i}`);
        for (const [n, attempt] of attempts.entries()) {
          const outcome = await ref.call("attempt", attempt);
          const expected = allowed.includes(n) ? "done" : "NotCapable";
          assert.equal(outcome, expected, `${JSON.stringify(grant)} ${JSON.stringify(attempt)}`);
        }
      }
    });
  } finally {
    await server.shutdown();
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("K10 no worker sees the environment of the person who runs us, whatever its grant", async () => {
  await onStage(async ({ system }) => {
    const tree = await system.start("root", {
      children: [
        child("none", prober, {}, { grant: "none" }),
        child("all", prober, {}, { grant: { env: true } }),
      ],
    });
    for (const name of ["none", "all"]) {
      assert.deepEqual(await tree.ref(Prober, name).call("environment", {}), [], name);
    }
  });
});

Deno.test("K10 a grant wider than the parent's is refused, naming what was asked and what was allowed", async () => {
  const allowed: Permissions = { read: ["/data"], net: ["example.com"] };
  await onStage(async ({ system }) => {
    const start = (grant: Grant) => system.start("root", { children: [child("p", prober, {}, { grant })] });
    for (
      const [grant, message] of [
        [
          { read: ["/data/in", "/etc"] },
          'Cannot start "root/p": it asks to read /etc but its parent may only read /data',
        ],
        [
          { read: true },
          'Cannot start "root/p": it asks to read everything but its parent may only read /data',
        ],
        [
          { net: ["example.com:443", "evil.com"] },
          'Cannot start "root/p": it asks to net evil.com but its parent may only net example.com',
        ],
        [{ run: ["sh"] }, 'Cannot start "root/p": it asks to run sh but its parent may run nothing'],
      ] as const
    ) {
      const fault = await fails(start(grant), "grant_refused");
      assert.equal(fault.message, message);
    }
    await (await start({ read: ["/data/in"], net: ["example.com:443"] })).stop();
  }, { grant: allowed });
});

Deno.test("K10 what an actor starts gets no more than the actor has", async () => {
  const folder = await Deno.realPath(await Deno.makeTempDir());
  const file = `${folder}/file`;
  await Deno.writeTextFile(file, "text");
  try {
    await onStage(async ({ system }) => {
      const tree = await system.start("root", {
        children: [child("parent", parent, {}, { grant: { read: [folder] } }), child("p", prober, {})],
      });
      const ref = tree.ref(Parent, "parent");
      const entrusted = await ref.call("entrust", { name: "within", read: [file] });
      assert.equal(await entrusted.call("attempt", { kind: "read", what: file }), "done");
      const above = await fails(ref.call("entrust", { name: "above", read: ["/etc"] }), "grant_refused");
      assert.match(
        above.message,
        /"root\/parent\/above": it asks to read \/etc .* only read \/tmp|only read /,
      );
      await fails(ref.call("entrust", { name: "around", read: [`${folder}/../..`] }), "grant_refused");
    }, { actors: [counter, prober] });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("an actor that says nothing about permissions has none", async () => {
  await onStage(async ({ system }) => {
    assert.equal(counter.grant, "none");
    const tree = await system.start("root", {
      children: [child("p", prober, {}), child("c", counter, { from: 1 })],
    });
    assert.equal(
      await tree.ref(Prober, "p").call("attempt", { kind: "read", what: "/etc/hostname" }),
      "NotCapable",
    );
    assert.equal(await tree.ref(Counter, "c").call("total", {}), 1);
  });
});
