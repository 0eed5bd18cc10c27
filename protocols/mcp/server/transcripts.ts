/**
 * Transcripts of the caller's own tasks as resources.
 *
 * @module
 */
import {
  type Resource,
  ResourceNotFoundError,
  type TextResourceContents,
} from "@modelcontextprotocol/server";
import { told } from "../../terminal/transcript.ts";
import type { Service } from "../../../workspace/service/service.ts";

/** What their addresses begin with. */
export const RUNS = "troupe://runs/";

/** Tasks that are listed, last changed first; the transcripts of all can be read. */
const LISTED_RUNS = 50;
/** Characters of a task in the list. */
const TITLE_CHARS = 80;

/** The caller's last tasks. */
export async function listTranscripts({ tasks }: Pick<Service, "tasks">, owner: string): Promise<Resource[]> {
  return (await tasks.list(owner, LISTED_RUNS)).map(({ id, text, state }) => ({
    uri: RUNS + id,
    name: id,
    title: `${state}: ${text.slice(0, TITLE_CHARS)}`,
    mimeType: "application/json",
  }));
}

/**
 * The transcript at an address: `{ run, task, status, events, outcome? }`.
 * @throws {ResourceNotFoundError} for what is not there and for tasks of others alike.
 */
export async function readTranscript(
  { tasks, runtime }: Pick<Service, "tasks" | "runtime">,
  owner: string,
  uri: string,
): Promise<TextResourceContents> {
  const task = await tasks.get(owner, uri.slice(RUNS.length));
  if (task === null) throw new ResourceNotFoundError(uri);
  const known = await runtime.show(task.id);
  const value = {
    run: task.id,
    task: task.text,
    status: task.state,
    events: known === null ? [] : told(known.record, known.entries).events,
    ...(task.outcome !== undefined && { outcome: task.outcome }),
  };
  return { uri, mimeType: "application/json", text: JSON.stringify(value, null, 1) };
}
