import assert from "node:assert/strict";

const growth = new URL("../../../supervisor/process/growth.ts", import.meta.url).href;

/** Runs code in a process whose growth is limited to 64 MiB. */
async function limited(code: string): Promise<{ code: number; stderr: string }> {
  const program = `import { limitGrowth } from "${growth}"; limitGrowth(64); ${code}`;
  const { code: status, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `data:text/javascript,${encodeURIComponent(program)}`],
  }).output();
  return { code: status, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("K11 a process that grows by more than it may ends and says why, whatever its workers do", async () => {
  const hog = "const kept = []; for (;;) kept.push(new Uint8Array(1_000_000).fill(kept.length))";
  const worker = `data:text/javascript,${encodeURIComponent(hog)}`;
  const { code, stderr } = await limited(`new Worker("${worker}", { type: "module" });`);
  assert.equal(code, 1);
  assert.equal(stderr, "out of memory: it grew by more than 64 MiB\n");
});

Deno.test("a process that grows by less goes on", async () => {
  const { code, stderr } = await limited(
    "const kept = new Uint8Array(16_000_000).fill(1); setTimeout(() => Deno.exit(kept[0] + 6), 100);",
  );
  assert.deepEqual([code, stderr], [7, ""]);
});
