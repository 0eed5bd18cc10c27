/**
 * A question of a task on its way to whoever gave it, and their answer on its way back.
 *
 * @module
 */
import type { Message, Part } from "@a2a-js/sdk";
import { z } from "zod";
import type { Verdict } from "../../messages/approval.ts";
import type { OpenQuestion } from "../../../workspace/tasks/task.ts";
import { dataPart, textPart } from "./parts.ts";

const YES =
  /^(yes|y|yep|yeah|allow|allowed|ok|okay|approve|approved|accept|accepted|sure|go ahead|do it|please do)$/;
const NO =
  /^(no|n|nope|deny|denied|refuse|refused|reject|rejected|decline|declined|cancel|stop|never|don't|do not)$/;

/** A data part that answers. */
const Answer = z.object({
  /** Of the question meant; default the one that was put. */
  id: z.string().optional(),
  allowed: z.boolean(),
  reason: z.string().optional(),
  content: z.record(z.string(), z.unknown()).optional(),
});

/** How a question is put: a text for people, a data part for programs. */
export function questionParts({ id, question }: OpenQuestion): Part[] {
  const how = question.form === undefined || onlyFieldOf(question.form)?.type === "boolean"
    ? "Answer yes or no."
    : "Answer with a data part {allowed: true, content} that fits the form, or no.";
  return [
    textPart(`${question.tool} asks: ${question.action}\n${question.reason}\n${how}`),
    dataPart({ id, ...question }),
  ];
}

/** The question once more, after an answer that was not understood. */
export function askedAgain(open: OpenQuestion, why: string): Part[] {
  const [text, ...rest] = questionParts(open);
  const words = text?.content?.$case === "text" ? text.content.value : "";
  return [textPart(`${why}\n\n${words}`), ...rest];
}

/** What a message says to a question: the verdict, or why it is unclear. */
export function verdictOf(message: Message, open: OpenQuestion): Verdict | string {
  const data = message.parts.flatMap(({ content }) => content?.$case === "data" ? [content.value] : []);
  if (data.length > 0) return fromData(data[0], open);
  const said = message.parts
    .flatMap(({ content }) => content?.$case === "text" ? [content.value] : [])
    .join(" ");
  return fromWords(said, open);
}

function fromData(value: unknown, open: OpenQuestion): Verdict | string {
  const read = Answer.safeParse(value);
  if (!read.success) return "The data part must be {allowed: true or false, content}.";
  const { id, allowed, reason, content } = read.data;
  if (id !== undefined && id !== open.id) return `Question ${id} is not open.`;
  if (!allowed) return { allowed: false, reason: reason ?? "refused by the client" };
  return filledIn(open, reason ?? "allowed by the client", content);
}

function fromWords(said: string, open: OpenQuestion): Verdict | string {
  const words = said.trim().toLowerCase().replace(/[.!,;]+$/, "").replaceAll("’", "'");
  const field = onlyFieldOf(open.question.form);
  if (field?.type === "boolean" && (YES.test(words) || NO.test(words))) {
    return filledIn(open, "answered by the client", { [field.name]: YES.test(words) });
  }
  if (NO.test(words)) return { allowed: false, reason: "refused by the client" };
  if (field?.type === "string" && said.trim() !== "") {
    return filledIn(open, "answered by the client", { [field.name]: said.trim() });
  }
  if (YES.test(words)) return filledIn(open, "allowed by the client");
  return "That is no clear answer.";
}

function filledIn(
  { question }: OpenQuestion,
  reason: string,
  content?: Record<string, unknown>,
): Verdict | string {
  if (question.form === undefined) return { allowed: true, reason };
  if (content === undefined) return "The form is not filled in.";
  const fits = formSchema(question.form)?.safeParse(content);
  if (fits !== undefined && !fits.success) {
    const [first] = fits.error.issues;
    return `The form is not filled in rightly: ${first?.path.join(".") ?? ""} ${first?.message ?? ""}`
      .trim() + ".";
  }
  return { allowed: true, reason, content };
}

/** Null for a form that cannot be checked here; whoever asked checks it then. */
function formSchema(form: Record<string, unknown>): z.ZodType | null {
  try {
    return z.fromJSONSchema(form as Parameters<typeof z.fromJSONSchema>[0]);
  } catch {
    return null;
  }
}

/** The one property of a form; null for a form with more. Words can fill in such a one. */
function onlyFieldOf(form: Record<string, unknown> | undefined): { name: string; type: unknown } | null {
  const properties = Object.entries((form?.properties ?? {}) as Record<string, { type?: unknown }>);
  const [only] = properties;
  return properties.length === 1 && only !== undefined ? { name: only[0], type: only[1].type } : null;
}
