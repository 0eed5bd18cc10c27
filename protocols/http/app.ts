/**
 * The door: one HTTP application that lets requests in or not, and hands those it lets in to the protocols behind it.
 *
 * @module
 */
import { type Context, Hono } from "@hono/hono";
import { methodNotAllowed } from "@hono/hono/method-not-allowed";
import type { JWTVerifyGetKey } from "jose";
import type { Clock } from "../../supervisor/actor/define.ts";
import type { McpServing, OAuthSettings, ServerSettings } from "../../workspace/config/server_settings.ts";
import type { ServedEnv } from "../../workspace/service/caller.ts";
import { admission, type DoorEnv } from "./admission.ts";
import { AllowList } from "./allow_list.ts";
import { apiKeys } from "./api_keys.ts";
import { bearerTokens, remoteKeys } from "./bearer_tokens.ts";
import type { Deadlines } from "./deadlines.ts";
import { type Gatekeeper, OPEN } from "./gatekeeper.ts";
import { browserHeaders, crossOrigin, ownHeaders } from "./headers.ts";
import { intake } from "./intake.ts";
import { refuse } from "./refusal.ts";
import { Traffic } from "./traffic.ts";

/** What the application is made of. */
export interface AppOptions {
  /** Version of this program. */
  readonly version: string;
  readonly settings: ServerSettings;
  /** The port that is listened at. */
  readonly port: number;
  /** What clients call the server, without a slash at the end. */
  readonly baseUrl: string;
  /** What is behind the door. */
  readonly a2a: Hono<ServedEnv>;
  readonly mcp: Hono<ServedEnv>;
  /** Hears of every error that was answered with 500. */
  readonly report: (error: unknown) => void;
  readonly clock: Clock;
  readonly deadlines: Deadlines;
  /** Default those at the address of the settings. */
  readonly keys?: JWTVerifyGetKey;
}

/** Milliseconds until the body of a request must be there. */
const BODY_MS = 30_000;

/** Milliseconds a protocol has beyond its timeout, so that it can say itself that time is up. */
const GRACE_MS = 5_000;

const METADATA = "/.well-known/oauth-protected-resource";

/** Makes it. `GET /health` and `GET /metrics` are its own. */
export function createApp(options: AppOptions): Hono<DoorEnv> {
  const { version, settings, port, clock, deadlines, report } = options;
  const door = new Hono<DoorEnv>({ strict: false });
  const allowed = new AllowList(settings, port);
  const traffic = new Traffic();
  door.use(async (context, next) => {
    const from = clock.now();
    await next();
    traffic.count(context.req.path, context.req.method, context.res.status, clock.now() - from);
  });
  door.use(browserHeaders(), ownHeaders(settings.headers));
  door.use(async ({ req }, next) => {
    const refusal = allowed.refusal(req.raw.url, req.raw.headers);
    return refusal === undefined ? await next() : refuse(req.path, refusal);
  });
  door.use(crossOrigin(allowed));
  door.use(methodNotAllowed({ app: door as unknown as Hono, onMethodNotAllowed }));
  door.get("/health", (context) => context.json({ status: "ok", version }));
  door.get("/metrics", (context) => context.json({ requests: traffic.all() }));
  for (const path of [METADATA, `${METADATA}/mcp`]) serveMetadata(door, path, options);
  door.use(admission({
    a2a: {
      ...settings.a2a,
      gatekeeper: settings.a2a.apiKeys.size === 0 ? OPEN : apiKeys(settings.a2a.apiKeys),
    },
    mcp: { ...settings.mcp, gatekeeper: mcpGatekeeper(settings.mcp, options) },
  }, clock));
  const responseMs = { a2a: settings.a2a.timeoutMs + GRACE_MS, mcp: settings.mcp.timeoutMs + GRACE_MS };
  door.use(intake({ bodyBytes: settings.bodyBytes, bodyMs: BODY_MS, responseMs }, deadlines));
  door.route("/", options.a2a);
  door.route("/", options.mcp);
  door.notFound(({ req }) => refuse(req.path, { status: 404, message: `Nothing is served at ${req.path}` }));
  door.onError((error, { req }) => {
    report(error);
    return refuse(req.path, { status: 500, message: "This went wrong here; the operator can see why" });
  });
  return door;
}

function onMethodNotAllowed({ req }: Context, methods: string[]): Response {
  const Allow = methods.join(", ");
  return refuse(req.path, { status: 405, message: `${req.path} takes ${Allow}`, headers: { Allow } });
}

function mcpGatekeeper({ oauth }: McpServing, { baseUrl, keys }: AppOptions): Gatekeeper {
  if (oauth === undefined) return OPEN;
  return bearerTokens(oauth, `${baseUrl}${METADATA}/mcp`, keys ?? remoteKeys(oauth.jwksUrl));
}

/** RFC 9728: where tokens come from that are good for `/mcp`. */
function serveMetadata(door: Hono<DoorEnv>, path: string, { settings, baseUrl }: AppOptions): void {
  const { oauth } = settings.mcp;
  if (oauth !== undefined) door.get(path, (context) => context.json(metadata(oauth, baseUrl)));
}

function metadata({ issuer, scopes }: OAuthSettings, baseUrl: string): Record<string, unknown> {
  return {
    resource: `${baseUrl}/mcp`,
    authorization_servers: [issuer],
    bearer_methods_supported: ["header"],
    ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
  };
}
