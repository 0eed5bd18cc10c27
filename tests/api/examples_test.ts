import assert from "node:assert/strict";

/** What an example prints. */
async function printed(example: string): Promise<string> {
  const { stdout, stderr, code } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", "-A", `examples/${example}/main.ts`],
    cwd: new URL("../../", import.meta.url),
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 0, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

Deno.test("the example of a counter crashes, is started again and answers through the same reference", async () => {
  assert.match(
    await printed("counter"),
    /total: 42\nshop\/counter died: 13 brings bad luck.*\nshop\/counter restarted: .*\ntotal: 40\n/,
  );
});

Deno.test("the example of a tool of one's own has a model use it", async () => {
  assert.match(
    await printed("own_tool"),
    /tool: word_count \{ ok: true, content: "6" \}\n[^]*answer: It has 6 words\.\n$/,
  );
});
