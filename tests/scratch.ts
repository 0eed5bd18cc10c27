import { child } from "../supervisor/tree/spec.ts";
import { Recorder, recorder } from "./workers/recorder.ts";
import { Talker, talker } from "./workers/talker.ts";
import { System } from "../supervisor/system.ts";
const tally: Record<string, number> = {};
for (let i = 0; i < 40; i++) {
  const file = await Deno.makeTempFile();
  const system = new System({ onChange: (c) => i < 0 && console.log(c) });
  const tree = await system.start("root", { strategy: "rest-for-one", intensity: { restarts: 1000, withinMs: 1000 }, children: [child("recorder", recorder, { file }, { grant: { write: [file] } }), ...["ann", "bob"].map((n) => child(n, talker, (st) => ({ recorder: st.ref(Recorder, "recorder") })))] });
  const talks = ["ann", "bob"].map((from) => tree.ref(Talker, from).call("talk", { from, count: 45, timeoutMs: 3000 }).then((e) => JSON.stringify(e), (e) => e.code));
  const ref = tree.ref(Recorder, "recorder");
  const out = await Promise.all(["close", "none", "none"].map((death, n) => ref.call("ask", { from: "main", n: n + 1, death: death as never }, { timeoutMs: 1500 }).then(() => "answered", (e) => e.code)));
  out.push("/", ...await Promise.all(talks));
  out.push("/", ...await Promise.all([ref.call("ask", { from: "last", n: 1, death: "none" }, { timeoutMs: 1500 }).then(() => "answered", (e) => e.code)]));
  const log = (await Deno.readTextFile(file)).trim().split("\n").filter((l) => l.startsWith("main")).join(",");
  const k = out.join(" ") + " | " + log;
  tally[k] = (tally[k] ?? 0) + 1;
  await system.close();
  await Deno.remove(file);
}
console.log(tally);
