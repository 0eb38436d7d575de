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
      path.includes('/loader-worker-') ? loaderPolicy() : site.policy(page),
    );
    response.end(isEngine ? `export default ${JSON.stringify(engine())};` : readFileSync(file));
  });
  const url = await listen(server);
  return Object.assign(site, { url, [Symbol.asyncDispose]: () => close(server) });
}

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
