/**
 * A raw worker: ports and plain objects, nothing else.
 *
 * @module
 */
import { type Latency, latency, SMALL, type Small, WARM_UP } from "../contender.ts";

/** What the main thread asks of a raw worker. Every operation but `echo` ends with a post to the main thread. */
export type Order =
  /** Sends back what comes. */
  | { op: "echo"; port: MessagePort }
  /** Receives that many and says so on the port. */
  | { op: "count"; port: MessagePort; count: number }
  | { op: "ask"; port: MessagePort; count: number }
  /** Sends that many to each port and waits for each to say so. */
  | { op: "flood"; ports: MessagePort[]; count: number }
  /** Hands on what comes until its `id` is 0. */
  | { op: "ring"; previous: MessagePort; next: MessagePort }
  /** Sends a message around, `hops` times. */
  | { op: "lap"; hops: number }
  | { op: "crash" };

const scope = globalThis as unknown as {
  onmessage: (event: MessageEvent<Order>) => void;
  postMessage(value: unknown): void;
};
let ringNext: MessagePort | undefined;
let arrived = () => {};

const orders: { [Op in Order["op"]]: (order: Extract<Order, { op: Op }>) => Promise<unknown> | undefined } = {
  echo({ port }) {
    port.onmessage = ({ data }) => port.postMessage(data);
    return undefined;
  },
  count({ port, count }) {
    let received = 0;
    port.onmessage = () => {
      if (++received === count) port.postMessage(received);
    };
    return Promise.resolve();
  },
  ask: ({ port, count }) => ask(port, count),
  flood: ({ ports, count }) => flood(ports, count),
  ring({ previous, next }) {
    ringNext = next;
    previous.onmessage = ({ data }: MessageEvent<Small>) => {
      if (--data.id > 0) next.postMessage(data);
      else arrived();
    };
    return Promise.resolve();
  },
  lap({ hops }) {
    const { promise, resolve } = Promise.withResolvers<void>();
    arrived = resolve;
    ringNext!.postMessage({ ...SMALL, id: hops });
    return promise;
  },
  crash() {
    throw new Error("told to crash");
  },
};

scope.onmessage = ({ data }) => {
  const order = orders[data.op] as (order: Order) => Promise<unknown> | undefined;
  order(data)?.then((result) => scope.postMessage(result));
};

async function ask(port: MessagePort, count: number): Promise<Latency> {
  let answer: (value: unknown) => void = () => {};
  port.onmessage = ({ data }) => answer(data);
  const call = (message: Small) =>
    new Promise((resolve) => {
      answer = resolve;
      port.postMessage(message);
    });
  const times: number[] = [];
  for (let i = -WARM_UP; i < count; i++) {
    const start = performance.now();
    await call(SMALL);
    if (i >= 0) times.push(performance.now() - start);
  }
  return latency(times);
}

async function flood(ports: MessagePort[], count: number): Promise<void> {
  const done = ports.map((port) => new Promise((resolve) => port.onmessage = resolve));
  for (let i = 0; i < count; i++) for (const port of ports) port.postMessage(SMALL);
  await Promise.all(done);
}
