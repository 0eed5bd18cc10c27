/**
 * What the main thread of an actor's process may say of the actor, and when: whatever else comes from it was not said
 * by the kernel.
 *
 * @module
 */
import type { FromWorker, ToWorker } from "../actor/control.ts";
import { type Guard, type JsonSchema, makeGuard } from "../actor/guard.ts";
import { PORT_KEY } from "./relay.ts";

type Op = FromWorker["op"];

const text = { type: "string" };
const number = { type: "number", minimum: 0 };
const whole = { type: "integer", minimum: 0 };
const texts = { type: "array", items: text };
const port = record({ [PORT_KEY]: whole });
const fault = record({ code: text, message: text, retry: { enum: ["never", "later"] } });
const packet = { anyOf: [text, { type: "array", minItems: 1, prefixItems: [text], items: port }] };
const permission = { anyOf: [{ const: true }, texts] };
const permissions = record({}, {
  ...{ read: permission, write: permission, net: permission, env: permission },
  ...{ sys: permission, run: permission, ffi: permission },
});
const spec = record({}, {
  grant: { anyOf: [{ const: "none" }, permissions] },
  restart: { enum: ["always", "on-failure", "never"] },
  ...{ shutdownMs: number, hungAfterMs: number, startMs: number, warm: whole },
  ...{ heapMb: number, memoryMb: number, lineBytes: number, provisions: true },
});

const SHAPES: Record<Op, JsonSchema> = {
  primed: said(),
  started: said(),
  start_failed: said({ fault }),
  crashed: said({ fault }),
  ended: said(),
  pong: said({ n: whole }),
  event: said({}, { event: true }),
  log: said({ level: { enum: ["debug", "info", "warn", "error"] }, message: text }),
  mint: said({ via: text, lent: texts, token: text, port }),
  hold: said({ token: text }),
  close: said({ token: text }),
  want: said({ token: text }),
  revoke: said({ lent: text }),
  spawn: said({ id: whole, name: text, module: text, options: packet, spec }),
  keep: said({ id: whole, module: text, count: whole, spec }),
  stop_child: said({ id: whole, name: text }),
};

const guards = new Map<string, Guard>();

/** Follows what one process is told and says. */
export class ControlCheck {
  readonly #told = new Set<ToWorker["op"]>();
  readonly #said = new Set<Op>();
  readonly #pings = new Set<number>();

  /** The process is told that. */
  tell(message: ToWorker): void {
    this.#told.add(message.op);
    if (message.op === "ping") this.#pings.add(message.n);
  }

  /** The message, if the process may say it now. @throws {Error} otherwise. */
  pass(message: unknown): FromWorker {
    const op = (message as FromWorker | null)?.op as Op;
    if (!Object.hasOwn(SHAPES, op)) {
      throw new Error(`a control message of unknown kind ${JSON.stringify(op)}`);
    }
    const wrong = guardOf(op)(message);
    if (wrong !== undefined) throw new Error(`"${op}" with ${wrong}`);
    if (!this.#isInPlace(message as FromWorker)) throw new Error(`"${op}" out of place`);
    this.#said.add(op);
    return message as FromWorker;
  }

  #isInPlace(message: FromWorker): boolean {
    const [told, said] = [this.#told, this.#said];
    switch (message.op) {
      case "primed":
        return told.has("prime") && !said.has("primed");
      case "started":
        return told.has("init") && !said.has("started");
      case "start_failed":
        return !said.has("started");
      case "ended":
        return said.has("started") || told.has("stop");
      case "crashed":
        return true;
      case "pong":
        return this.#pings.delete(message.n);
      default:
        return told.has("init");
    }
  }
}

function guardOf(op: Op): Guard {
  let guard = guards.get(op);
  if (guard === undefined) guards.set(op, guard = makeGuard(SHAPES[op]));
  return guard;
}

function said(properties: Record<string, JsonSchema> = {}, optional?: Record<string, JsonSchema | true>) {
  return record({ op: text, ...properties }, optional);
}

function record(
  properties: Record<string, JsonSchema>,
  optional: Record<string, JsonSchema | true> = {},
): JsonSchema {
  return {
    type: "object",
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}
