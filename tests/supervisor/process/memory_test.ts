import assert from "node:assert/strict";
import type { MemoryLimits } from "../../../supervisor/process/memory.ts";

const memory = new URL("../../../supervisor/process/memory.ts", import.meta.url).href;

/** Runs code in a process with those limits. */
async function limited(limits: MemoryLimits, code: string): Promise<{ code: number; stderr: string }> {
  const program = `import { limitMemory } from "${memory}"; limitMemory(${JSON.stringify(limits)}); ${code}`;
  const { code: status, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", `data:text/javascript,${encodeURIComponent(program)}`],
  }).output();
  return { code: status, stderr: new TextDecoder().decode(stderr) };
}

Deno.test("K11 a process that grows by more than it may ends and says why, whatever its workers do", async () => {
  const hog = "const kept = []; for (;;) kept.push(new Uint8Array(1_000_000).fill(kept.length))";
  const worker = `data:text/javascript,${encodeURIComponent(hog)}`;
  const { code, stderr } = await limited({ growthMb: 64 }, `new Worker("${worker}", { type: "module" });`);
  assert.equal(code, 1);
  assert.equal(stderr, "out of memory: it grew by more than 64 MiB\n");
});

Deno.test("a process that grows by less goes on", async () => {
  const { code, stderr } = await limited(
    { growthMb: 64 },
    "const kept = new Uint8Array(16_000_000).fill(1); setTimeout(() => Deno.exit(kept[0] + 6), 100);",
  );
  assert.deepEqual([code, stderr], [7, ""]);
});

Deno.test("a process that has more than it may in all ends, however little it grew", async () => {
  const { code, stderr } = await limited({ memoryMb: 10, growthMb: 64 }, "setTimeout(() => {}, 10_000)");
  assert.deepEqual([code, stderr], [1, "out of memory: it uses more than 10 MiB\n"]);
});
