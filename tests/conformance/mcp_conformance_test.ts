/**
 * The public MCP conformance suite against our endpoint and our Tasks extension.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Fixture, serveFixture } from "./mcp_fixture.ts";

const SUITE = new URL("mcp_suite.ts", import.meta.url).pathname;

/** What one scenario came to. */
interface Scenario {
  readonly name: string;
  readonly passed: number;
  readonly failed: number;
}

/** The scenarios of a set of requirements, those that are run but not required included. */
async function run(requirements: string, { url }: Fixture): Promise<{ scenarios: Scenario[]; said: string }> {
  const folder = await Deno.makeTempDir();
  try {
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "-A", SUITE, "server", "--url", url, "--requirements", requirements, "-o", folder],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    // deno-lint-ignore no-control-regex -- the suite paints its lines whatever it is told
    const said = new TextDecoder().decode(stdout).replace(/\x1b\[[0-9;]*m/g, "") +
      new TextDecoder().decode(stderr);
    const lines = said.matchAll(/^[✓✗] (\S+): (\d+) passed, (\d+) failed/gm);
    const scenarios = [...lines].map(([, name = "", passed, failed]) => ({
      name,
      passed: Number(passed),
      failed: Number(failed),
    }));
    return { scenarios, said };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isTasks = ({ name }: Scenario) => name.startsWith("tasks-");
const failures = (scenarios: Scenario[]) =>
  scenarios.filter(({ failed }) => failed > 0).map(({ name }) => name);

/** Run and reported by the suite, not required. */
const NOT_REQUIRED = {
  "2025-11-25": ["server-session-lifecycle", "json-schema-2020-12", "server-sse-polling"],
  "2026-07-28": ["json-schema-2020-12", "http-header-validation", "http-custom-header-server-validation"],
};

Deno.test("the public suite finds nothing wrong: 30 scenarios of 2025-11-25, 37 of 2026-07-28, 10 of Tasks", async () => {
  const fixture = serveFixture();
  try {
    const [legacy, modern] = await Promise.all([run("2025-11-25", fixture), run("2026-07-28", fixture)]);
    const tasks = modern.scenarios.filter(isTasks);
    const required = {
      "2025-11-25": legacy.scenarios.filter(({ name }) => !NOT_REQUIRED["2025-11-25"].includes(name)),
      "2026-07-28": modern.scenarios.filter((one) =>
        !isTasks(one) && !NOT_REQUIRED["2026-07-28"].includes(one.name)
      ),
    };
    assert.equal(required["2025-11-25"].length, 30, legacy.said);
    assert.equal(required["2026-07-28"].length, 37, modern.said);
    assert.equal(tasks.length, 10, modern.said);
    assert.deepEqual(failures([...legacy.scenarios, ...modern.scenarios]), [], "these scenarios fail");
    const idle = [...required["2025-11-25"], ...required["2026-07-28"]].filter(({ passed }) => passed === 0);
    assert.deepEqual(idle.map(({ name }) => name), [], "these scenarios checked nothing");
  } finally {
    await fixture.close();
  }
});
