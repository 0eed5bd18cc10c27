/**
 * A server for the A2A compatibility kit (a2aproject/a2a-tck) to look at: our application, with a script instead of runs.
 *
 * ```sh
 * deno run -A tests/conformance/a2a_sut.ts                 # branch 1.0-dev, answers of 1.0.1
 * deno run -A tests/conformance/a2a_sut.ts --spec 1.0.0    # the answers that branch pins
 * deno run -A tests/conformance/a2a_sut.ts --legacy        # branch 0.3.x: its card where that branch looks for it
 * ```
 *
 * @module
 */
import { parseArgs } from "node:util";
import { Hono } from "@hono/hono";
import { openPush } from "../../protocols/a2a/push/push.ts";
import { a2aAppOver } from "../../protocols/a2a/server/app.ts";
import { memoryDocuments } from "../../supervisor/durable/memory_documents.ts";
import { ANYONE, type ServedEnv } from "../../workspace/service/caller.ts";
import { ScriptedWorkshop } from "./a2a_script.ts";

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8700" },
    spec: { type: "string", default: "1.0.1" },
    legacy: { type: "boolean", default: false },
  },
});

const moreSkills = () =>
  Promise.resolve([{ id: "tck", name: "Kit", description: "Obeys the compatibility kit", tags: ["tck"] }]);
const documents = memoryDocuments();
const { app } = a2aAppOver(new ScriptedWorkshop(), {
  documents,
  push: openPush({ documents, allowHosts: ["127.0.0.1", "localhost"] }),
  moreSkills,
  // the kit for 0.3 wants to see tasks at work
  ...(values.legacy && { waitMs: 200 }),
  spec: values.spec === "1.0.0" ? "1.0.0" : "1.0.1",
  report: (problem, cause) => void Deno.stderr.write(new TextEncoder().encode(`${problem}: ${cause}\n`)),
});
const door = new Hono<ServedEnv>();
door.use(async (context, next) => {
  context.set("caller", ANYONE);
  await next();
});
if (values.legacy) {
  for (const path of ["/.well-known/agent-card.json", "/a2a/.well-known/agent-card.json"]) {
    door.get(path, (context) => {
      const headers = { ...context.req.header(), "A2A-Version": "0.3" };
      return app.fetch(new Request(new URL("/.well-known/agent-card.json", context.req.url), { headers }));
    });
  }
}
door.route("/", app);
Deno.serve({ port: Number(values.port), hostname: "127.0.0.1" }, door.fetch);
