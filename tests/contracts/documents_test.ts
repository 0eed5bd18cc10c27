import { libsqlDocuments } from "../../supervisor/durable/libsql_documents.ts";
import { memoryDocuments } from "../../supervisor/durable/memory_documents.ts";
import { documentsContract } from "./documents_contract.ts";

documentsContract("memory documents", () => Promise.resolve(memoryDocuments()));

documentsContract("libsql documents", async () => {
  const folder = await Deno.makeTempDir();
  const documents = await libsqlDocuments({ path: `${folder}/documents.db` });
  return {
    ...documents,
    close() {
      documents.close();
      Deno.removeSync(folder, { recursive: true });
    },
  };
});
