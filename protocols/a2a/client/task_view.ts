/**
 * A remote task as far as it was heard of: where it stands, what it made, and what of that is news.
 *
 * @module
 */
import type { Artifact, StreamResponse, Task, TaskState, TaskStatus } from "@a2a-js/sdk";
import { ANSWER_CHARS, listOf, plain, textOf, WORD_CHARS, wordsOf } from "./plain.ts";

/** Where a task stands. `asking` waits for a word of ours; the others but `working` are its end. */
export type RemoteState = "working" | "asking" | "completed" | "failed" | "rejected" | "canceled";

/** Something to tell whoever watches. */
export type News =
  /** A piece of the answer. */
  | { readonly type: "text"; readonly text: string }
  /** What it is doing. */
  | { readonly type: "log"; readonly text: string };

/** By the library's numbers: its enum would have to be loaded. Whatever else is said counts as `working`. */
const STATES: Readonly<Partial<Record<TaskState, RemoteState>>> = {
  3: "completed",
  4: "failed",
  5: "canceled",
  6: "asking",
  7: "rejected",
  8: "asking",
};

/** Artifacts that are kept of a task. */
const ARTIFACTS = 1_000;

/** See the module's words. */
export class TaskView {
  /** Text of each artifact, and how much of it was told. */
  readonly #artifacts = new Map<string, { text: string; told: number }>();
  #chars = 0;
  #state: RemoteState = "working";
  #word = "";
  #mark = "";
  #direct: string | undefined;
  #id = "";
  #context = "";

  /** Its id and its context, as the remote names them; empty until it did. */
  get task(): { readonly id: string; readonly context: string } {
    return { id: this.#id, context: this.#context };
  }

  /** Where it stands. */
  get state(): RemoteState {
    return this.#state;
  }

  /** What was said with that: the question, the reason. */
  get word(): string {
    return plain(this.#word, WORD_CHARS);
  }

  /** Tells one status from another, where the remote does; else empty. */
  get mark(): string {
    return this.#mark;
  }

  /** The answer to a message that began no task. */
  get direct(): string | undefined {
    return this.#direct;
  }

  /** All it made, as text; where that is nothing, what it said last. */
  get answer(): string {
    const made = [...this.#artifacts.values()].map(({ text }) => text).filter((text) => text.trim() !== "");
    const said = this.#word.trim();
    const isNew = said !== "" && !made.some((text) => text.includes(said));
    return plain((isNew ? [this.#word, ...made] : made).join("\n\n"), ANSWER_CHARS);
  }

  /** Takes what a stream brought. Answers what is news in it. */
  take({ payload }: StreamResponse): News[] {
    switch (payload?.$case) {
      case "task":
        return this.takeTask(payload.value);
      case "message":
        if (this.#id === "") this.#direct = plain(textOf(payload.value.parts), ANSWER_CHARS);
        return [];
      case "statusUpdate":
        this.#name(payload.value.taskId, payload.value.contextId);
        return this.#takeStatus(payload.value.status);
      case "artifactUpdate":
        this.#name(payload.value.taskId, payload.value.contextId);
        return this.#takeArtifact(payload.value.artifact, payload.value.append);
      default:
        return [];
    }
  }

  /** Takes the whole task as it stands. */
  takeTask({ id, contextId, status, artifacts }: Task): News[] {
    this.#name(id, contextId);
    const made = listOf(artifacts).flatMap((artifact) => this.#takeArtifact(artifact, false));
    return [...made, ...this.#takeStatus(status)];
  }

  /** A task has one name; what is said of another is none of ours, and leaves this one as it is. */
  #name(id: string, context: string): void {
    if (this.#id === "") this.#id = id;
    if (this.#context === "") this.#context = context;
  }

  #takeStatus(status: TaskStatus | undefined): News[] {
    if (status === undefined) return [];
    const { message, timestamp } = status;
    const word = message === undefined ? "" : wordsOf(message.parts);
    const before = this.#word;
    this.#state = STATES[status.state] ?? "working";
    this.#word = word.slice(0, ANSWER_CHARS + 1);
    this.#mark = [message?.messageId, timestamp].filter((part) => part).join(" ");
    const isNews = this.#state === "working" && word !== "" && word !== before;
    return isNews ? [{ type: "log", text: this.word }] : [];
  }

  #takeArtifact(artifact: Artifact | undefined, append: boolean): News[] {
    if (artifact === undefined) return [];
    const id = String(artifact.artifactId);
    const known = this.#artifacts.get(id) ?? { text: "", told: 0 };
    if (!this.#artifacts.has(id) && this.#artifacts.size >= ARTIFACTS) return [];
    const added = textOf(artifact.parts);
    const room = Math.max(0, ANSWER_CHARS + 1 - (this.#chars - known.text.length));
    const text = (append ? known.text + added : added).slice(0, room);
    this.#chars += text.length - known.text.length;
    const goesOn = text.startsWith(known.text);
    const news = goesOn ? text.slice(known.told) : "";
    this.#artifacts.set(id, { text, told: Math.max(known.told, text.length) });
    return news === "" ? [] : [{ type: "text", text: plain(news, ANSWER_CHARS) }];
  }
}
