/**
 * `troupe show`: the transcript of a run, from its journal.
 *
 * @module
 */
import { Fault } from "../messages/fault.ts";
import type { JournalEntry, RunRecord } from "../messages/journal.ts";
import { harmless, jsonLine, oneLine } from "./harmless.ts";
import { keptAt } from "./options.ts";
import { painter, wantsColour } from "./paint.ts";
import { textRenderer, type View } from "./render.ts";
import type { Stage } from "./stage.ts";

/** Shows one run, wholly on stdout. @throws {Fault} code `unknown_run`. */
export async function showRun({ outside, options, screen, runtime }: Stage, run = ""): Promise<number> {
  const { stdout, env, command } = outside;
  const found = await (await runtime()).show(run);
  if (found === null) {
    throw new Fault("unknown_run", `Cannot show run ${run}: there is none`);
  }
  const view = {
    live: false,
    answerTerminal: stdout.terminal,
    merged: true,
    columns: stdout.terminal ? stdout.columns() : Infinity,
    colour: wantsColour(stdout, env, options.color ?? true),
    news: true,
    debug: options.debug ?? false,
    command,
    where: keptAt(options),
  };
  const { record, entries } = found;
  const text = options.audit
    ? await auditLog(record, entries, { json: options.json ?? false, colour: view.colour })
    : options.json
    ? jsonLine(found)
    : await transcript(record, entries, view);
  await screen.write([{ to: "stdout", text }]);
  return 0;
}

/** Every decision about a tool, those of sub-agents included: a line each, or a JSON document each. */
async function auditLog(
  record: RunRecord,
  entries: readonly JournalEntry[],
  { json, colour }: { readonly json: boolean; readonly colour: boolean },
): Promise<string> {
  const { told } = await import("./transcript.ts");
  const paint = painter(colour);
  return told(record, entries).events.map((event) => {
    if (event.type !== "decision") return "";
    const { agent, decision } = event;
    if (json) return jsonLine({ agent, ...decision });
    const { tool, allowed, grant, reason } = decision;
    const word = allowed ? paint("good", "allowed") : paint("bad", "denied ");
    return `${word} ${oneLine(`${agent}: ${tool} · ${grant} · ${reason}`)}\n`;
  }).join("");
}

/** A run as text: what was asked, what happened, how it ended or where it stands. */
async function transcript(
  record: RunRecord,
  entries: readonly JournalEntry[],
  view: Omit<View, "run" | "root">,
): Promise<string> {
  const { told } = await import("./transcript.ts"); // brings zod, which no other command needs
  const { run, agent, task, startedAt, status, outcome, setup } = record;
  const { events, unclear } = told(record, entries);
  const renderer = textRenderer({ ...view, run, root: agent });
  const lines = events.map((event) => renderer.render(event).map(({ text }) => text).join(""));
  const resume = `resume with: ${view.command} resume ${run}${view.where}\n`;
  const resumable = status !== "running" && setup.calls !== true; // calls that others made are no run to go on with
  const end = outcome !== undefined ? lines.pop() : resumable ? resume : "";
  const title = `run ${run} · ${agent} · started ${new Date(startedAt).toISOString()} · ${status}`;
  const open = unclear.map((line) => `… ${harmless(line)}\n`).join("");
  return `${harmless(title)}\n\n${harmless(task.trim())}\n\n${lines.join("")}${open}${end}`;
}
