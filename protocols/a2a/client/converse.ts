/**
 * A run of a remote agent: its task is handed over, followed, its questions are put to a person, until there is an end.
 *
 * Each step is journaled before and after, so whoever comes after a death goes on with the same remote task.
 *
 * @module
 */
import type { Question, Verdict } from "../../../protocols/messages/approval.ts";
import { Fault } from "../../../protocols/messages/fault.ts";
import type { RunEvent } from "../../../protocols/messages/run.ts";
import { RunEnd } from "../../../actors/agents/ending.ts";
import type { Journaled, Performance } from "../../../actors/agents/journaled.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import { cancel, follow, type Followed, type OpenStream } from "./following.ts";
import type { Remote, TaskName } from "./remote.ts";
import { send, type Sent } from "./sending.ts";
import type { News } from "./task_view.ts";

/** What a run of a remote agent is made of. */
export interface Conversation {
  /** Of the agent. */
  readonly name: string;
  readonly run: string;
  readonly task: string;
  readonly journaled: Journaled;
  readonly clock: Clock;
  /** Aborted with the reason why the run ends. */
  readonly signal: AbortSignal;
  /** Milliseconds it may work on one message. */
  readonly timeoutMs: number;
  connect(signal: AbortSignal): Promise<Remote>;
  /** Puts a question to a person. */
  ask(question: Question, signal: AbortSignal): Promise<Verdict>;
  /** Once the run is stopped: whether nobody goes on with it at once, so that the remote task is to be canceled. */
  abandoned(): Promise<boolean>;
  /** For the operator. */
  warn(message: string): void;
}

/** What a person said, as journaled. */
type Said =
  | { readonly answer: string }
  | { readonly refused: string }
  /** The run was stopped before. */
  | { readonly dropped: true };

/** Where a message goes that does not begin a task. */
interface Reply {
  readonly task: TaskName;
  /** Mark of the question. */
  readonly answers: string;
}

interface Saying {
  readonly text: string;
  readonly reply?: Reply;
}

interface Answered {
  readonly answer: string;
}

/** Events one step may tell, and their characters. */
const EVENTS = 2_000;
const EVENT_CHARS = 256 * 1024;

/** What is asked of a person when a remote agent asks. */
const FORM = {
  type: "object",
  properties: { answer: { type: "string", title: "Answer" } },
  required: ["answer"],
};

/**
 * Plays it to its end and answers what it came to.
 * @throws {RunEnd} when it ends otherwise.
 */
export async function converse(on: Conversation): Promise<string> {
  const talk = new Talk(on);
  try {
    let next: Answered | Saying = { text: on.task };
    while (!("answer" in next)) next = await turn(on, talk, next);
    return next.answer;
  } finally {
    talk.close();
  }
}

/** Something is said and followed up; answers what is to be said next, or what it all came to. */
async function turn(on: Conversation, talk: Talk, saying: Saying): Promise<Answered | Saying> {
  // The run was stopped and goes on now: its task was canceled then, and is begun anew.
  const anew = { text: on.task };
  const sent = await talk.send(saying);
  if ("answer" in sent) return sent;
  if ("dropped" in sent) return anew;
  if ("refused" in sent) throw ended(on, sent.denied ? "denied" : "failed", sent.refused);
  if ("outcome" in sent) {
    if (!sent.outcome.ok) return saying;
    throw ended(on, "failed", "a person found that it took the task; what came of it is lost");
  }
  const { task } = sent;
  const followed = await talk.follow(task, saying.reply);
  if (followed.state === "completed") return followed;
  if (followed.state === "dropped") return anew;
  if (followed.state !== "asking") throw endOf(on, followed);
  const said = await talk.ask(followed.text, task);
  if ("dropped" in said) return anew;
  if ("answer" in said) return { text: said.answer, reply: { task, answers: followed.mark } };
  throw ended(on, "denied", `it asked "${followed.text}" and got no answer: ${said.refused}`);
}

class Talk {
  readonly #on: Conversation;
  #messages = 0;
  #open: OpenStream | undefined;

  constructor(on: Conversation) {
    this.#on = on;
  }

  /** Closes what is open and was not taken up. */
  close(): void {
    this.#open?.close();
  }

  send({ text, reply }: Saying): Promise<Sent> {
    const id = `${this.#on.run}.${this.#messages++}`;
    const message = { id, text, ...(reply === undefined ? {} : { task: reply.task }) };
    return this.#on.journaled.one<Sent>({
      kind: "send",
      // A person may have to say whether it was done.
      intent: { ...message, settle: "ask" },
      perform: async ({ begun }) => {
        const { sent, open } = await send({ ...this.#on, message, answers: reply?.answers ?? "", begun });
        this.#open = open;
        return sent;
      },
    });
  }

  follow({ id: task }: TaskName, reply: Reply | undefined): Promise<Followed> {
    const { journaled, name } = this.#on;
    return journaled.one<Followed>({
      kind: "follow",
      intent: { task },
      perform: (performance) => {
        const [open, tell] = [this.#open, teller(name, performance)];
        this.#open = undefined;
        return follow({ ...this.#on, task, answered: reply?.answers ?? "", open, tell });
      },
    });
  }

  ask(text: string, { id: task }: TaskName): Promise<Said> {
    const { journaled, name } = this.#on;
    const question: Question = {
      tool: name,
      action: text,
      reason: `the agent "${name}" works elsewhere and needs an answer to go on`,
      form: FORM,
    };
    return journaled.one<Said>({
      kind: "ask",
      intent: { task, text },
      perform: async () => {
        const said = await this.#put(question);
        if (!("answer" in said)) await cancel({ ...this.#on, task });
        return said;
      },
    });
  }

  async #put(question: Question): Promise<Said> {
    const { ask, signal, abandoned } = this.#on;
    try {
      const { allowed, reason, content } = await ask(question, signal);
      if (!allowed) return { refused: reason };
      const { answer } = content ?? {};
      return typeof answer === "string" ? { answer } : { refused: "the answer was left out" };
    } catch (error) {
      if (signal.aborted && await abandoned()) return { dropped: true };
      if (error instanceof Fault && !signal.aborted) return { refused: error.message };
      throw error;
    }
  }
}

/** What is news, as events; no more of them than a journal should keep. */
function teller(agent: string, { emit }: Performance): (news: News) => Promise<void> {
  let [events, chars] = [0, 0];
  return async ({ type, text }) => {
    chars += text.length;
    if (++events > EVENTS || chars > EVENT_CHARS) return;
    const event: RunEvent = type === "text"
      ? { type: "text", agent, text }
      : { type: "log", agent, level: "info", message: text };
    await emit(event);
  };
}

function endOf(
  on: Conversation,
  followed: Exclude<Followed, { state: "completed" | "asking" | "dropped" }>,
): RunEnd {
  const because = "text" in followed && followed.text !== "" ? `: ${followed.text}` : "";
  switch (followed.state) {
    case "rejected":
      return ended(on, "denied", `it refused the task${because}`);
    case "failed":
      return ended(on, "failed", `it failed${because}`);
    case "canceled":
      return ended(on, "failed", `the task was canceled where it was worked on${because}`);
    case "lost":
      return ended(on, "failed", `it cannot be followed any more, and may still be at work${because}`);
    case "late": {
      const limit = `The agent "${on.name}" took longer than ${on.timeoutMs / 1000} s`;
      return new RunEnd("limited", limit, "wall_clock");
    }
  }
}

function ended({ name }: Conversation, status: "failed" | "denied", what: string): RunEnd {
  return new RunEnd(status, `The agent "${name}": ${what}`);
}
