/**
 * Carries a worker's ports and control messages over a pipe: a port is a number there.
 *
 * Both ends use it: the worker that stands for a process, and the main thread of that process.
 *
 * @module
 */

/** What crosses the pipe: control messages, packets of a port, the end of a port; that a caller gave up. */
export type Line = ["control", unknown] | ["packet", number, unknown] | ["closed", number] | ["cancelled"];

/** Key of an object that stands for a port, by its number. */
export const PORT_KEY = "\u0000port";

/** Whether that stands for a port, and is nothing else. */
export function isPortNumber(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 1 &&
    Number.isInteger((value as Record<string, unknown>)[PORT_KEY]);
}

/** Ports by number. `first` is 0 on one side and 1 on the other, so that both can number new ones. */
export class Relay {
  readonly #ports = new Map<number, MessagePort>();
  /** The next number to give to a port, and the next the other side gives: both count in twos. */
  #next: number;
  #nextGiven: number;

  /** `packetSeen` hears what leaves through each port. */
  constructor(
    first: 0 | 1,
    private readonly send: (line: Line) => void,
    private readonly packetSeen: (port: number, packet: unknown) => void = () => {},
  ) {
    this.#next = first;
    this.#nextGiven = 1 - first;
  }

  /** A message with its ports as numbers; what arrives at them from now on goes over the pipe. */
  pack(value: unknown): unknown {
    if (value instanceof MessagePort) return { [PORT_KEY]: this.#keep(value) };
    if (value instanceof SharedArrayBuffer) return null;
    if (Array.isArray(value)) return value.map((inner) => this.pack(inner));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.pack(inner)]));
  }

  /** The reverse: numbers as ports to hand on, which are added to `transfer`. @throws {Error} on a number out of turn. */
  unpack(value: unknown, transfer: MessagePort[]): unknown {
    if (Array.isArray(value)) return value.map((inner) => this.unpack(inner, transfer));
    if (typeof value !== "object" || value === null) return value;
    const number = (value as Record<string, unknown>)[PORT_KEY];
    if (typeof number === "number") {
      if (number !== this.#nextGiven) throw new Error(`port ${number} out of turn`);
      this.#nextGiven += 2;
      const { port1, port2 } = new MessageChannel();
      this.#listen(number, port1);
      transfer.push(port2);
      return port2;
    }
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => [key, this.unpack(inner, transfer)]),
    );
  }

  /** Delivers a packet that came over the pipe. @throws {Error} when it is for a port that was never given. */
  deliver(number: number, packet: unknown): void {
    const wasGiven = Number.isInteger(number) && number >= 0 &&
      number < (number % 2 === this.#next % 2 ? this.#next : this.#nextGiven);
    if (!wasGiven) throw new Error(`a packet for port ${number}, which was never given`);
    const transfer: MessagePort[] = [];
    const unpacked = this.unpack(packet, transfer);
    this.#ports.get(number)?.postMessage(unpacked, transfer);
  }

  /** Closes a port on both sides. */
  close(number: number): void {
    this.forget(number);
    this.send(["closed", number]);
  }

  /** Closes a port the other side closed. */
  forget(number: number): void {
    this.#ports.get(number)?.close();
    this.#ports.delete(number);
  }

  #keep(port: MessagePort): number {
    const number = this.#next;
    this.#next += 2;
    this.#listen(number, port);
    return number;
  }

  #listen(number: number, port: MessagePort): void {
    this.#ports.set(number, port);
    port.onmessage = ({ data }) => {
      this.packetSeen(number, data);
      this.send(["packet", number, this.pack(data)]);
    };
  }
}
