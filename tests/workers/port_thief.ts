/** Imported before the kernel, this gets hold of what goes through the ports of its worker. */
import { inWorker } from "../../supervisor/actor/bootstrap.ts";

const { postMessage } = MessagePort.prototype;
let stolen: { packet: unknown } | undefined;

/** From now on whatever is posted is replaced by that. */
export function replacePosts(packet: unknown): void {
  stolen = { packet };
}

if (inWorker) {
  MessagePort.prototype.postMessage = function (message: unknown, transfer?: unknown) {
    if (stolen === undefined) postMessage.call(this, message, transfer as StructuredSerializeOptions);
    else postMessage.call(this, stolen.packet);
  };
}
