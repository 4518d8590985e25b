/**
 * Lets the event loop turn between two chunks of work, so that a cancel or a message gets through.
 * `setTimeout` would wait 4 ms each time in a browser; a message to oneself does not.
 */
export function yieldToEvents(): Promise<void> {
  if (typeof setImmediate === "function") return new Promise((resolve) => setImmediate(resolve));
  return new Promise((resolve) => {
    const channel = new MessageChannel();
    channel.port1.onmessage = () => {
      channel.port1.close();
      resolve();
    };
    channel.port2.postMessage(null);
  });
}
