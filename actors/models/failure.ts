/**
 * Why one try of an inference failed, whether another can help, and how people are told.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { ThinkFailure } from "../../protocols/messages/model.ts";
import { type Endpoint, hostOf, keySettingOf, redact } from "./endpoint.ts";
import { retryAfterMs } from "./retry.ts";

/** One failed try. */
export interface Setback {
  /** In the words of the protocol. */
  readonly kind: ThinkFailure["kind"];
  /** The state found, half a sentence; may still hold secrets. */
  readonly reason: string;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** Whether the same endpoint may be asked again. */
  readonly again: boolean;
  /** Milliseconds the provider asked to wait. */
  readonly waitMs?: number;
}

/** What the SDK throws, by shape: `status` for an HTTP answer, `cause` for none, `error` for the body sent. */
interface SdkError extends Error {
  status: number | undefined;
  headers?: Headers;
  code?: unknown;
  error?: unknown;
}

/**
 * Reads an error of one try.
 *
 * @param now Milliseconds since 1970.
 * @throws The error itself when it tells of no failure of the provider: then it is a mistake of ours.
 */
export function setbackOf(error: unknown, now: number): Setback {
  if (error instanceof Fault) return faultSetback(error);
  if (!isSdkError(error)) throw error;
  const status = error.status ?? statusOf(error.code);
  if (status !== undefined) return httpSetback(error, status, now);
  return error.error === undefined ? connectionSetback(error) : streamedSetback(error);
}

/** Tells of a failure for good: what was tried, the state found, and what to check. Holds no secrets. */
export function failureOf(setback: Setback, endpoint: Endpoint, attempts: number): ThinkFailure {
  const { kind, status } = setback;
  const tries = attempts > 1 ? ` (${attempts} attempts)` : "";
  const hint = hintFor(setback, endpoint);
  return {
    kind,
    message: `Cannot use model "${endpoint.model}" at ${hostOf(endpoint)}: ` +
      reasonFor(setback, endpoint) + tries + (hint === "" ? "" : `; ${hint}`),
    ...(status !== undefined && { status }),
    attempts,
  };
}

/** The state found, in one line, without secrets. */
export function reasonFor(setback: Setback, endpoint: Endpoint): string {
  return redact(setback.reason, endpoint);
}

function hintFor({ kind, status }: Setback, endpoint: Endpoint): string {
  if (kind === "auth") return `check ${keySettingOf(endpoint)}`;
  if (kind === "billing") return "check the balance of the account";
  if (kind === "rate_limit") return "wait, or ask the provider for a higher limit";
  if (kind === "unreachable") return "check the base URL and that the server is running";
  if (kind === "bad_response") return "check the base URL; it usually ends in /v1";
  if (status === 404) return "check the name of the model and the base URL";
  return "";
}

/** Our own findings about an answer. */
function faultSetback(fault: Fault): Setback {
  if (fault.code === "silent") return { kind: "unreachable", reason: fault.message, again: true };
  if (fault.code === "broken_stream") return { kind: "server", reason: fault.message, again: true };
  if (fault.code === "bad_response") return { kind: "bad_response", reason: fault.message, again: true };
  throw fault;
}

function isSdkError(error: unknown): error is SdkError {
  return error instanceof Error && "status" in error && "headers" in error;
}

/** Some providers put the status of an error inside the stream into its code. */
function statusOf(code: unknown): number | undefined {
  const status = Number(code);
  return Number.isInteger(status) && status >= 400 && status <= 599 ? status : undefined;
}

function httpSetback(error: SdkError, status: number, now: number): Setback {
  const said = saidBy(error);
  const kind = kindOf(status, String(error.code), said);
  return {
    kind,
    reason: `status ${status}${said === "" ? "" : `, ${said}`}`,
    status,
    again: kind !== "billing" && (status === 408 || status === 409 || status === 429 || status >= 500),
    waitMs: error.headers === undefined ? undefined : retryAfterMs(error.headers, now),
  };
}

function kindOf(status: number, code: string, said: string): Setback["kind"] {
  if (status === 401 || status === 403) return "auth";
  if (status === 402 || code === "insufficient_quota" || code.startsWith("billing_")) return "billing";
  if (status === 429) return "rate_limit";
  if (status === 408 || status === 409 || status >= 500) return "server";
  if (status < 400) return "bad_response";
  return status === 413 || isOverflow(code, said) ? "context_overflow" : "bad_request";
}

/** The code is OpenAI's; the words are those of OpenAI, Anthropic, OpenRouter, vLLM, llama.cpp and Ollama. */
function isOverflow(code: string, said: string): boolean {
  return code === "context_length_exceeded" ||
    /context (length|window|size)|(prompt|input) (is )?too long|too many tokens|exceeds? .*context/i.test(
      said,
    );
}

/** An error sent as a part of the stream, after a good status. */
function streamedSetback(error: SdkError): Setback {
  const said = saidBy(error);
  const code = String(error.code);
  if (isOverflow(code, said)) return { kind: "context_overflow", reason: said, again: false };
  if (code === "insufficient_quota") return { kind: "billing", reason: said, again: false };
  return { kind: code.startsWith("rate_limit") ? "rate_limit" : "server", reason: said, again: true };
}

function connectionSetback(error: SdkError): Setback {
  let cause: Error = error;
  while (cause.cause instanceof Error) cause = cause.cause;
  if (cause instanceof Fault) return faultSetback(cause);
  if (cause.name === "NotCapable") {
    return { kind: "unreachable", reason: "this worker was not granted that host", again: false };
  }
  // "error sending request for url (...): client error (Connect): tcp connect error: Connection refused"
  const reason = cause.message.split(/error(?: \(\w+\))?: /).at(-1) ?? "";
  return { kind: "unreachable", reason: oneLine(reason), again: true };
}

/** What the provider's error says, whichever of the usual forms it has. */
function saidBy({ error, message }: SdkError): string {
  const inner = typeof error === "object" && error !== null
    ? (error as { message?: unknown }).message
    : error;
  const said = typeof inner === "string" ? inner : message.replace(/^\d{3} /, "");
  if (said === "status code (no body)") return "";
  return /^\s*<(!doctype|html|head|body|\?xml)/i.test(said) ? "an HTML page" : oneLine(said);
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length > 300 ? line.slice(0, 299) + "…" : line;
}
