/**
 * The service worker: the page's own files (HTML, scripts, the WASM file that was used, the catalogue) from the
 * cache when there is no network. It stores no weights; those are under /models/,
 * /projectors/ and /llm/, and the library keeps them.
 */
declare const self: ServiceWorkerGlobalScope;

const CACHE = 'e2p-demo';

self.addEventListener('install', () => void self.skipWaiting());
self.addEventListener('activate', (event) => event.waitUntil(self.clients.claim()));

self.addEventListener('fetch', (event) => {
  const { request } = event;
  if (isModel(request.url)) {
    if (request.method === 'HEAD') event.respondWith(askOrAssumeUnchanged(request));
  } else if (request.method === 'GET' && isOurs(request.url)) {
    event.respondWith(isImmutable(request.url) ? cacheFirst(request) : networkFirst(request));
  }
});

/** Addresses that the page loaded before this worker was in control. */
self.addEventListener('message', (event) => {
  const { keep } = event.data as { readonly keep: readonly string[] };
  event.waitUntil(Promise.all(keep.filter((url) => isOurs(url) && !isModel(url)).map(keepOne)));
});

const isOurs = (url: string): boolean => url.startsWith(self.location.origin);
/** What the page itself reads of them says so: `?page`. */
const isModel = (url: string): boolean => {
  const { pathname, searchParams } = new URL(url);
  return /\/(models|projectors|llm)\//.test(pathname) && !searchParams.has('page');
};
/** Vite names these by their content. */
const isImmutable = (url: string): boolean => new URL(url).pathname.includes('/assets/');

async function cacheFirst(request: Request): Promise<Response> {
  return (await stored(request.url)) ?? fetchAndStore(request);
}

async function networkFirst(request: Request): Promise<Response> {
  try {
    return await fetchAndStore(request);
  } catch (offline) {
    const response = await stored(request.url);
    if (response === undefined) throw offline;
    return response;
  }
}

async function keepOne(url: string): Promise<void> {
  if ((await stored(url)) === undefined) await fetchAndStore(new Request(url)).catch(() => undefined);
}

async function stored(url: string): Promise<Response | undefined> {
  const cache = await caches.open(CACHE);
  return cache.match(withoutQuery(url), { ignoreVary: true });
}

async function fetchAndStore(request: Request): Promise<Response> {
  const response = await fetch(request);
  if (response.status === 200) {
    const cache = await caches.open(CACHE);
    const url = withoutQuery(request.url);
    // A full disk costs the copy, not the page.
    await cache.put(url, response.clone()).catch(() => undefined);
    if (url.endsWith('.wasm')) await deleteOlder(cache, url);
  }
  return response;
}

/** The query chooses a device, not a file. */
function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** WASM files are the large ones: of each, only the newest build is kept. */
async function deleteOlder(cache: Cache, newest: string): Promise<void> {
  const unhashed = (url: string) => url.replace(/-[\w-]{8}(?=\.wasm$)/, '');
  for (const { url } of await cache.keys()) {
    if (url !== newest && unhashed(url) === unhashed(newest)) await cache.delete(url);
  }
}

/** Offline, "did this file change?" is answered by "nothing is known of a change", not by an error. */
async function askOrAssumeUnchanged(request: Request): Promise<Response> {
  return fetch(request).catch(() => new Response(null, { status: 204 }));
}
