/**
 * Writes a megabyte to a.txt in the workspace it is given and prints the outcome. Fixture: its process may
 * not write that much.
 *
 * @module
 */
import { writeFile } from "../../../actors/tools/write_file.ts";
import { invoke } from "./invoke.ts";

const outcome = await invoke(writeFile, { workspace: Deno.args[0]! }, {
  path: "a.txt",
  content: "x".repeat(2 ** 20),
});
await new Blob([JSON.stringify(outcome)]).stream().pipeTo(Deno.stdout.writable);
