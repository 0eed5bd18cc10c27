/**
 * The service as people configure it.
 *
 * @module
 */
import { Documents } from "../../protocols/messages/documents.ts";
import { Journal } from "../../protocols/messages/journal.ts";
import type { Fingerprint } from "../../sandbox/secrets/fingerprint.ts";
import { documentStore } from "../../supervisor/durable/document_store.ts";
import { documentsOver } from "../../supervisor/durable/documents.ts";
import { journalOver } from "../../supervisor/durable/journal.ts";
import { child } from "../../supervisor/tree/spec.ts";
import { combineSources } from "../desk/combine.ts";
import { type Desk, openDesk } from "../desk/open_desk.ts";
import { fingerprintsOf, toolkitOf } from "../runtime/choose_crew.ts";
import { STORE } from "../runtime/crew.ts";
import { makeFolder } from "../runtime/folder.ts";
import {
  type ConfiguredRuntime,
  type Extend,
  openConfigured,
  type RuntimeSettings,
} from "../runtime/open.ts";
import { locksBeside } from "../runtime/run_lock.ts";
import { openTasks } from "../tasks/open_tasks.ts";
import type { Service } from "./service.ts";

/** Name of the store of documents among the standing actors. */
const DOCUMENTS = "documents";

/**
 * Opens the runtime, and beside it the tasks and tools of whoever asks from outside. `report` hears what no caller can
 * be told.
 * @throws {Fault} codes `config_...`, `store_...`.
 */
export async function openConfiguredService(
  settings: RuntimeSettings,
  { extend, report }: { extend?: Extend; report?: (message: string) => void } = {},
): Promise<Service> {
  const opened = await openConfigured(settings, {
    extend,
    standing({ db, workspace }) {
      makeFolder(workspace); // a run makes its own; calls without one need it as well
      return [child(DOCUMENTS, documentStore, { path: documentsBeside(db) })];
    },
  });
  const { runtime, config, extensions } = opened;
  const documents = documentsOver(runtime.standing.ref(Documents, DOCUMENTS));
  const secrets = fingerprintsOf(config.keys);
  const tasks = openTasks({ runtime, documents, secrets });
  const desk = deskOf(opened, settings, secrets, report);
  const others = extensions.flatMap((extension) => extension.source(runtime.standing) ?? []);
  return {
    tasks,
    tools: combineSources(desk, others, report),
    documents,
    runtime,
    config,
    recover: () => tasks.recover(),
    async close() {
      await Promise.all([tasks.close(), desk.close()]).finally(() => runtime.close());
    },
  };
}

function deskOf(
  { runtime, config }: ConfiguredRuntime,
  { executor = "pyodide" }: RuntimeSettings,
  secrets: readonly Fingerprint[],
  log?: (message: string) => void,
): Desk {
  return openDesk({
    toolkit: toolkitOf(config, executor),
    journal: journalOver(runtime.standing.ref(Journal, STORE)),
    startTree: (children) => runtime.startTree(children, () => {}),
    stopTree: (tree) => runtime.stopTree(tree),
    locks: locksBeside(config.db),
    secrets,
    log,
  });
}

/** "troupe.db" has "troupe.documents.db" beside it. */
function documentsBeside(db: string): string {
  return `${db.replace(/\.db$/, "")}.documents.db`;
}
