/**
 * Lets pending events in. A WASM run blocks its thread and promises resolve before any event is handled, so
 * without this an abort message would wait in the worker's queue until the whole text is written.
 */
export function yieldToEvents(): Promise<void> {
  // Timers are clamped to 4 ms in browsers; a message is not.
  return new Promise((resolve) => {
    if (typeof setImmediate === 'function') {
      setImmediate(resolve);
      return;
    }
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}
