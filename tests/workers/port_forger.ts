/** Imported before the kernel, this gets words of its own into the ports of its worker. */
import { inWorker } from "../../supervisor/actor/bootstrap.ts";

const { postMessage } = MessagePort.prototype;
let forged: string | undefined;

/** The next thing that is posted has that posted before it. */
export function forge(packet: string): void {
  forged = packet;
}

if (inWorker) {
  MessagePort.prototype.postMessage = function (message: unknown, transfer?: unknown) {
    const first = forged;
    forged = undefined;
    if (first !== undefined) postMessage.call(this, first);
    postMessage.call(this, message, transfer as StructuredSerializeOptions);
  };
}
