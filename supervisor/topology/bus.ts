/**
 * The message bus: publish and subscribe by topic, with targets.
 *
 * A message is written once and posted to every subscriber it is for; what is not for a subscriber never
 * reaches its worker. Each subscriber has room for `capacity` messages: a slow one misses the oldest, is told
 * how many, and slows nobody else.
 *
 * @module
 */
import { Bus, type BusItem, type BusMessage } from "../../protocols/messages/bus.ts";
import { Fault } from "../../protocols/messages/fault.ts";
import { type ActorDefinition, defineActor, later, next, type StreamContext } from "../actor/define.ts";
import { serve } from "../actor/serve.ts";
import { encodeOnce } from "../actor/wire.ts";

/** Messages kept for a subscriber that is behind, when nobody says. */
export const CAPACITY = 256;

/** How a bus is set up. */
export interface BusOptions {
  /** Messages kept for each subscriber that is behind. Default {@linkcode CAPACITY}. */
  readonly capacity?: number;
}

/** Messages handed to a subscriber's link at a time: they go out in one post. */
const BURST = 32;

/** The bus as an actor. */
export const bus: ActorDefinition<typeof Bus, BusOptions> = defineActor({
  module: import.meta.url,
  protocol: Bus,
  init: ({ capacity = CAPACITY }: BusOptions) => ({
    capacity,
    subscribers: new Set<Subscriber>(),
  }),
  handle: {
    send(state, message) {
      const reached = deliver(state.subscribers, message);
      if (reached === 0) {
        throw new Fault(
          "undeliverable",
          `Cannot deliver a message on "${message.topic}": nobody it is for is subscribed`,
        );
      }
      return next(state, reached);
    },
    publish(state, message) {
      deliver(state.subscribers, message);
      return next(state);
    },
    subscribe(state, { id, role, topics }, context) {
      const subscriber = new Subscriber(id, role, topics && new Set(topics), state.capacity, context);
      state.subscribers.add(subscriber);
      return later(state, subscriber.run().finally(() => state.subscribers.delete(subscriber)));
    },
  },
});

function deliver(subscribers: ReadonlySet<Subscriber>, message: BusMessage): number {
  let item: unknown;
  let reached = 0;
  for (const subscriber of subscribers) {
    if (!subscriber.wants(message)) continue;
    item ??= encodeOnce({ type: "message", message } satisfies BusItem);
    subscriber.put(item as BusItem);
    reached++;
  }
  return reached;
}

class Subscriber {
  #queue: BusItem[] = [];
  #missed = 0;
  #sending = false;
  readonly #ended = Promise.withResolvers<null>();

  constructor(
    readonly id: string,
    readonly role: string | undefined,
    readonly topics: ReadonlySet<string> | undefined,
    readonly capacity: number,
    readonly context: StreamContext<BusItem>,
  ) {}

  /** Lasts until the subscriber goes away. */
  run(): Promise<null> {
    const { signal } = this.context;
    if (signal.aborted) this.#ended.resolve(null);
    signal.addEventListener("abort", () => this.#ended.resolve(null), { once: true });
    return this.#ended.promise;
  }

  wants({ topic, target, from: _from }: BusMessage): boolean {
    if (this.topics !== undefined && !this.topics.has(topic)) return false;
    if (target.to === "broadcast") return true;
    return target.to === "specific" ? target.id === this.id : target.role === this.role;
  }

  put(item: BusItem): void {
    if (this.#queue.push(item) > this.capacity) {
      this.#queue.shift();
      this.#missed++;
    }
    if (!this.#sending) this.#send().catch((error) => this.#ended.reject(error));
  }

  /** Sends what is queued as the subscriber makes room. */
  async #send(): Promise<void> {
    this.#sending = true;
    try {
      while (this.#queue.length > 0) {
        if (this.#missed > 0) {
          const missed = this.#missed;
          this.#missed = 0;
          await this.context.send({ type: "lagged", missed });
        }
        const burst = this.#queue.splice(0, BURST);
        await Promise.all(burst.map((item) => this.context.send(item)));
      }
    } finally {
      this.#sending = false;
    }
  }
}

if (import.meta.main) serve(bus);
