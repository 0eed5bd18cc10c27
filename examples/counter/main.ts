/**
 * An actor crashes, its supervisor starts it again, and the reference to it goes on working.
 *
 *   deno run --no-prompt -A examples/counter/main.ts
 */
// deno-lint-ignore-file no-console -- an example shows what it does
import { child, System } from "@troupe/troupe";
import { Counter, counter } from "./counter.ts";

const system = new System({
  onChange: ({ actor, change, reason }) => console.log(`${actor} ${change}: ${reason}`),
});
const shop = await system.start("shop", { children: [child("counter", counter, { from: 40 })] });
const reference = shop.ref(Counter, "counter");

reference.cast("add", { by: 2 });
console.log("total:", await reference.call("total", {}));
reference.cast("add", { by: 13 });
console.log("total:", await reference.call("total", {})); // a new life, which begins anew

await system.close();
