import assert from "node:assert/strict";
import { runCli } from "../../../protocols/terminal/cli.ts";
import { type FakeService, fakeService } from "../../support/fake_service.ts";
import { MemorySink, type Stand, stand } from "./outside.ts";

/** An output that tells when there is something on it. */
class HeardSink extends MemorySink {
  readonly #heard = Promise.withResolvers<void>();
  readonly heard = this.#heard.promise;

  override write(text: string): Promise<boolean> {
    const written = super.write(text);
    this.#heard.resolve();
    return written;
  }
}

/** Serves until `use` is over, then is told to stop. */
async function serving(
  service: FakeService,
  args: readonly string[],
  use: (at: Stand, stdout: HeardSink) => Promise<void>,
): Promise<{ code: number; at: Stand }> {
  const stdout = new HeardSink();
  const at = stand({ stdout, openService: () => Promise.resolve(service) });
  const served = runCli(["serve", "--port", "0", ...args], at.outside);
  await Promise.race([stdout.heard, served]);
  try {
    await use(at, stdout);
  } finally {
    at.signal();
    await served;
  }
  return { code: await served, at };
}

Deno.test("serve prints lines that work when they are pasted, and ends cleanly when it is told to", async () => {
  const service = fakeService({ toml: "[server]\nport = 1" });
  const { code, at } = await serving(service, [], async (_at, { written }) => {
    const url = /answers at (http:\/\/127\.0\.0\.1:\d+) /.exec(written)?.[1];
    const card = /^ {2}curl (\S+agent-card\.json)$/m.exec(written)?.[1] ?? "";
    assert.equal((await (await fetch(card)).json()).supportedInterfaces[0].url, `${url}/a2a`);
    const [, to = "", header = "", body = ""] = /^ {2}curl (\S+) -H '(.*)' -d '(.*)'$/m.exec(written) ?? [];
    const [name = "", value = ""] = header.split(": ");
    const asked = await fetch(to, { method: "POST", headers: { [name]: value }, body });
    assert.match(await asked.text(), /"status":\{"state":"completed","message":\{.*"text":"4"/);
    assert.match(written, new RegExp(`^ {2}${url}/mcp$`, "m"));
    const host = JSON.parse(/^ {2}(\{"mcpServers".*)$/m.exec(written)?.[1] ?? "");
    const args = [
      "mcp",
      "--workspace",
      "/nowhere",
      "--db",
      "/here/.troupe/troupe.db",
      "--config",
      "/here/troupe.toml",
    ];
    assert.deepEqual(host, { mcpServers: { troupe: { command: "/bin/troupe", args } } });
  });
  assert.deepEqual([code, service.closed], [0, true]);
  assert.match(at.stderr.written, /no model to ask, so tasks fail, tools work: set OPENAI_API_KEY/);
  assert.doesNotMatch(at.stderr.written, /warning|go on/);
});

Deno.test("serve says what goes on, and warns when anybody may come in", async () => {
  const open = await serving(fakeService({ recovered: 2 }), ["--host", "0.0.0.0"], () => Promise.resolve());
  assert.match(open.at.stderr.written, /2 tasks go on/);
  assert.match(
    open.at.stderr.written,
    /warning: whoever can reach 0\.0\.0\.0 can give it tasks .* and call its tools/,
  );
  const toml = '[server.a2a.api_keys]\nann = "0123456789abcdef"';
  const half = await serving(
    fakeService({ toml, recovered: 1 }),
    ["--host", "0.0.0.0"],
    (_at, { written }) => {
      assert.match(written, / -H "X-API-Key: \$KEY" /);
      return Promise.resolve();
    },
  );
  assert.match(half.at.stderr.written, /1 task goes on/);
  assert.match(half.at.stderr.written, /0\.0\.0\.0 can call its tools/);
});

Deno.test("serve tells what went wrong with requests, but not without end", async () => {
  const service = fakeService({ toml: "[server.a2a]\nrate_per_minute = 0" });
  service.tools.list = () => Promise.reject(new Error("out of order"));
  const { at } = await serving(service, ["--json"], async (_at, { written }) => {
    const { a2a } = JSON.parse(written);
    for (let nth = 0; nth < 15; nth++) {
      const headers = { "content-type": "application/json", "a2a-version": "1.0" };
      const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "GetExtendedAgentCard", params: {} });
      await (await fetch(a2a, { method: "POST", headers, body })).body?.cancel();
    }
  });
  assert.equal(at.stderr.written.match(/a request failed: .*out of order/g)?.length, 10);
});

Deno.test("serve --json prints its addresses as one document, under the name it is told to have", async () => {
  const args = ["--json", "--public-url", "https://troupe.example.com/"];
  const { at } = await serving(fakeService(), args, () => Promise.resolve());
  assert.deepEqual(JSON.parse(at.stdout.written), {
    url: "https://troupe.example.com",
    card: "https://troupe.example.com/.well-known/agent-card.json",
    a2a: "https://troupe.example.com/a2a",
    mcp: "https://troupe.example.com/mcp",
  });
});

Deno.test("serve says why it cannot listen, and closes what it opened", async () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const service = fakeService();
  const at = stand({ openService: () => Promise.resolve(service) });
  const code = await runCli(["serve", "--port", String(taken.addr.port)], at.outside);
  taken.close();
  assert.deepEqual([code, service.closed], [2, true]);
  assert.match(
    at.stderr.written,
    new RegExp(`^troupe: Cannot listen at 127\\.0\\.0\\.1:${taken.addr.port}: `),
  );
  for (const wrong of ["troupe.example.com", "ftp://x", "https://x?y"]) {
    assert.equal(await runCli(["serve", "--public-url", wrong], at.outside), 2, wrong);
  }
});
