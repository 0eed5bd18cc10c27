/**
 * The compiled program, away from its source: an empty folder, an empty home, nothing on the PATH, nothing but its
 * own in the temporary folder. `deno task test:binary` runs this; `deno task test` does not, for it needs a base
 * runtime (see `.ci/compile.ts`).
 */
import assert from "node:assert/strict";
import { compile, workerEntries } from "../../.ci/compile.ts";
import { eventsOf, Place, runIn, type Start } from "../e2e/program.ts";
import { scriptedOpenAi, text, toolCalls } from "../support/scripted_openai.ts";
import type { Found } from "./exhausted.ts";

const made = await Deno.makeTempDir({ prefix: "troupe-binary-" });
await Deno.chmod(made, 0o755); // another user starts it below
Deno.test.afterAll(() => Deno.remove(made, { recursive: true }));

const troupe = await make("troupe", "main.ts", workerEntries());

async function make(name: string, main: string, entries: readonly string[]): Promise<string> {
  const out = `${made}/${name}`;
  const { status, message } = await compile({ main, entries, out });
  assert.equal(status, 0, message);
  return out;
}

/** A place where the program has nothing: its temporary folder is below its home. */
function nowhere(tmp?: string): Place & { readonly tmp: string } {
  const env: Record<string, string> = { PATH: "/nowhere", NO_COLOR: "1" };
  const place = new Place({ command: [troupe], env });
  env.TMPDIR = tmp ?? `${place.folder}/tmp`;
  if (tmp === undefined) Deno.mkdirSync(env.TMPDIR);
  return Object.assign(place, { tmp: env.TMPDIR });
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

/** A model that calls each tool once, one after the other, and then tells what the last one said. */
function everyTool() {
  const calls: [string, Record<string, unknown>][] = [
    ["echo", { text: "hello" }],
    ["calculator", { expression: "6 * 7" }],
    ["timestamp", {}],
    ["write_file", { path: "notes/a.txt", content: "kept" }],
    ["read_file", { path: "notes/a.txt" }],
    ["list_files", { recursive: true }],
    ["execute_python", {
      code: "import sys; print(sys.version_info[:2]); sorted([38, 27, 43, 3, 9, 82, 10])",
    }],
  ];
  return scriptedOpenAi.byConversation(({ body: { messages } }) => {
    const turn = messages.filter(({ role }) => role === "assistant").length;
    const call = calls[turn];
    if (call === undefined) return text(`Python said ${messages.at(-1)?.content}`);
    return toolCalls([{ id: `call_${turn}`, name: call[0], arguments: call[1] }], {
      text: `Now ${call[0]}. `,
    });
  });
}

const SORTED = /^Python said .*"value":"\[3, 9, 10, 27, 38, 43, 82\]"/;

Deno.test("help, version, completions and usage errors need no file at all", async () => {
  await using place = nowhere();
  const files = () => [place.cwd, place.home, place.tmp].map(names);
  const before = files();
  const help = await place.run(["--help"]);
  assert.deepEqual([help.code, help.stderr], [0, ""]);
  assert.match(help.stdout, /^Usage: troupe/);
  assert.match((await place.run(["--version"])).stdout, /^\d+\.\d+\.\d+\n$/);
  assert.match((await place.run(["complete", "bash"])).stdout, /bash completion for troupe/);
  assert.match((await place.run(["complete", "--", "ru"])).stdout, /^run\t.*\nruns\t/);
  const unknown = await place.run(["run", "--frobnicate", "x"]);
  assert.equal(unknown.code, 2);
  assert.equal(unknown.stderr, "troupe: unknown option '--frobnicate'; see: troupe run --help\n");
  assert.deepEqual(files(), before);
});

Deno.test("the demonstration runs, and replays byte for byte", async () => {
  await using place = nowhere();
  const demo = await place.run(["demo"]);
  assert.equal(demo.code, 0, demo.stderr);
  assert.equal(demo.stdout, "The sorted result is [3, 9, 10, 27, 38, 43, 82]\n");
  for (const said of [/write_file .* denied/, /agent died: killed/, /agent restarted/, /0\.00 USD/]) {
    assert.match(demo.stderr, said);
  }
  const [, command = ""] = /replay it with: troupe (.*)\n$/.exec(demo.stderr) ?? [];
  const replay = await place.run(command.split(" "));
  assert.deepEqual([replay.code, replay.stdout], [0, demo.stdout]);
});

Deno.test("every tool works, and the run is listed, shown and replayed byte for byte", async () => {
  await using place = nowhere();
  await using server = everyTool();
  const run = await place.run(["run", "Try them all", "--json"], { server });
  assert.equal(run.code, 0, run.stderr);
  const outcomes = eventsOf(run.stdout).flatMap((event) => event.type === "tool_ended" ? [event] : []);
  assert.equal(outcomes.length, 7);
  for (const { call, outcome } of outcomes) assert.ok(outcome.ok, `${call.name}: ${JSON.stringify(outcome)}`);
  assert.equal(Deno.readTextFileSync(`${place.workspace}/notes/a.txt`), "kept");
  const id = runIn(run);
  assert.match((await place.run(["runs"])).stdout, new RegExp(`${id} +answered .* Try them all`));
  assert.match((await place.run(["show", id])).stdout, /list_files[^]*execute_python/);
  const replays = [await place.run(["replay", id]), await place.run(["replay", id])];
  assert.match(replays[0]!.stdout, SORTED);
  assert.deepEqual(replays[0], replays[1]);
  assert.equal(server.requests.length, 8);
  assert.deepEqual(names(place.tmp), [], "what it unpacks lies in a folder of its own");
});

Deno.test("killed with SIGKILL while Python runs, a run resumes to its answer and asks nothing twice", async () => {
  await using place = nowhere();
  await using server = everyTool();
  const program = place.start(["run", "Try them all", "--json"], { server });
  await program.event((event) => event.type === "tool_started" && event.call.name === "execute_python");
  program.kill("SIGKILL");
  const killed = await program.ended;
  assert.equal(killed.signal, "SIGKILL");
  const resumed = await place.run(["resume", runIn(killed), "--quiet"], { server });
  assert.equal(resumed.code, 0, resumed.stderr);
  assert.match(resumed.stdout, SORTED);
  assert.equal(server.requests.length, 8);
});

Deno.test("interrupted once it stops where it can be resumed", async () => {
  await using place = nowhere();
  await using server = everyTool();
  const program = place.start(["run", "Try them all"], { server });
  await program.says(/list_files/);
  program.kill("SIGINT");
  const stopped = await program.ended;
  assert.equal(stopped.code, 130, stopped.stderr);
  const [, command = ""] = /resume with: troupe (resume \w+)/.exec(stopped.stderr) ?? [];
  const resumed = await place.run([...command.split(" "), "--quiet"], { server });
  assert.match(resumed.stdout, SORTED);
  assert.equal(server.requests.length, 8);
});

Deno.test("heap and CPU of an actor in a process of its own are limited, and its neighbour answers", async () => {
  const entries = workerEntries().filter((entry) => entry.startsWith("supervisor/process/"));
  const workers = ["tests/workers/isolated_counter.ts", "tests/workers/counter.ts"];
  const program = await make("exhausted", "tests/compile/exhausted.ts", [...entries, ...workers]);
  const { stdout, stderr } = await new Deno.Command(program, { clearEnv: true }).output();
  const found = JSON.parse(new TextDecoder().decode(stdout)) as Record<"heap" | "cpu", Found>;
  const { heap, cpu } = found;
  assert.match(heap.message, /it grew by more than 128 MiB$/, new TextDecoder().decode(stderr));
  assert.match(cpu.message, /did not answer by its deadline and its process was killed/);
  assert.deepEqual([heap.code, cpu.code], ["died", "timeout"]);
  for (const { neighbour, next, anotherProcess } of [heap, cpu]) {
    assert.deepEqual([neighbour, next, anotherProcess], [3, 7, true]);
  }
});

Deno.test("it needs no temporary folder, and says so when it may write nowhere", async () => {
  await using place = nowhere("/dev/null");
  const runs = await place.run(["runs"]);
  assert.deepEqual([runs.code, runs.stdout], [0, ""]);
  const homeless = await place.run(["runs"], { env: { HOME: "/dev/null" } });
  assert.equal(homeless.code, 2);
  assert.match(
    homeless.stderr,
    /^troupe: Cannot (make folder|unpack .* to) \/dev\/null\/.*: Not a directory\n$/,
  );
});

Deno.test("its native library is not loaded from where others may write", async () => {
  await using place = nowhere();
  await Deno.mkdir(`${place.home}/.local/state/troupe`, { recursive: true });
  const folder = `${place.home}/.local/state/troupe/native-${Deno.uid()}`;
  await Deno.mkdir(folder);
  await Deno.chmod(folder, 0o777);
  const { code, stderr } = await place.run(["runs"]);
  assert.equal(code, 2);
  assert.match(stderr, /^troupe: Cannot unpack .*: others may write there\n$/);
});

Deno.test("a user without privileges can run it", async () => {
  await using place = nowhere();
  const how: Start = Deno.uid() === 0 ? { under: NOBODY } : {};
  for (const folder of [place.folder, place.cwd, place.home, place.tmp]) await Deno.chmod(folder, 0o777);
  const { code, stdout, stderr } = await place.run(["demo", "--quiet"], how);
  assert.equal(code, 0, stderr);
  assert.equal(stdout, "The sorted result is [3, 9, 10, 27, 38, 43, 82]\n");
});

const NOBODY = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
