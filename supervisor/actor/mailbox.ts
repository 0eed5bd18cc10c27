/**
 * The messages of one actor, handled one at a time (K1), in the order each holder sent them (K2).
 *
 * @module
 */
import { Fault } from "../../protocols/messages/fault.ts";
import { type Alarm, clearAlarm, setAlarm, setCurrentDeadline } from "./deadline.ts";
import { type Behaviour, Deferred, type Next } from "./define.ts";
import type { Guard } from "./guard.ts";
import type { Inlet, Mailbox, Message } from "./inlet.ts";
import { AbortController, Date } from "./natives.ts";
import { Kind } from "./wire.ts";

/** Replies still being made, at most; then the next message waits. */
const DEFERRED_MAX = 1024;

/** A message being handled, or whose reply is being made. */
export class Task {
  cancelled: Fault | undefined;
  #controller: AbortController | undefined;
  #alarm: Alarm | undefined;
  #over = false;

  constructor(readonly message: Message) {}

  /** When the caller gives up, in milliseconds since 1970. */
  get deadline(): number | undefined {
    return this.message.deadline || undefined;
  }

  /** Made when first asked for: most handlers never do. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      const { deadline, name } = this.message;
      if (this.cancelled !== undefined) this.#controller.abort(this.cancelled);
      else if (deadline > 0) {
        const late = () =>
          new Fault("timeout", `Cannot finish "${name}": its deadline passed`, { retry: "later" });
        this.#alarm = setAlarm(deadline, () => this.cancel(late()));
      }
    }
    return this.#controller.signal;
  }

  /** Sends an item of a stream. */
  async send(item: unknown): Promise<void> {
    if (this.cancelled !== undefined) throw this.cancelled;
    if (this.#over) throw new Fault("over", `Cannot send an item: "${this.message.name}" was answered`);
    await this.message.inlet.item(this.message.seq, item);
    if (this.cancelled !== undefined) throw this.cancelled;
  }

  /** Sends an item of a stream without waiting. */
  push(item: unknown): void {
    if (this.cancelled === undefined && !this.#over) this.message.inlet.push(this.message.seq, item);
  }

  /** Aborts the handler's signal, and lets it go on if it waits for room. */
  cancel(fault: Fault): void {
    this.cancelled ??= fault;
    this.#controller?.abort(this.cancelled);
    this.message.inlet.release(this.message.seq);
    this.end();
  }

  /** It is answered, or nobody waits for that. */
  end(): void {
    this.#over = true;
    clearAlarm(this.#alarm);
  }
}

/** What a pump needs to know of its actor. */
export interface Pumped {
  // deno-lint-ignore no-explicit-any -- the state is private to the actor's module
  behaviour: Behaviour<any, any, any>;
  state: unknown;
  guard(name: string): Guard | undefined;
  /** See {@linkcode Task}; as the context of a message. */
  readonly Task: new (message: Message) => Task;
  /** The actor died of this. */
  crash(error: unknown): void;
  /** The actor is at its end; `stop` was returned. */
  finish(): void;
}

/** Hands messages to handlers. */
export class Pump implements Mailbox {
  readonly #actor: Pumped;
  #queue: Message[] = [];
  #head = 0;
  #current: Task | undefined;
  readonly #deferred = new Set<Task>();
  #open = true;
  #idle: PromiseWithResolvers<void> | undefined;

  constructor(actor: Pumped) {
    this.#actor = actor;
  }

  put(message: Message): void {
    if (this.#current !== undefined || this.#head < this.#queue.length || !this.#takesMore()) {
      this.#queue.push(message);
    } else this.#begin(message);
  }

  cancel(inlet: Inlet, seq?: number): void {
    const fault = seq === undefined
      ? new Fault("caller_gone", "Cannot finish: the caller is gone")
      : new Fault("cancelled", "Cannot finish: the caller gave up");
    const meant = (message: Message) =>
      message.inlet === inlet && (seq === undefined ? message.kind !== Kind.cast : message.seq === seq);
    for (const task of this.#tasks()) if (meant(task.message)) task.cancel(fault);
    for (let at = this.#head; at < this.#queue.length; at++) {
      const message = this.#queue[at]!;
      // It keeps its place, so that it gives its room back in turn.
      if (meant(message)) this.#queue[at] = { ...message, request: undefined, refusal: fault };
    }
  }

  /** Takes no further message, aborts what runs, and resolves when it has ended. */
  async close(fault: Fault): Promise<void> {
    this.#open = false;
    for (const task of this.#tasks()) task.cancel(fault);
    if (this.#current !== undefined || this.#deferred.size > 0) {
      await (this.#idle ??= Promise.withResolvers()).promise;
    }
  }

  #tasks(): Task[] {
    return this.#current === undefined ? [...this.#deferred] : [this.#current, ...this.#deferred];
  }

  #takesMore(): boolean {
    return this.#open && this.#deferred.size < DEFERRED_MAX;
  }

  #run(): void {
    while (this.#head < this.#queue.length && this.#takesMore()) {
      const message = this.#queue[this.#head]!;
      this.#queue[this.#head++] = undefined as never;
      if (this.#head === this.#queue.length) {
        this.#queue = [];
        this.#head = 0;
      }
      if (this.#begin(message)) return;
    }
    if (this.#current === undefined && this.#deferred.size === 0) this.#idle?.resolve();
  }

  /** True when the actor is busy with it beyond this turn. */
  #begin(message: Message): boolean {
    const waits = this.#handle(message);
    waits?.then(() => this.#run(), (error) => this.#crash(error));
    return waits !== undefined;
  }

  /** Returns a promise only if the handler does, so that quick handlers cost no turn of the event loop. */
  #handle(message: Message): Promise<void> | undefined {
    const { inlet, seq, name, deadline, request } = message;
    if (!inlet.begin(seq)) return void (this.#open = false);
    const refusal = this.#refusal(message);
    if (refusal !== undefined) return this.#refuse(message, refusal);
    const task = this.#current = new this.#actor.Task(message);
    setCurrentDeadline(deadline > 0 && this.#deferred.size === 0 ? deadline : Infinity);
    let result;
    try {
      result = this.#actor.behaviour.handle[name]!(
        this.#actor.state,
        request as never,
        task as never,
      );
    } catch (error) {
      return this.#thrown(task, error);
    }
    if (!(result instanceof Promise)) return this.#settle(task, result as Next<unknown, unknown>);
    return result.then(
      (next) => this.#settle(task, next as Next<unknown, unknown>),
      (error) => this.#thrown(task, error),
    );
  }

  #refusal({ name, request, deadline, refusal }: Message): Fault | undefined {
    if (refusal !== undefined) return refusal;
    if (!Object.hasOwn(this.#actor.behaviour.handle, name)) {
      return new Fault("bad_request", `Cannot handle "${name}": this actor has no such message`);
    }
    const wrong = this.#actor.guard(name)?.(request);
    if (wrong !== undefined) return new Fault("bad_request", `Cannot handle "${name}": ${wrong}`);
    if (deadline > 0 && deadline <= Date.now()) {
      return new Fault("timeout", `Cannot handle "${name}": its deadline passed while it waited`, {
        retry: "later",
      });
    }
  }

  #refuse({ inlet, kind, seq }: Message, fault: Fault): undefined {
    if (kind === Kind.cast) inlet.done(seq);
    else inlet.fail(seq, fault);
  }

  #settle(task: Task, next: Next<unknown, unknown>): undefined {
    this.#actor.state = next.state;
    this.#leave();
    if (next.reply instanceof Deferred) this.#defer(task, next.reply);
    else {
      task.end();
      this.#answer(task, next.reply);
    }
    if (next.stop) {
      this.#open = false;
      this.#actor.finish();
    }
  }

  #leave(): void {
    this.#current = undefined;
    setCurrentDeadline(Infinity);
  }

  #answer({ message: { inlet, kind, seq } }: Task, reply: unknown): void {
    if (kind === Kind.cast) inlet.done(seq);
    else inlet.reply(seq, reply);
  }

  #defer(task: Task, { promise }: Deferred<unknown>): void {
    this.#deferred.add(task);
    const ended = () => {
      task.end();
      this.#deferred.delete(task);
      if (this.#current === undefined) this.#run();
    };
    promise.then((reply) => {
      this.#answer(task, reply);
      ended();
    }, (error) => {
      if (error instanceof Fault) task.message.inlet.fail(task.message.seq, error);
      else this.#crash(error);
      ended();
    });
  }

  /** A Fault is the handler's answer; anything else is the actor's end. */
  #thrown(task: Task, error: unknown): undefined {
    task.end();
    this.#leave();
    if (error instanceof Fault) this.#refuse(task.message, error);
    else this.#crash(error);
  }

  /** What has not begun is the next incarnation's. */
  #crash(error: unknown): void {
    this.#open = false;
    this.#actor.crash(error);
  }
}
