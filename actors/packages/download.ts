/**
 * Fetching one file from servers that may be slow, wrong or hostile.
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import type { Context } from "../../supervisor/actor/define.ts";

/** What is fetched. */
export interface Wanted {
  readonly url: string;
  /** For errors: "numpy 2.4.6". */
  readonly what: string;
  /** More is refused. */
  readonly maxBytes: number;
  /** The media type asked for. */
  readonly accept?: string;
}

/** From where and how patiently. */
export interface DownloadPolicy {
  /** Nothing is fetched from elsewhere, whoever says so. */
  readonly origins: ReadonlySet<string>;
  /** Tries, at least 1. */
  readonly attempts: number;
  /** Milliseconds a server may be silent. */
  readonly silenceMs: number;
}

/** What was fetched. */
export interface Downloaded {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Where it came from in the end. */
  readonly url: string;
}

const MOST_REDIRECTS = 5;
/** Before the second try; doubled for each further one. */
const PAUSE_MS = 250;

/**
 * Fetches a file.
 * @throws {Fault} code `not_found`, `too_large`, `foreign_host`, `refused`; `unreachable`, which may pass, after all
 * tries; `denied` outside the worker's grant; `cancelled` when the caller gave up.
 */
export async function download(
  wanted: Wanted,
  policy: DownloadPolicy,
  { clock, signal }: Pick<Context, "clock" | "signal">,
): Promise<Downloaded> {
  for (let tried = 1;; tried++) {
    try {
      return await attempt(wanted, policy, signal);
    } catch (error) {
      if (signal.aborted) throw failed(wanted, "cancelled", "it was cancelled");
      const again = error instanceof Fault && error.retry === "later" && tried < policy.attempts;
      if (!again) throw error;
    }
    try {
      await clock.sleep(PAUSE_MS * 2 ** (tried - 1), signal);
    } catch {
      throw failed(wanted, "cancelled", "it was cancelled");
    }
  }
}

async function attempt(wanted: Wanted, policy: DownloadPolicy, signal: AbortSignal): Promise<Downloaded> {
  using silence = new Silence(policy.silenceMs, signal);
  try {
    const { response, url } = await follow(wanted, policy, silence);
    return { bytes: await bodyOf(response, wanted, url, silence), url };
  } catch (error) {
    if (error instanceof Fault) throw error;
    const host = new URL(wanted.url).host;
    if (silence.broken) {
      throw failed(wanted, "unreachable", `${host} sent nothing for ${policy.silenceMs} ms`, "later");
    }
    if (error instanceof Deno.errors.NotCapable) {
      throw failed(wanted, "denied", `the installer was not given the permission to reach ${host}`);
    }
    const reason = String(error instanceof Error ? error.message : error).replace(/ for url \([^)]*\)/, "");
    throw failed(wanted, "unreachable", `${host} cannot be reached (${reason})`, "later");
  }
}

/** The response that is none of "look there". */
async function follow(wanted: Wanted, { origins }: DownloadPolicy, silence: Silence) {
  let url = new URL(wanted.url);
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    if (!origins.has(url.origin) || url.username !== "" || url.password !== "") {
      const sent = redirects === 0 ? "it lies at" : "the server sends us to";
      throw failed(
        wanted,
        "foreign_host",
        `${sent} ${url.origin}, and only ${[...origins].join(", ")} may be asked`,
      );
    }
    const headers = wanted.accept === undefined ? undefined : { accept: wanted.accept };
    const response = await fetch(url, { redirect: "manual", headers, signal: silence.signal });
    silence.heard();
    const location = response.headers.get("location");
    if (response.status < 300 || response.status > 399 || location === null) {
      return { response, url: url.href };
    }
    await response.body?.cancel();
    if (!URL.canParse(location, url)) throw failed(wanted, "refused", `${url.host} sends us to no address`);
    url = new URL(location, url);
  }
  throw failed(wanted, "refused", `${url.host} sends us on and on`);
}

async function bodyOf(response: Response, wanted: Wanted, url: string, silence: Silence) {
  const { host } = new URL(url);
  if (response.status !== 200) {
    await response.body?.cancel();
    if (response.status === 404) throw failed(wanted, "not_found", `${host} does not have it`);
    const passes = response.status === 408 || response.status === 429 || response.status >= 500;
    throw failed(
      wanted,
      passes ? "unreachable" : "refused",
      `${host} answers ${response.status}`,
      passes ? "later" : "never",
    );
  }
  const pieces: Uint8Array[] = [];
  let length = Number(response.headers.get("content-length") ?? 0);
  const tooLarge = () => failed(wanted, "too_large", `it has more than ${wanted.maxBytes} bytes`);
  if (length > wanted.maxBytes) {
    await response.body?.cancel();
    throw tooLarge();
  }
  length = 0;
  // Leaving the loop by an error cancels the rest.
  for await (const piece of response.body ?? []) {
    silence.heard();
    length += piece.length;
    if (length > wanted.maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Aborts when nothing was heard for some time, or when the caller does. */
class Silence {
  readonly #abort = new AbortController();
  #timer: ReturnType<typeof setTimeout>;
  readonly signal: AbortSignal;

  constructor(private readonly ms: number, outer: AbortSignal) {
    this.signal = AbortSignal.any([outer, this.#abort.signal]);
    this.#timer = this.#start();
  }

  /** Whether it was too long. */
  get broken(): boolean {
    return this.#abort.signal.aborted;
  }

  heard(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #start() {
    return setTimeout(() => this.#abort.abort(), this.ms);
  }
}

function failed({ what }: Wanted, code: string, reason: string, retry: "never" | "later" = "never"): Fault {
  return new Fault(code, `Cannot fetch ${what}: ${reason}`, { retry });
}
