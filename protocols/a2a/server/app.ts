/**
 * A2A over HTTP: the cards, JSON-RPC of 1.0, 0.3 and 0.2, and HTTP+JSON of 1.0, as an application to be mounted behind
 * whatever guards the door.
 *
 * @module
 */
import { Hono } from "@hono/hono";
import type { AgentCard } from "@a2a-js/sdk";
import { ExtendedAgentCardNotConfiguredError } from "@a2a-js/sdk/errors";
import type { ServerCallContext } from "@a2a-js/sdk/server";
import { clock as realClock } from "../../../supervisor/actor/context.ts";
import type { Clock } from "../../../supervisor/actor/define.ts";
import type { DocumentsPort } from "../../../supervisor/durable/documents.ts";
import { ANYONE, type ServedEnv } from "../../../workspace/service/caller.ts";
import type { Tasks } from "../../../workspace/tasks/task.ts";
import type { Push } from "../push/push.ts";
import { TROUPE } from "./about.ts";
import { cardRoutes } from "./card_routes.ts";
import { originOf, ownerOf } from "./call.ts";
import { type About, cardAt, type CardOptions, INTERFACE_PATH, type Skill, withoutLegacy } from "./cards.ts";
import { type JsonRpc, jsonRpc } from "./json_rpc_routes.ts";
import { stateOf } from "./live_task.ts";
import { LiveTasks } from "./live_tasks.ts";
import { operations } from "./operations.ts";
import { TERMINAL } from "./parts.ts";
import { PushConfigs } from "./push_configs.ts";
import { type Rest, rest, type SpecVersion } from "./rest_routes.ts";
import { runWorkshop } from "./run_workshop.ts";
import { TaskBook } from "./task_book.ts";
import { TaskHandler } from "./task_handler.ts";
import type { Workshop } from "./workshop.ts";

/** How A2A is served, whatever works on the tasks. */
export interface A2aServing {
  /** Where tasks are written down. */
  readonly documents: DocumentsPort;
  /** Webhooks; default none are told. Closed with the application. */
  readonly push?: Push;
  /** What the card says; default this program, as version `version`. */
  readonly about?: About;
  /** Of this program. Default "0.0.0". */
  readonly version?: string;
  /** The public address the card names, without a slash at its end; default where it was asked for. */
  readonly baseUrl?: string;
  /** Whether the card says that a key must be shown. Default false. */
  readonly apiKeys?: boolean;
  /** What only callers who are let in are told the agent can do, beside the rest; default there is no such card. */
  readonly moreSkills?: () => Promise<readonly Skill[]>;
  /** Default "1.0.1". */
  readonly spec?: SpecVersion;
  /** How long a client who waits for a task is kept waiting; it goes on then. Milliseconds; default 120 000. */
  readonly waitMs?: number;
  /** How long a stream is silent at most. Milliseconds; default 15 000. */
  readonly keepAliveMs?: number;
  /** Hears of what went wrong here and was dealt with. Default nobody. */
  readonly report?: (problem: string, cause: unknown) => void;
  readonly clock?: Clock;
}

/** How {@linkcode createA2aApp} serves the runs of this machine. */
export interface A2aOptions extends A2aServing {
  readonly tasks: Tasks;
}

/** What is mounted, and what ends it. */
export interface A2aApp {
  /** Answers /.well-known/agent-card.json, /.well-known/agent.json, /, /a2a and what is under /a2a/. */
  readonly app: Hono<ServedEnv>;
  /** Ends streams and waits; tasks go on. */
  close(): Promise<void>;
}

/** A2A whose tasks are runs. Goes on to follow the tasks that were not over when the last process ended. */
export function createA2aApp({ tasks, ...serving }: A2aOptions): A2aApp {
  return a2aAppOver(runWorkshop(tasks), serving);
}

/** A2A whose tasks are what `workshop` works on. */
export function a2aAppOver(workshop: Workshop, serving: A2aServing): A2aApp {
  const { clock = realClock, keepAliveMs = 15_000, spec = "1.0.1", report = () => {} } = serving;
  const { documents, push, waitMs = 120_000, baseUrl, moreSkills } = serving;
  const card = cardOptions(serving);
  const book = new TaskBook(documents);
  const live = new LiveTasks({
    workshop,
    book,
    told: (owner, task, event) => push?.tell(owner, task.id, event, task),
    report,
  });
  const configs = new PushConfigs(push?.store, live);
  const tasks = new TaskHandler({
    workshop,
    book,
    live,
    push: configs,
    card: cardAt("", card),
    clock,
    waitMs,
  });
  const extendedCard = moreSkills && ((call: ServerCallContext) => extended(call, card, moreSkills, baseUrl));
  const handler = operations({ tasks, push: configs, extendedCard: extendedCard ?? null, report });
  const stream = { clock, keepAliveMs };
  const cards = cardRoutes({ ...card, baseUrl, madeAt: new Date(clock.now()) });
  const recovered = recover(live, book, push)
    .catch((error) => report("Cannot follow the tasks of the last process", error));
  return {
    app: routes(cards, jsonRpc({ handler, stream }), rest({ handler, stream, spec })),
    async close() {
      await live.close();
      await recovered;
      await push?.close();
    },
  };
}

function cardOptions(
  { about, version = "0.0.0", push, apiKeys = false, moreSkills }: A2aServing,
): CardOptions {
  return {
    about: about ?? { ...TROUPE, version },
    push: push !== undefined,
    apiKeys,
    extended: moreSkills !== undefined,
  };
}

/** Before 1.0 it was for those alone who had shown who they are. */
async function extended(
  call: ServerCallContext,
  card: CardOptions,
  moreSkills: () => Promise<readonly Skill[]>,
  baseUrl = originOf(call),
): Promise<AgentCard> {
  if (call.requestedVersion === "0.3" && ownerOf(call) === ANYONE.owner) {
    throw new ExtendedAgentCardNotConfiguredError("The extended card is for callers who say who they are");
  }
  const skills = [...card.about.skills, ...await moreSkills()];
  const whole = cardAt(baseUrl, { ...card, about: { ...card.about, skills } });
  return call.requestedVersion === "0.3" ? whole : withoutLegacy(whole);
}

/** Whoever waits to be told how a task ended is told by this process, also when it ended while none ran. */
async function recover(live: LiveTasks, book: TaskBook, push: Push | undefined): Promise<void> {
  await live.recover();
  for (const { owner, taskId } of await push?.tasksWithWebhooks() ?? []) {
    const task = await book.read(owner, taskId);
    if (task === null || !TERMINAL.has(stateOf(task))) continue;
    const value = { taskId, contextId: task.contextId, status: task.status, metadata: undefined };
    push?.tell(owner, taskId, { payload: { $case: "statusUpdate", value } }, task);
  }
}

function routes(cards: ReturnType<typeof cardRoutes>, rpc: JsonRpc, http: Rest): Hono<ServedEnv> {
  const app = new Hono<ServedEnv>();
  app.get("/.well-known/agent-card.json", cards.current);
  app.get("/.well-known/agent.json", cards.legacy);
  for (const path of ["/", INTERFACE_PATH, `${INTERFACE_PATH}/`]) app.post(path, rpc);
  app.all(`${INTERFACE_PATH}/*`, (context) => http(context, context.req.path.slice(INTERFACE_PATH.length)));
  return app;
}
