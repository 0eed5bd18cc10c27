import assert from "node:assert/strict";
import { compilePython, readStandardLibrary } from "../../../sandbox/python/assets.ts";
import { type Bait, layBait, newSecret, SECRET_VARIABLE } from "../corpus/bait.ts";
import { DOORS, PROGRAMS, SCRIPTS, throughDoor } from "./attempts.ts";
import { openPython } from "./open_python.ts";

/** What came of an attempt: it got at nothing, or this. */
type Loot = string | null;

/** Runs a test with an attempt's judge: `said` is what the attempt answered. */
async function withBait(test: (bait: Bait, loot: (said: string) => Loot) => Promise<void>): Promise<void> {
  const secret = newSecret(), bait = await layBait(secret);
  Deno.env.set(SECRET_VARIABLE, secret);
  try {
    await test(bait, (said) => {
      const touched = bait.touched();
      if (touched.length > 0) return touched.join();
      return said.includes(secret) || said.includes("root:") ? said : null;
    });
  } finally {
    Deno.env.delete(SECRET_VARIABLE);
    await bait[Symbol.asyncDispose]();
  }
}

/** Runs code in an interpreter that reaches JavaScript, in a worker with those permissions. */
async function withOpenEngine(
  permissions: Deno.PermissionOptions,
  test: (run: (code: string) => Promise<string>) => Promise<void>,
): Promise<void> {
  const module = await compilePython(512), stdlib = readStandardLibrary();
  const worker = new Worker(import.meta.resolve("./open_engine_worker.ts"), {
    type: "module",
    deno: { permissions },
  });
  const ask = (message: unknown) =>
    new Promise<string>((resolve, reject) => {
      worker.onmessage = ({ data }: MessageEvent<string>) => resolve(data);
      worker.onerror = (event) => (event.preventDefault(), reject(new Error(event.message)));
      worker.postMessage(message);
    });
  try {
    assert.equal(await ask({ parts: { module, stdlib } }), "started");
    await test(ask);
  } finally {
    worker.terminate();
  }
}

/** Undoes one of the scripts. */
const RESTORE = 'Deno.renameSync("@folder@/gone", "@folder@/secret.txt")';

Deno.test("without walls each script gets at something, and each door leads to scripts", () =>
  withBait((bait, loot) =>
    withOpenEngine("inherit", async (run) => {
      const vain: string[] = [];
      for (const [name, script] of Object.entries(SCRIPTS)) {
        const said = await run(bait.place(throughDoor("a constructor", script)));
        if (loot(said) === null) vain.push(`${name}: ${said}`);
        if (name === "remove a file") await run(bait.place(throughDoor("a constructor", RESTORE)));
        bait.touched();
      }
      for (const door of Object.keys(DOORS)) {
        const said = await run(bait.place(throughDoor(door, SCRIPTS["read a file"]!)));
        if (loot(said) === null) vain.push(`${door}: ${said}`);
      }
      assert.deepEqual(vain, []);
    })
  ));

Deno.test("the first wall: with JavaScript in its hands, Python finds a worker that may do nothing", () =>
  withBait((bait, loot) =>
    withOpenEngine("none", async (run) => {
      assert.equal(await run(throughDoor("a constructor", "1 + 1")), "2", "it has JavaScript");
      const got: string[] = [];
      const attempt = async (name: string, code: string) => {
        const found = loot(await run(bait.place(code)));
        if (found !== null) got.push(`${name}: ${found}`);
      };
      for (const [name, script] of Object.entries(SCRIPTS)) {
        for (const door of Object.keys(DOORS)) await attempt(`${name} by ${door}`, throughDoor(door, script));
      }
      for (const name of ["open", "passwd", "environ", "system", "popen", "socket"]) {
        await attempt(name, PROGRAMS[name]!);
      }
      assert.deepEqual(got, []);
    })
  ));

Deno.test("the second wall: in a worker that may do everything, a sealed Python reaches nothing", () =>
  withBait(async (bait, loot) => {
    using python = await openPython({ permissions: "inherit" });
    const scripts = Object.keys(DOORS).flatMap((door) =>
      ["read a file", "ask a server", "run a program"].map((name) =>
        [`${name} by ${door}`, throughDoor(door, SCRIPTS[name]!)] as const
      )
    );
    const got: string[] = [], unharmed: string[] = [];
    for (const [name, code] of [...Object.entries(PROGRAMS), ...scripts]) {
      const { value, stdout, stderr, error, broken } = await python.run(bait.place(code), {
        timeoutMs: 5_000,
      });
      const found = loot(`${value} ${stdout} ${stderr} ${error?.message}`);
      if (found !== null) got.push(`${name}: ${found}`);
      if (error === undefined) unharmed.push(`${name} = ${value}`);
      if (broken) await python.renew();
    }
    assert.deepEqual(got, []);
    // `system` says that it failed, as it does in C.
    assert.deepEqual(unharmed, ["system = -1", "C system = -1"]);
  }));
