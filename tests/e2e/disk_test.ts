/** Where runs are kept: read-only, full, damaged, or no place for a file at all. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import { turnOf } from "./conversation.ts";
import { type Ended, Place, runIn } from "./program.ts";

/** Root may write where permissions say no: this takes that right from a process. */
const BOUND = Deno.uid() === 0 ? ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] : [];

Deno.test("in a read-only folder nothing is started, and what was kept there stays", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi([text("Kept.")]);
  const folder = `${place.folder}/data`;
  const db = ["--db", `${folder}/troupe.db`];
  const readOnly = (how: boolean) => {
    for (const { name } of Deno.readDirSync(folder)) Deno.chmodSync(`${folder}/${name}`, how ? 0o555 : 0o755);
    Deno.chmodSync(folder, how ? 0o555 : 0o755);
  };
  Deno.mkdirSync(folder);
  readOnly(true);
  const [command = "touch", ...args] = [...BOUND, "touch", `${folder}/x`];
  const touched = await new Deno.Command(command, { args, stderr: "null" }).output();
  assert.ok(!touched.success, "the folder is read-only indeed");

  const fresh = await place.run(["run", "Keep it", ...db], { server, under: BOUND });
  refused(fresh, /Cannot open store ".*troupe\.db": its folder is missing or may not be written to\n$/);
  const below = await place.run(["runs", "--db", `${folder}/below/troupe.db`], { under: BOUND });
  refused(below, /Cannot make folder .*\/data\/below: Permission denied\n$/);
  readOnly(false);
  const kept = await place.run(["run", "Keep it", ...db], { server });
  assert.equal(kept.code, 0, kept.stderr);
  readOnly(true);
  refused(
    await place.run(["run", "More", ...db], { server, under: BOUND }),
    /data.*(may not be written to|denied)/,
  );
  const workspace = ["--workspace", `${folder}/workspace`];
  refused(
    await place.run(["run", "More", ...workspace], { server, under: BOUND }),
    /Cannot make folder .*\/data\/workspace: Permission denied\n$/,
  );
  readOnly(false);
  assert.deepEqual(await place.run(["replay", runIn(kept), ...db]), kept);
});

Deno.test("on a full disk the run fails with what it has, and goes on once there is room", async () => {
  await using place = new Place();
  await using server = scriptedOpenAi.byConversation((request) => {
    const turn = turnOf(request);
    if (turn === 6) return text("It fits now.");
    const long = { text: `${turn} `.repeat(20_000) };
    return toolCalls([{ id: `c${turn}`, name: "echo", arguments: long }], { chunkChars: 1000 });
  }, { sameKeyMayRepeat: true }); // an answer whose receipt found no room is asked for once more
  const disk = smallDisk(`${place.folder}/disk`);
  try {
    const db = ["--db", `${place.folder}/disk/troupe.db`];
    const failed = await place.run(["run", "Say much", ...db], { server, under: disk.under });
    assert.deepEqual([failed.code, failed.stdout], [1, ""]);
    assert.match(failed.stderr, /\n✗ .*Cannot use store ".*troupe\.db": /);
    assert.match(failed.stderr, disk.says);
    const run = runIn(failed);
    assert.match((await place.run(["runs", ...db])).stdout, new RegExp(`\n${run} +(failed|interrupted) `));
    disk.enlarge();
    const resumed = await place.run(["resume", run, ...db], { server });
    assert.deepEqual([resumed.code, resumed.stdout], [0, "It fits now.\n"], resumed.stderr);
    assert.ok(server.requests.length <= 8, "what has a receipt is not asked again");
  } finally {
    disk.remove();
  }
});

Deno.test("a damaged database is named and left as it is, and no run is begun", async () => {
  await using place = new Place();
  Deno.mkdirSync(dirname(place.db), { recursive: true });
  const damaged = "this was a database once ".repeat(1000);
  Deno.writeTextFileSync(place.db, damaged);
  await using server = scriptedOpenAi([text("From the beginning.")]);
  for (const args of [["run", "Keep it"], ["runs"], ["resume", "01jd0v7m3q8x"]]) {
    refused(
      await place.run(args, { server }),
      new RegExp(`Cannot open store "${place.db}": the file is damaged or no database; move it away\n$`),
    );
  }
  assert.equal(Deno.readTextFileSync(place.db), damaged);
  Deno.renameSync(place.db, `${place.db}.old`);
  assert.equal((await place.run(["run", "Keep it"], { server })).stdout, "From the beginning.\n");
});

Deno.test("a database that is a folder, or lies below a file, is refused by name", async () => {
  await using place = new Place();
  refused(
    await place.run(["runs", "--db", place.cwd]),
    new RegExp(`Cannot keep runs in ${place.cwd}: it is a folder, name a file\n$`),
  );
  Deno.writeTextFileSync(`${place.cwd}/file`, "");
  refused(await place.run(["runs", "--db", "file/troupe.db"]), /Cannot make folder .*\/project\/file: .*\n$/);
});

/** Nothing was started: exit code 2, one line on stderr, nothing on stdout. */
function refused({ code, stdout, stderr }: Ended, says: RegExp): void {
  assert.deepEqual([code, stdout], [2, ""], stderr);
  assert.match(stderr, /^troupe: [^\n]+\n$/);
  assert.match(stderr, says);
}

interface SmallDisk {
  /** Under which a program finds it full. */
  readonly under: readonly string[];
  readonly says: RegExp;
  enlarge(): void;
  remove(): void;
}

/** A file system with little room; where none may be mounted, a limit to the size of files. */
function smallDisk(folder: string): SmallDisk {
  Deno.mkdirSync(folder);
  const run = (command: string, ...args: string[]) =>
    new Deno.Command(command, { args, stderr: "null" }).outputSync().success;
  if (Deno.uid() === 0 && run("mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", folder)) {
    return {
      under: [],
      says: /the disk, or its size limit, is full/,
      enlarge: () => assert.ok(run("mount", "-o", "remount,size=16m", folder)),
      remove: () => assert.ok(run("umount", folder)),
    };
  }
  return {
    under: ["bash", "-c", `trap "" XFSZ; ulimit -f 200; exec "$0" "$@"`],
    says: /the disk, or its size limit, is full|disk I\/O error/,
    enlarge: () => {},
    remove: () => {},
  };
}
