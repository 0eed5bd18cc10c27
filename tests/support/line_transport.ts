/**
 * The client's end of MCP over two pipes. The library's own starts the process itself and leaves timers behind.
 *
 * @module
 */
import {
  deserializeMessage,
  type JSONRPCMessage,
  serializeMessage,
  type Transport,
} from "@modelcontextprotocol/client";

/** A transport over what a server writes and reads. */
export function lineTransport(
  output: ReadableStream<Uint8Array>,
  input: WritableStream<Uint8Array>,
): Transport {
  const writer = input.getWriter();
  const transport: Transport = {
    start() {
      void listen(output, (message) => transport.onmessage?.(message)).then(() => transport.onclose?.());
      return Promise.resolve();
    },
    send: (message) => writer.write(new TextEncoder().encode(serializeMessage(message))),
    close: () => writer.close(),
  };
  return transport;
}

async function listen(
  output: ReadableStream<Uint8Array>,
  tell: (message: JSONRPCMessage) => void,
): Promise<void> {
  let rest = "";
  for await (
    const chunk of output.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)
  ) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) tell(deserializeMessage(line));
  }
}
