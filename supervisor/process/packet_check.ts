/**
 * The frames in what crosses the ports of an actor's process.
 *
 * @module
 */
import { type Frame, framesOf, Kind } from "../actor/wire.ts";
import { isPortNumber } from "./relay.ts";

/** Frames that go to the process. Whatever runs in a holder may post anything: what is no frame is passed over there. */
export function framesTo(packet: unknown): Frame[] {
  try {
    return framesOf((Array.isArray(packet) ? packet[0] : packet) as string).filter(isFrame);
  } catch {
    return [];
  }
}

/** Frames that come from the process. @throws {Error} when they are not as the kernel writes them. */
export function framesFrom(packet: unknown): Frame[] {
  const [text, ...ports] = Array.isArray(packet) ? packet as unknown[] : [packet];
  if (typeof text !== "string" || !ports.every(isPortNumber)) throw new Error("a packet of unknown form");
  const frames = framesOf(text);
  if (!frames.every((frame) => isFrame(frame) && isWhole(frame))) {
    throw new Error("a packet with what is no frame");
  }
  return frames;
}

function isFrame(value: unknown): value is Frame {
  return Array.isArray(value) && Number.isInteger(value[0]) && Number.isInteger(value[1]);
}

function isWhole([kind, , value]: Frame): boolean {
  if (kind === Kind.fail) {
    const { code, message, retry } = Object(value) as Record<string, unknown>;
    return typeof code === "string" && typeof message === "string" &&
      (retry === "never" || retry === "later");
  }
  return kind >= Kind.cast && kind <= Kind.done;
}
