/**
 * What handlers are given beside their state: time, luck, ids, log, events, children.
 *
 * @module
 */
import type { ActorRef } from "../../protocols/messages/ref.ts";
import type { FromWorker } from "./control.ts";
import { clearAlarm, setAlarm } from "./deadline.ts";
import type { Children, Clock, Context, Log } from "./define.ts";
import { newId } from "./id.ts";
import type { Message } from "./inlet.ts";
import { Task } from "./mailbox.ts";
import { AbortController, Date, getRandomValues } from "./natives.ts";
import type { Reference } from "./reference.ts";

/** Real time. */
export const clock: Clock = {
  now: () => Date.now(),
  sleep(ms, signal) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (signal?.aborted) return Promise.reject(signal.reason);
    const abort = () => (clearAlarm(alarm), reject(signal!.reason));
    const alarm = setAlarm(Date.now() + ms, () => (signal?.removeEventListener("abort", abort), resolve()));
    signal?.addEventListener("abort", abort, { once: true });
    return promise;
  },
};

/** The context of an actor between messages. */
export function actorContext(
  name: string,
  post: (message: FromWorker) => void,
  children: Children,
  self: () => Reference,
): Context {
  const say = (level: keyof Log) => (message: string) => post({ op: "log", level, message });
  return {
    name,
    clock,
    random: Math.random,
    newId: () => newId(clock.now(), getRandomValues(new Uint8Array(10))),
    log: { debug: say("debug"), info: say("info"), warn: say("warn"), error: say("error") },
    events: { emit: (event) => post({ op: "event", event }) },
    self: () => self() as unknown as ActorRef,
    children,
    signal: new AbortController().signal,
    deadline: undefined,
  };
}

/** Each message's task is its context, and has from its prototype what all messages of the actor share. */
export function taskOf(actor: Context): new (message: Message) => Task {
  class ActorTask extends Task {}
  const { signal: _signal, deadline: _deadline, ...shared } = actor;
  Object.assign(ActorTask.prototype, shared);
  return ActorTask;
}
