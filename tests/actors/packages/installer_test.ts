import assert from "node:assert/strict";
import { packageInstaller } from "../../../actors/packages/installer.ts";
import { type PackageOptions, packagesGrant } from "../../../actors/packages/package_options.ts";
import { Packages } from "../../../protocols/messages/packages.ts";
import type { ActorRef } from "../../../protocols/messages/ref.ts";
import type { Permissions } from "../../../supervisor/actor/grant.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { fails, onStage, type Stage } from "../../supervisor/stage.ts";
import { type PackageIndex, pyodideFolder, startIndex } from "./package_index.ts";

interface Installed {
  readonly stage: Stage;
  readonly index: PackageIndex;
  readonly folder: string;
  start(more?: Partial<PackageOptions>, grant?: Permissions): Promise<ActorRef<typeof Packages>>;
}

/** An installer in a worker of its own with exactly the grant it says it needs. */
async function installed(test: (scene: Installed) => Promise<void>): Promise<void> {
  await using index = startIndex();
  await inFolder((folder) =>
    onStage(async (stage) => {
      const options = {
        allow: ["demo"],
        lock: `${folder}/python.lock.json`,
        cache: `${folder}/cache`,
        pyodide: await pyodideFolder(folder, index, []),
        index: `${index.origin}/simple/`,
        distribution: null,
        attempts: 1,
      };
      let count = 0;
      await test({
        stage,
        index,
        folder,
        async start(more = {}, grant) {
          const all: PackageOptions = { ...options, ...more };
          const root = await stage.system.start(`root${++count}`, {
            children: [child("installer", packageInstaller, all, { grant: grant ?? packagesGrant(all) })],
          });
          return root.ref(Packages, "installer");
        },
      });
    })
  );
}

async function fetched(installer: ActorRef<typeof Packages>, sha256: string): Promise<Uint8Array> {
  const stream = installer.stream("bytes", { sha256 });
  const pieces: string[] = [];
  for await (const piece of stream) pieces.push(piece);
  for (const piece of pieces) assert.ok(piece.length <= 1024 * 1024);
  const bytes = Uint8Array.fromBase64(pieces.join(""));
  assert.equal(await stream.reply, bytes.length);
  return bytes;
}

Deno.test("a worker with its own grant installs packages and streams their files", () =>
  installed(async ({ index, start, stage }) => {
    const noise = new Uint8Array(2_000_000);
    for (let at = 0; at < noise.length; at += 50_000) crypto.getRandomValues(noise.subarray(at, at + 50_000));
    const demo = await index.add({
      name: "demo",
      requires: ["dep"],
      files: { "demo/__init__.py": "", "demo/noise.bin": noise },
    });
    await index.add({ name: "dep" });
    const installer = await start();
    const { wheels, denied } = await installer.call("provide", { imports: ["demo", "numpy"] });
    assert.deepEqual(wheels.map(({ name }) => name), ["dep", "demo"]);
    assert.match(denied[0]!.message, /\[python\.packages\]\nallow = \["demo", "numpy"\]$/);
    assert.deepEqual(await fetched(installer, demo.sha256), demo.bytes);
    await fails(fetched(installer, "0".repeat(64)), "not_found");
    await fails(installer.call("wheels", { names: ["numpy"] }), "not_allowed");
    await fails(installer.call("wheels", { names: [""] }), "bad_request");
    await fails(installer.stream("bytes", { sha256: "../../etc/passwd" }).reply, "bad_request");
    assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
  }));

Deno.test("outside its grant the installer reaches and writes nothing, and lives", () =>
  installed(async ({ index, folder, start, stage }) => {
    await index.add({ name: "demo" });
    const pyodide = `${folder}/pyodide`;
    const own = [`${folder}/cache`, `${folder}/python.lock.json`, `${folder}/.python.lock.json.tmp`];
    const elsewhere = await start({}, { net: ["127.0.0.1:1"], read: [pyodide, ...own], write: own });
    const refused = await fails(elsewhere.call("wheels", { names: ["demo"] }), "denied");
    assert.match(refused.message, /the installer was not given the permission to reach 127\.0\.0\.1/);
    assert.deepEqual(index.requests, []);
    const net = [new URL(index.origin).host];
    const readOnly = await start({}, { net, read: [pyodide, ...own] });
    await fails(readOnly.call("wheels", { names: ["demo"] }), "denied");
    assert.throws(() => Deno.statSync(`${folder}/python.lock.json`), Deno.errors.NotFound);
    assert.deepEqual(stage.changes.filter((change) => !change.endsWith("started")), []);
  }));

Deno.test("a caller that gives up does not keep the next one waiting", () =>
  installed(async ({ index, start }) => {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const asked = Promise.withResolvers<void>();
    await index.add({ name: "demo" });
    index.answers.set("/simple/demo/", () => (asked.resolve(), promise));
    const installer = await start();
    const abort = new AbortController();
    const first = installer.call("wheels", { names: ["demo"] }, { signal: abort.signal });
    await asked.promise;
    index.answers.delete("/simple/demo/");
    abort.abort();
    await fails(first, "cancelled");
    assert.equal((await installer.call("wheels", { names: ["demo"] })).length, 1);
    resolve(new Response());
  }));
