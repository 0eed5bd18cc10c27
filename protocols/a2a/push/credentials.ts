/**
 * What a webhook's owner wants to see in each notification, so that nobody else can send them one.
 *
 * @module
 */
import type { TaskPushNotificationConfig } from "@a2a-js/sdk";
import { Refusal } from "./destination.ts";

/** Characters of a token or credentials. */
const LONGEST_SECRET = 4096;
/** Characters of the name of an authentication scheme. */
const LONGEST_SCHEME = 64;

/** An HTTP token (RFC 9110, 5.6.2). */
const SCHEME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** What may stand in a header without changing where it ends. */
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * The headers that carry a config's token and credentials; both, when it has both.
 * @throws {Refusal} when one of them cannot be a header.
 */
export function credentialHeaders(config: TaskPushNotificationConfig): Record<string, string> {
  const headers: Record<string, string> = {};
  if (config.token) {
    assertPrintable("token", config.token);
    headers["x-a2a-notification-token"] = config.token;
  }
  const { scheme, credentials } = config.authentication ?? {};
  if (scheme && (scheme.length > LONGEST_SCHEME || !SCHEME.test(scheme))) {
    throw new Refusal("that is not the name of an authentication scheme");
  }
  if (credentials) {
    assertPrintable("credentials", credentials);
    if (!scheme) throw new Refusal("the credentials have no scheme");
    headers.authorization = `${scheme} ${credentials}`;
  }
  return headers;
}

function assertPrintable(what: string, text: string): void {
  if (text.length > LONGEST_SECRET) {
    throw new Refusal(`no more than ${LONGEST_SECRET} characters may stand in the ${what}`);
  }
  if (!PRINTABLE.test(text)) throw new Refusal(`only printable ASCII may stand in the ${what}`);
}
