import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createUrlSource } from './url-source.ts';
import { createMemoryStore } from './weight-store.ts';

describe('a model folder behind a URL', () => {
  let base = '';
  let log: string[] = [];
  let handle: (request: IncomingMessage, response: ServerResponse) => void;
  const server = createServer((request, response) => {
    log.push(`${request.method} ${request.url}`);
    handle(request, response);
  });

  beforeEach(async () => {
    log = [];
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}/m`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const text = (bytes: Uint8Array | undefined) => new TextDecoder().decode(bytes);
  const serve = (body: string, etag: string) => (_: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { etag, 'content-length': body.length, 'content-type': 'application/json' });
    response.end(body);
  };

  it('downloads once; then asks whether the file is the same and takes the stored one', async () => {
    handle = serve('{"a":1}', '"v1"');
    const source = createUrlSource({ base, store: createMemoryStore() });
    const progress: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      const bytes = await source.read('config.json', { onProgress: (p) => progress.push(p) });
      expect(text(bytes)).toBe('{"a":1}');
    }
    expect(log).toEqual(['GET /m/config.json', 'HEAD /m/config.json']);
    expect(progress).toEqual([
      { file: 'config.json', loaded: 7, total: 7, cached: false },
      { file: 'config.json', loaded: 7, total: 7, cached: true },
    ]);
  });

  it('fetches again when the file has changed on the server', async () => {
    const source = createUrlSource({ base, store: createMemoryStore() });
    handle = serve('old', '"v1"');
    await source.read('x');
    handle = serve('new', '"v2"');
    expect(text(await source.read('x'))).toBe('new');
  });

  it('takes the stored file when the server cannot be reached', async () => {
    const source = createUrlSource({ base, store: createMemoryStore() });
    handle = serve('kept', '"v1"');
    await source.read('x');
    handle = (_, response) => response.destroy();
    expect(text(await source.read('x'))).toBe('kept');
  });

  it('a missing file is undefined, also where a server answers with its start page', async () => {
    const source = createUrlSource({ base, store: createMemoryStore() });
    handle = (_, response) => response.writeHead(404).end();
    expect(await source.read('x')).toBeUndefined();
    handle = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
    expect(await source.read('y')).toBeUndefined();
  });

  it('an error status, an unreachable server and a short body are typed errors, and nothing is stored', async () => {
    const store = createMemoryStore();
    const source = createUrlSource({ base, store });
    handle = (_, response) => response.writeHead(503).end();
    await expect(source.read('x')).rejects.toMatchObject({ code: 'network' });
    await expect(source.read('x')).rejects.toThrow(/answered 503/);
    handle = (_, response) => response.destroy();
    await expect(source.read('x')).rejects.toMatchObject({ code: 'network' });
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': 100 });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    };
    await expect(source.read('x')).rejects.toMatchObject({ code: 'network' });
    expect(await store.get(`${base}/x`)).toBeUndefined();
  });

  it('an abort ends a download with the reason of the signal', async () => {
    const source = createUrlSource({ base, store: createMemoryStore() });
    const controller = new AbortController();
    handle = (_, response) => {
      response.writeHead(200, { 'content-length': 1000 });
      response.write('x');
      setTimeout(() => controller.abort(), 20);
    };
    await expect(source.read('x', { signal: controller.signal })).rejects.toMatchObject({
      name: 'AbortError',
    });
  });
});
