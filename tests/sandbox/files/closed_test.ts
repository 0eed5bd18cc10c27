import assert from "node:assert/strict";
import { closedPart, requireOpen } from "../../../sandbox/files/closed.ts";

Deno.test("what says what is run or allowed later is closed to tools", () => {
  const cases: [path: string, closed: string | undefined][] = [
    [".git/hooks/pre-commit", ".git"],
    ["a/.git/config", ".git"],
    ["a/.GIT/config", ".GIT"],
    ["./.troupe/undo/x.patch", ".troupe"],
    ["troupe.toml", "troupe.toml"],
    ["Troupe.toml", "Troupe.toml"],
    [".env", ".env"],
    ["a/troupe.toml", undefined],
    ["a/.env", undefined],
    [".gitignore", undefined],
    ["src/git.ts", undefined],
  ];
  for (const [path, closed] of cases) assert.equal(closedPart(path), closed, path);
});

Deno.test("only what lies below the workspace is looked at", () => {
  requireOpen("/home/.git/ws", "/home/.git/ws/a.txt");
  requireOpen("/ws/", "/ws/a.txt");
  assert.throws(() => requireOpen("/ws/", "/ws/.git/config"), { code: "denied" });
});
