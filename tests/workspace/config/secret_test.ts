import assert from "node:assert/strict";
import { inspect } from "node:util";
import { Secret } from "../../../workspace/config/secret.ts";

Deno.test("a secret gives its value to whoever asks for it and shows it nowhere else", () => {
  const secret = new Secret("sk-value");
  assert.equal(secret.reveal(), "sk-value");
  const shown = [
    `${secret}`,
    String([secret]),
    JSON.stringify({ secret }),
    Deno.inspect({ secret }),
    Deno.inspect(secret, { showHidden: true, depth: 9 }),
    inspect({ secret }, { showHidden: true, depth: 9 }),
    inspect(new Error("failed", { cause: secret })),
    JSON.stringify(structuredClone({ secret })),
    Object.entries(secret).join(),
  ];
  for (const text of shown) assert.doesNotMatch(text, /sk-value/);
  for (const text of shown.slice(0, 6)) assert.match(text, /\[redacted\]/);
  assert.equal(JSON.stringify({ secret }), '{"secret":"[redacted]"}');
});
