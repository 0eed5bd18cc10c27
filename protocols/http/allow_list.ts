/**
 * Which names the server may be called by, and whose pages may ask: what keeps a page that a person visits from
 * reaching a server on their machine, also by a name that is made to lead there (DNS rebinding).
 *
 * @module
 */
import type { ServerSettings } from "../../workspace/config/server_settings.ts";
import type { Refusal } from "./refusal.ts";

/** Names that lead to this machine whatever a name server says. */
const LOOPBACK = ["localhost", "127.0.0.1", "[::1]"];

/** Addresses to listen at that stand for all of the machine's. */
const EVERYWHERE = new Set(["0.0.0.0", "::", "[::]"]);

const AUTHORITY = /^(\[[\da-f:.]+\]|[a-z\d._-]+)(:\d{1,5})?$/i;

/** Loopback names are good at every port, since a gateway may pass on the name it was called by itself. */
export class AllowList {
  readonly #hosts: ReadonlySet<string>;
  readonly #origins: ReadonlySet<string>;

  /** `port` is the one that is listened at, `addresses` those of this machine. */
  constructor(
    settings: Pick<ServerSettings, "host" | "publicUrl" | "allowedHosts" | "origins">,
    port: number,
    addresses: () => readonly string[] = ownAddresses,
  ) {
    const { host, publicUrl, allowedHosts, origins } = settings;
    const bound = isEverywhere(host) ? addresses() : [host];
    const named = [...LOOPBACK, ...bound.map(bracketed)].map((name) => name.toLowerCase());
    const called = publicUrl === undefined ? undefined : new URL(publicUrl);
    this.#hosts = new Set([
      ...named,
      ...allowedHosts.map((name) => name.toLowerCase()),
      ...(called === undefined ? [] : [called.hostname]),
    ]);
    this.#origins = new Set([
      ...named.map((name) => `http://${name}:${port}`),
      ...origins,
      ...(called === undefined ? [] : [called.origin]),
    ]);
  }

  /** Why a request for `url` is not taken; undefined when it is. */
  refusal(url: string, headers: Headers): Refusal | undefined {
    const host = headers.get("host");
    // A request may name its host in its first line too, and another one there.
    const authority = /^https?:\/\/([^/?#]*)/i.exec(url)?.[1];
    if (host === null || authority === undefined || !AUTHORITY.test(host) || !AUTHORITY.test(authority)) {
      return { status: 400, message: "A request must name the host it is for, once, in its header Host" };
    }
    if (!this.#isHost(host) || !this.#isHost(authority)) {
      return {
        status: 403,
        message: "This host is not served here; [server] allowed_hosts names those that are",
      };
    }
    const origin = headers.get("origin");
    if (origin === null || this.#origins.has(origin)) return undefined;
    return { status: 403, message: "This origin may not ask; [server] origins names those that may" };
  }

  /** Whether pages of an origin may ask. */
  isOrigin(origin: string): boolean {
    return this.#origins.has(origin);
  }

  #isHost(authority: string): boolean {
    const name = authority.toLowerCase();
    return this.#hosts.has(name) || this.#hosts.has(name.replace(/:\d+$/, ""));
  }
}

/** An IPv6 address as it stands in an URL. */
export function bracketed(host: string): string {
  return host.includes(":") && !host.startsWith("[") ? `[${host}]` : host;
}

/** Whether it stands for all addresses of the machine. */
export function isEverywhere(host: string): boolean {
  return EVERYWHERE.has(host);
}

/** Whether nobody from outside this machine can reach what listens there. */
export function isLoopback(host: string): boolean {
  return LOOPBACK.includes(bracketed(host.toLowerCase())) || /^127(\.\d{1,3}){3}$/.test(host);
}

function ownAddresses(): string[] {
  return Deno.networkInterfaces().map(({ address }) => address);
}
