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
  readonly answers: string;
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
  for (let text = on.task, reply: Reply | undefined;;) {
    const sent = await talk.send(text, reply);
    if ("answer" in sent) return sent.answer;
    if ("refused" in sent) throw ended(on, sent.denied ? "denied" : "failed", sent.refused);
    if ("outcome" in sent) {
      if (sent.outcome.ok) {
        throw ended(on, "failed", "a person found that it took the task; what came of it is lost");
      }
      continue; // it did not happen: it is said again
    }
    const { task } = sent;
    const followed = await talk.follow(task, reply?.answers ?? "");
    if (followed.state === "completed") return followed.answer;
    const said = followed.state === "asking" ? await talk.ask(followed.text, task) : undefined;
    if (followed.state === "asking" && said !== undefined && "answer" in said) {
      text = said.answer;
      reply = { task, answers: followed.mark };
    } else if (followed.state === "dropped" || said !== undefined && "dropped" in said) {
      text = on.task; // the run was stopped and goes on now: the task was canceled, and is begun anew
      reply = undefined;
    } else throw endOf(on, followed, said);
  }
}

class Talk {
  readonly #on: Conversation;
  #messages = 0;
  #open: OpenStream | undefined;

  constructor(on: Conversation) {
    this.#on = on;
  }

  send(text: string, reply: Reply | undefined): Promise<Sent> {
    const { run, name, clock, timeoutMs, signal, connect } = this.#on;
    const id = `${run}.${this.#messages++}`;
    const message = { id, text, ...(reply === undefined ? {} : { task: reply.task }) };
    return this.#on.journaled.one<Sent>({
      kind: "send",
      // A person may have to say whether it was done.
      intent: { ...message, settle: "ask" },
      perform: async ({ begun }) => {
        const answers = reply?.answers ?? "";
        const { sent, open } = await send({
          name,
          message,
          answers,
          begun,
          clock,
          timeoutMs,
          signal,
          connect,
        });
        this.#open = open;
        return sent;
      },
    });
  }

  follow({ id: task }: TaskName, answered: string): Promise<Followed> {
    const { journaled, name, clock, timeoutMs, signal, connect, abandoned, warn } = this.#on;
    return journaled.one<Followed>({
      kind: "follow",
      intent: { task },
      perform: (performance) => {
        const [open, tell] = [this.#open, teller(name, performance)];
        this.#open = undefined;
        return follow({ task, answered, open, clock, timeoutMs, signal, connect, abandoned, tell, warn });
      },
    });
  }

  ask(text: string, { id: task }: TaskName): Promise<Said> {
    const { journaled, name, clock, connect, warn } = this.#on;
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
        // Aborted or not, the agent must hear that it waits for nothing.
        if (!("answer" in said)) await cancel({ connect, task, clock, warn });
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
      if (error instanceof Fault) return { refused: error.message };
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
  followed: Exclude<Followed, { state: "completed" }>,
  said: Said | undefined,
): RunEnd {
  const because = "text" in followed && followed.text !== "" ? `: ${followed.text}` : "";
  switch (followed.state) {
    case "asking": {
      const why = said !== undefined && "refused" in said ? said.refused : "nobody answered";
      return ended(on, "denied", `it asked "${followed.text}" and got no answer: ${why}`);
    }
    case "rejected":
      return ended(on, "denied", `it refused the task${because}`);
    case "failed":
      return ended(on, "failed", `it failed${because}`);
    case "canceled":
      return ended(on, "failed", `the task was canceled where it was worked on${because}`);
    case "late":
      return new RunEnd(
        "limited",
        `The agent "${on.name}" took longer than ${on.timeoutMs / 1000} s`,
        "wall_clock",
      );
    default:
      return ended(on, "failed", `it cannot be followed any more, and may still be at work${because}`);
  }
}

function ended({ name }: Conversation, status: "failed" | "denied", what: string): RunEnd {
  return new RunEnd(status, `The agent "${name}": ${what}`);
}
