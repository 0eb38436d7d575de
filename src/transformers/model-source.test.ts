import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { modelSource, readFileBytes } from './model-source.ts';

const textOf = (bytes: Uint8Array | undefined) => bytes && new TextDecoder().decode(bytes);

describe('modelSource', () => {
  let server: Server;
  let url: string;
  const asked: string[] = [];
  beforeAll(async () => {
    server = createServer(({ url: path = '' }, response) => {
      asked.push(path);
      const answers: Record<string, readonly [number, string, string]> = {
        '/model/config.json': [200, 'application/json', '{}'],
        '/model/page.json': [200, 'text/html', '<html>'],
        '/model/broken.json': [500, 'text/plain', ''],
      };
      const [status, type, body] = answers[path] ?? [404, 'text/plain', ''];
      response.writeHead(status, { 'content-type': type }).end(body);
    });
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model`;
  });
  afterAll(() => server.close());
  afterEach(() => {
    asked.length = 0;
    Reflect.deleteProperty(globalThis, 'caches');
  });

  it('reads a folder behind a URL, where a missing file may be a page', async () => {
    const source = modelSource(url);
    expect(textOf(await source.read('config.json'))).toBe('{}');
    expect(await source.read('tokenizer.json')).toBeUndefined();
    expect(await source.read('page.json')).toBeUndefined();
    await expect(source.read('broken.json')).rejects.toMatchObject({ code: 'network', status: 500 });
    await expect(readFileBytes(`${url}/none`)).rejects.toMatchObject({ code: 'network' });
  });

  it('takes from the cache of Transformers.js what lies there, and asks nobody', async () => {
    const match = async (key: string, { cacheName }: { readonly cacheName: string }) =>
      cacheName === 'transformers-cache' && key === `${url}/config.json` ? new Response('kept') : undefined;
    Object.assign(globalThis, { caches: { match } });
    expect(textOf(await modelSource(`${url}/`).read('config.json'))).toBe('kept');
    expect(asked).toEqual([]);
  });
});
