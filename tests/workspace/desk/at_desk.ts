/**
 * A desk with real actors for one test, and what its journal says.
 *
 * @module
 */
import assert from "node:assert/strict";
import { Journal, type JournalEntry, type RunRecord } from "../../../protocols/messages/journal.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import type { ToolOutcome } from "../../../protocols/messages/tool.ts";
import { told } from "../../../protocols/terminal/transcript.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { journalOver, type JournalPort } from "../../../supervisor/durable/journal.ts";
import { store } from "../../../supervisor/durable/store.ts";
import { child } from "../../../supervisor/tree/spec.ts";
import type { Supervisor } from "../../../supervisor/tree/supervisor.ts";
import type { Fingerprint } from "../../../sandbox/secrets/fingerprint.ts";
import type { Called, CallOptions } from "../../../workspace/desk/desk.ts";
import { type Desk, openDesk } from "../../../workspace/desk/open_desk.ts";
import { STORE } from "../../../workspace/runtime/crew.ts";
import { RunTrees } from "../../../workspace/runtime/run_trees.ts";
import type { Toolkit } from "../../../workspace/runtime/toolkit.ts";
import { workspaceTools } from "../../../workspace/runtime/workspace_tools.ts";
import { inFolder } from "../../sandbox/files/in_folder.ts";
import { runningWorkers } from "../../supervisor/stage.ts";
import { PYTHON_CACHE } from "../../support/python_cache.ts";

/** What a test changes. */
export interface Setting {
  /** Default the tools of the workspace without Python. */
  readonly toolkit?: (workspace: string) => Toolkit;
  /** Goes around the store's journal. Default nothing. */
  readonly journal?: (store: JournalPort) => JournalPort;
  readonly secrets?: readonly Fingerprint[];
  readonly clock?: Clock;
}

/** A run of calls, as it is journaled. */
export interface Journaled {
  readonly record: RunRecord;
  readonly entries: readonly JournalEntry[];
  /** What `troupe show` tells of it. */
  readonly events: readonly RunEvent[];
}

/** A desk at work. */
export interface AtDesk {
  readonly desk: Desk;
  readonly workspace: string;
  /** The trees it started, in order. */
  readonly trees: readonly Supervisor[];
  /** Calls by "anyone", with nobody who answers questions unless `more` says so. */
  call(name: string, args: Record<string, unknown>, more?: Partial<CallOptions>): Promise<Called>;
  /** The content of a call that must succeed. */
  content(name: string, args: Record<string, unknown>, more?: Partial<CallOptions>): Promise<string>;
  /** The outcome of a call that must not. */
  failure(
    name: string,
    args: Record<string, unknown>,
    more?: Partial<CallOptions>,
  ): Promise<Extract<ToolOutcome, { ok: false }>>;
  /** All runs, newest first, after the desk was closed. */
  closed(): Promise<Journaled[]>;
}

/** The tools of a workspace, all granted. */
export function allTools(workspace: string, executor: "pyodide" | "none" = "none"): Toolkit {
  return workspaceTools({
    workspace,
    executor,
    granted: ["FileRead", "FileWrite", "ShellExec"],
    hosts: [],
    rules: [],
    python: { cache: PYTHON_CACHE, lock: `${workspace}/../lock.json`, settings: { packages: { allow: [] } } },
  });
}

/** Runs a test with a desk; no worker may be left afterwards. */
export function atDesk(test: (at: AtDesk) => Promise<void>, setting: Setting = {}): Promise<void> {
  return inFolder(async (folder) => {
    const workspace = `${folder}/workspace`;
    Deno.mkdirSync(workspace);
    const running = new RunTrees();
    try {
      await running.open([child(STORE, store, { path: `${folder}/troupe.db` })]);
      const at = deskIn(folder, workspace, running, setting);
      await test(at);
      await at.desk.close();
    } finally {
      await running.close();
    }
    assert.equal(runningWorkers(), 0, "workers were left running");
  });
}

function deskIn(folder: string, workspace: string, running: RunTrees, setting: Setting): AtDesk {
  const { toolkit = allTools, journal: around = (port) => port, secrets, clock } = setting;
  const stored = journalOver(running.standing.ref(Journal, STORE));
  const trees: Supervisor[] = [];
  const desk = openDesk({
    toolkit: toolkit(workspace),
    journal: around(stored),
    locks: `${folder}/locks`,
    secrets,
    clock,
    async startTree(children) {
      const tree = await running.start(children, () => {});
      trees.push(tree);
      return tree;
    },
    stopTree: (tree) => running.stop(tree),
  });
  const call: AtDesk["call"] = (name, args, more) =>
    desk.call(name, args, { owner: "anyone", signal: new AbortController().signal, ...more });
  return {
    desk,
    workspace,
    trees,
    call,
    async content(...asked) {
      const { outcome } = await call(...asked);
      assert.ok(outcome.ok, JSON.stringify(outcome));
      return outcome.content;
    },
    async failure(...asked) {
      const { outcome } = await call(...asked);
      assert.ok(!outcome.ok, JSON.stringify(outcome));
      return outcome;
    },
    async closed() {
      await desk.close();
      const records = await stored.list({ limit: 1000 });
      return await Promise.all(records.map(({ run }) => journaled(stored, run)));
    },
  };
}

/** A run by its id. */
export async function journaled(journal: JournalPort, run: string): Promise<Journaled> {
  const known = await journal.read({ run });
  assert.ok(known !== null, run);
  const { events, unclear } = told(known.record, known.entries);
  assert.deepEqual(unclear, []);
  return { ...known, events };
}

/** The audit log: one line for each decision. */
export function audit({ events }: Journaled): string[] {
  return events.flatMap((event) => {
    if (event.type !== "decision") return [];
    const { tool, allowed, grant } = event.decision;
    return [`${allowed ? "allowed" : "denied"} ${tool}: ${grant}`];
  });
}

/** Name and outcome of each call of a run. */
export function calls({ entries }: Journaled): string[] {
  return entries.map(({ kind, intent, receipt }) => {
    const { name } = intent as { name: string };
    const { outcome } = (receipt?.value as { value: { outcome: ToolOutcome } } | undefined)?.value ?? {};
    return `${kind} ${name}: ${outcome === undefined ? "open" : outcome.ok ? "ok" : outcome.kind}`;
  });
}
