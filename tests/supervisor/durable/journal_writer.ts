/**
 * A process that writes effects to the journal named by its argument, printing the number of each once its receipt
 * is answered, until it is killed.
 *
 * @module
 */
import { libsqlJournal } from "../../../supervisor/durable/libsql_journal.ts";
import { aRun } from "../../contracts/journal_contract.ts";

const journal = await libsqlJournal({ path: Deno.args[0] ?? "" });
await journal.open(aRun("r"));
for (let seq = 0;; seq++) {
  await journal.intent({ run: "r", seq, kind: "log", intent: { seq } });
  await journal.receipt({ run: "r", seq, value: "x" });
  await Deno.stdout.write(new TextEncoder().encode(`${seq}\n`));
}
