/**
 * Makes the page work without a network after the first visit. The service worker must be in control before the
 * engine starts, so that it sees the fetch of the WASM file; it is told what was loaded before that. The weights
 * are not its business: the library keeps those itself.
 */

/** A hard reload bypasses the service worker for the life of the page, so the wait for it has an end. */
const PATIENCE_MS = 4000;

/** Never fails: a page without a service worker (old browser, private window) works, only not offline. */
export async function prepareOffline(): Promise<void> {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return;
  const { serviceWorker } = navigator;
  try {
    await serviceWorker.register('./sw.js');
    if (serviceWorker.controller === null) {
      await new Promise<unknown>((resolve) => {
        serviceWorker.addEventListener('controllerchange', resolve, { once: true });
        setTimeout(resolve, PATIENCE_MS);
      });
    }
    const loaded = performance.getEntriesByType('resource').map(({ name }) => name);
    serviceWorker.controller?.postMessage({
      keep: [new URL('.', location.href).href, location.origin + location.pathname, ...loaded],
    });
  } catch {
    // Storage is full, or service workers are not allowed here.
  }
}
