/**
 * Where notifications may be sent: a URL that somebody from outside gave, checked before anything is sent to it.
 *
 * The name is resolved, every address it has must be public, and what is sent goes to these addresses and no others:
 * a name that leads elsewhere a moment later changes nothing.
 *
 * @module
 */
import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isPublic } from "./addresses.ts";

/** A place that was checked. */
export interface Destination {
  readonly url: URL;
  /** Its addresses; the only ones to connect to. Not empty. */
  readonly addresses: readonly string[];
}

/** All addresses of a name. Rejects when it has none, or nobody can say now. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** Why nothing may be sent to a URL; its message is a sentence for whoever gave it. */
export class Refusal extends Error {
  /** Always `Refusal`. */
  override readonly name = "Refusal";
}

/** Characters of a URL. */
const LONGEST_URL = 2048;

/** Names that are never public, whatever they resolve to: reserved ones, and those of a network's own machines. */
const INNER_NAME = /^[^.]*$|(^|\.)(localhost|local|internal|lan|home\.arpa|test|invalid|onion)$/;

/** Decides where may be sent to. */
export class Gate {
  readonly #allowed: readonly string[];
  readonly #resolve: Resolve;

  /**
   * Nothing is asked of the addresses of `allowHosts`: "localhost" with any port, "127.0.0.1:8080" with that one. For
   * development; default none. Names are resolved as the system does unless `resolve` is given.
   */
  constructor(options: { readonly allowHosts?: readonly string[]; readonly resolve?: Resolve } = {}) {
    this.#allowed = (options.allowHosts ?? []).map((host) => host.toLowerCase());
    this.#resolve = options.resolve ?? systemResolve;
  }

  /**
   * The URL itself, as far as it can be judged without asking anybody.
   * @throws {Refusal}
   */
  parse(text: string): URL {
    // Said before it is parsed: parsing drops line breaks silently.
    if (text.length > LONGEST_URL) throw new Refusal(`the URL is longer than ${LONGEST_URL} characters`);
    // deno-lint-ignore no-control-regex -- control characters are what is looked for
    if (/[\x00-\x20\x7f]/.test(text)) throw new Refusal("the URL has blanks or control characters in it");
    if (!URL.canParse(text)) throw new Refusal("that is not an absolute URL");
    const url = new URL(text);
    if (url.protocol !== "https:" && url.protocol !== "http:") {
      throw new Refusal(`only http and https are spoken, not "${url.protocol}"`);
    }
    if (url.username !== "" || url.password !== "") throw new Refusal("the URL names a user or a password");
    url.hash = "";
    if (url.hostname.endsWith(".")) url.hostname = url.hostname.slice(0, -1);
    if (!this.#isAllowed(url)) assertOutward(url);
    return url;
  }

  /**
   * The URL and where it leads now.
   * @throws {Refusal} when one of its addresses is not public; anything else when its name cannot be resolved now.
   */
  async resolve(text: string): Promise<Destination> {
    const url = this.parse(text);
    const host = bare(url.hostname);
    const addresses = isIP(host) > 0 ? [host] : await this.#resolve(host);
    if (addresses.length === 0) throw new Error(`${host} has no address`);
    if (!this.#isAllowed(url) && !addresses.every(isPublic)) throw notPublic(host);
    return { url, addresses };
  }

  #isAllowed(url: URL): boolean {
    const port = url.port === "" ? (url.protocol === "https:" ? "443" : "80") : url.port;
    return this.#allowed.some((host) =>
      host === url.hostname || host === bare(url.hostname) || host === `${url.hostname}:${port}`
    );
  }
}

function assertOutward(url: URL): void {
  const host = bare(url.hostname);
  if (isIP(host) > 0 ? !isPublic(host) : INNER_NAME.test(host)) throw notPublic(host);
}

function notPublic(host: string): Refusal {
  return new Refusal(`${host} is not on the public internet`);
}

/** Without the brackets of an IPv6 address. */
function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

async function systemResolve(name: string): Promise<string[]> {
  return (await lookup(name, { all: true })).map(({ address }) => address);
}
