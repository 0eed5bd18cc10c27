/**
 * `troupe runs`: what was run.
 *
 * @module
 */
import type { RunRecord } from "../messages/journal.ts";
import type { RunStatus } from "../messages/run.ts";
import { formatAge } from "./duration.ts";
import { jsonLine } from "./harmless.ts";
import { formatUsd } from "./money.ts";
import { type Paint, painter, type Tone, wantsColour } from "./paint.ts";
import { noteLine } from "./pieces.ts";
import { columnsOf, preview } from "./preview.ts";
import type { Stage } from "./stage.ts";

/** How many runs are listed unless told otherwise. */
export const DEFAULT_LISTED = 20;

/** As many as the journal lists at once. */
export const MAX_LISTED = 1000;

/** Width of the table where no terminal says its own. */
const FILE_COLUMNS = 120;

/** Columns a task has at least, however narrow the terminal. */
const MIN_TASK = 10;

/** Of all columns but the last, the task, which gets the room that is left. */
const HEADINGS = ["RUN", "STATUS", "AGE", "TURNS", "USD"] as const;

const GAP = "  ";

const TONES: Readonly<Record<RunStatus, Tone>> = {
  answered: "good",
  running: "quiet",
  blocked: "warning",
  limited: "warning",
  interrupted: "warning",
  failed: "bad",
  denied: "bad",
};

/** Lists runs, newest first. */
export async function listRuns({ outside, options, screen, runtime }: Stage): Promise<number> {
  const records = await (await runtime()).runs(Math.min(options.limit ?? DEFAULT_LISTED, MAX_LISTED));
  if (options.json) {
    await screen.write(records.map((record) => ({ to: "stdout", text: jsonLine(record) })));
  } else if (records.length === 0) {
    await screen.write(noteLine(`no runs yet; start one with: ${outside.command} run "<task>"`));
  } else {
    const { stdout, env, clock } = outside;
    const paint = painter(wantsColour(stdout, env, options.color ?? true));
    const columns = stdout.terminal ? stdout.columns() : FILE_COLUMNS;
    await screen.write([{ to: "stdout", text: runsTable(records, clock.now(), columns, paint) }]);
  }
  return 0;
}

/** The runs as a table, at most `columns` wide as far as that leaves room for the tasks. */
export function runsTable(records: readonly RunRecord[], now: number, columns: number, paint: Paint): string {
  const rows = records.map((record) => cellsOf(record, now));
  const widths = HEADINGS.map((heading, at) =>
    Math.max(heading.length, ...rows.map((row) => columnsOf(row[at] ?? "")))
  );
  const taskWidth = Math.max(MIN_TASK, columns - widths.reduce((sum, width) => sum + width + GAP.length, 0));
  const pad = (row: readonly string[]) =>
    row.map((cell, at) => cell + " ".repeat(Math.max(0, (widths[at] ?? 0) - columnsOf(cell))));
  const lines = records.map((record, at) => {
    const [run = "", status = "", ...others] = pad(rows[at] ?? []);
    return [run, paint(TONES[record.status], status), ...others, preview(record.task, taskWidth)].join(GAP);
  });
  return [paint("quiet", [...pad(HEADINGS), "TASK"].join(GAP)), ...lines].join("\n") + "\n";
}

function cellsOf({ run, status, startedAt, outcome }: RunRecord, now: number): string[] {
  const spent = outcome?.spent;
  const age = formatAge(now - startedAt);
  return [
    run,
    status,
    age,
    spent ? String(spent.turns) : "-",
    spent ? formatUsd(spent.nanoUsd).replace(/^cost | USD$/, "") : "-",
  ];
}
