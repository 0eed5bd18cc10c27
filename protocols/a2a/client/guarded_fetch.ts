/**
 * Requests to one remote agent and to nobody else: at its origin, with its credential, followed nowhere, and answered with
 * no more than is bearable.
 *
 * The worker's grant keeps requests to its host as well; this says why one is refused, and keeps the credential in.
 *
 * @module
 */
import { Fault } from "../../../protocols/messages/fault.ts";

/** Whom requests go to. */
export interface Door {
  /** "https://agents.example.com". */
  readonly origin: string;
  /** Sent with each request. Default nothing. */
  readonly credential?: { readonly header: string; readonly value: string };
}

/** Bytes of an answer. */
const ANSWER_BYTES = 16 * 1024 * 1024;
/** Bytes of all that one stream of events brings. */
const STREAM_BYTES = 64 * 1024 * 1024;

/**
 * A `fetch` through that door. It fails with a {@linkcode Fault} of code `other_host`, `redirected`, `too_big`,
 * `not_let_in` when the agent wants to know who asks, and `not_served` when it refuses in words that are no JSON; not
 * with the last for 404, which may only mean another address.
 */
export function guardedFetch({ origin, credential }: Door): typeof fetch {
  return async (input, init) => {
    const request = new Request(input, { ...init, redirect: "manual" });
    const there = new URL(request.url).origin;
    if (there !== origin) {
      throw new Fault("other_host", `Cannot ask ${there}: this agent is at ${origin}`);
    }
    if (credential !== undefined) request.headers.set(credential.header, credential.value);
    const response = await fetch(request);
    if (response.status >= 300 && response.status < 400) {
      await response.body?.cancel();
      const to = whereTo(response, request.url);
      throw new Fault(
        "redirected",
        `Cannot ask ${origin}: it sends requests on to ${to}, and none is followed`,
      );
    }
    const refusal = refusalOf(response, origin);
    if (refusal === undefined) return bounded(response, origin);
    await response.body?.cancel();
    throw refusal;
  };
}

function refusalOf({ status, headers }: Response, origin: string): Fault | undefined {
  const isJson = /\bjson\b/.test(headers.get("content-type") ?? "");
  if (status === 401 || status === 403) {
    return new Fault(
      "not_let_in",
      `Cannot ask ${origin}: it answers ${status}, so its token or key is to be looked at`,
    );
  }
  if (status < 400 || status >= 500 || status === 404 || isJson) return undefined;
  return new Fault("not_served", `Cannot ask ${origin}: it answers ${status}`);
}

function whereTo(response: Response, from: string): string {
  const location = response.headers.get("location") ?? "";
  return URL.canParse(location, from) ? new URL(location, from).origin : "an address that is none";
}

function bounded(response: Response, origin: string): Response {
  if (response.body === null) return response;
  const streams = response.headers.get("content-type")?.startsWith("text/event-stream") ?? false;
  const limit = streams ? STREAM_BYTES : ANSWER_BYTES;
  let bytes = 0;
  const counted = new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes <= limit) controller.enqueue(chunk);
      else {controller.error(
          new Fault("too_big", `Cannot read what ${origin} sends: it is more than ${limit} bytes`),
        );}
    },
  });
  const { status, statusText, headers } = response;
  return new Response(response.body.pipeThrough(counted), { status, statusText, headers });
}
