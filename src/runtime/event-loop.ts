/**
 * Lets pending events in, if that was not done in the last {@link OFTEN_MS}. A WASM run blocks its thread and promises resolve before any event is
 * handled, so without this an abort message would wait in the worker's queue until the whole text is written.
 */
export async function yieldToEvents(): Promise<void> {
  if (performance.now() - last < OFTEN_MS) return;
  await nextTask();
  last = performance.now();
}

/** Soon enough for whoever aborts, and seldom enough where a token takes less than a millisecond. */
const OFTEN_MS = 4;
let last = Number.NEGATIVE_INFINITY;

function nextTask(): Promise<void> {
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
