import { libsqlJournal } from "../../supervisor/durable/libsql_journal.ts";
import { memoryJournal } from "../../supervisor/durable/memory_journal.ts";
import { journalContract } from "./journal_contract.ts";

journalContract("memory journal", () => Promise.resolve(memoryJournal()));

journalContract("libsql journal", async () => {
  const folder = await Deno.makeTempDir();
  const journal = await libsqlJournal({ path: `${folder}/journal.db` });
  return {
    ...journal,
    close() {
      journal.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
});
