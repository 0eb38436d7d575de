/** What a server says of a folder beforehand: the Hub's API, with a server that plays it. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { commitOf, startHubServer } from '../testing/hub-server.ts';
import type { FileSource } from './file-source.ts';
import { listFolders } from './stored-folders.ts';
import { withUrlFolder } from './url-source.ts';
import { createMemoryStore } from './weight-store.ts';

const text = (s: string) => new TextEncoder().encode(s);
const network = { sleep: async () => undefined };
const readBoth = async (source: FileSource) => [
  await source.read('config.json'),
  await source.read('onnx/m.onnx'),
];

describe('a repository of the Hub', () => {
  const files = new Map([
    ['config.json', text('{}')],
    ['onnx/m.onnx', text('weights')],
  ]);
  const repositories = new Map([['o/n/main', files]]);

  it('is checked against the SHA-256 of its large files and the git ids of its small ones', async () => {
    await using hub = await startHubServer({ repositories });
    const store = createMemoryStore();
    const url = `${hub.url}/o/n/resolve/main/`;
    expect(await withUrlFolder({ url, store }, readBoth)).toEqual([...files.values()]);
    const commit = commitOf('o/n/main');
    expect(await listFolders(store)).toMatchObject([
      { revision: commit, files: [{ verified: 'hub' }, { verified: 'hub' }] },
    ]);
    // Known by its commit, nothing of it is asked for again.
    const before = hub.requests.length;
    await withUrlFolder({ url, store }, readBoth);
    expect(hub.requests.slice(before)).toEqual(['GET /api/models/o/n/revision/main']);
  });

  it('a listing that comes cut is a failure, not a mirror without the API; a page in its place is one', async () => {
    let answer = '';
    await using hub = await startHubServer({
      repositories,
      intercept: (asked, _, response) => {
        if (!asked.startsWith('/api/')) return false;
        response.end(answer);
        return true;
      },
    });
    const load = () =>
      withUrlFolder({ url: `${hub.url}/o/n/resolve/main/`, store: createMemoryStore(), network }, readBoth);
    answer = `{"sha":"${commitOf('o/n/main')}","siblings":[{"rfil`;
    await expect(load()).rejects.toMatchObject({
      code: 'network',
      message: expect.stringMatching(/a listing of o\/n that is cut or damaged/),
    });
    answer = '<!doctype html>';
    expect(await load()).toEqual([...files.values()]);
  });

  it('what arrived in a load that did not end is taken by its digest, and only the rest asked for', async () => {
    const own = new Map(files);
    await using hub = await startHubServer({ repositories: new Map([['o/n/main', own]]) });
    const [url, store] = [`${hub.url}/o/n/resolve/main/`, createMemoryStore()];
    const stopped = withUrlFolder({ url, store }, async (source) => {
      await readBoth(source);
      throw new Error('stopped');
    });
    await expect(stopped).rejects.toThrow('stopped');
    // Of the same length, so that only its digest tells.
    own.set('onnx/m.onnx', text('heavier'));
    hub.requests.length = 0;
    expect(await withUrlFolder({ url, store }, readBoth)).toEqual([text('{}'), text('heavier')]);
    expect(hub.requests.map((request) => request.split('/').at(-1))).toEqual(['main', 'm.onnx', 'm.onnx']);
  });

  it.each([
    'config.json',
    'onnx/m.onnx',
  ])('%s with a wrong byte is refused, with both digests', async (path) => {
    const right = files.get(path)!;
    await using hub = await startHubServer({
      repositories,
      intercept: (asked, _, response) => {
        if (!asked.endsWith(path)) return false;
        response.end(Buffer.from(right).fill(0x21, 0, 1));
        return true;
      },
    });
    const url = `${hub.url}/o/n/resolve/main/`;
    const loading = withUrlFolder({ url, store: createMemoryStore(), network }, (source) =>
      source.read(path),
    );
    const isLarge = path.endsWith('.onnx');
    const expected = createHash(isLarge ? 'sha256' : 'sha1')
      .update(isLarge ? '' : `blob ${right.length}\0`)
      .update(right)
      .digest('hex');
    await expect(loading).rejects.toMatchObject({
      code: 'integrity',
      message: expect.stringMatching(new RegExp(`its digest is [0-9a-f]+, expected ${expected}`)),
    });
  });

  it('a mirror without the API still gives its files, by their length', async () => {
    await using hub = await startHubServer({
      repositories,
      intercept: (path, _, response) => {
        if (path.startsWith('/api/')) response.writeHead(403).end();
        return path.startsWith('/api/');
      },
    });
    const store = createMemoryStore();
    const url = `${hub.url}/o/n/resolve/main/`;
    expect(await withUrlFolder({ url, store }, readBoth)).toEqual([...files.values()]);
    expect(await listFolders(store)).toMatchObject([
      { files: [{ verified: 'length' }, { verified: 'length' }] },
    ]);
  });

  it.each([
    'not JSON',
    '{"sha": 1}',
    '{"sha": "main", "siblings": []}',
    '[]',
    'null',
  ])('an answer of the API that makes no sense (%s) is as good as none', async (answer) => {
    await using hub = await startHubServer({
      repositories,
      intercept: (path, _, response) => {
        if (path.startsWith('/api/')) response.end(answer);
        return path.startsWith('/api/');
      },
    });
    const url = `${hub.url}/o/n/resolve/main/`;
    expect(await withUrlFolder({ url, store: createMemoryStore() }, readBoth)).toEqual([...files.values()]);
  });

  it('whose API is busy is waited for, and then told: what it would be checked against does not go unsaid', async () => {
    let asked = 0;
    const intercept = (path: string, _: unknown, response: { writeHead(s: number): { end(): void } }) => {
      if (!path.startsWith('/api/')) return false;
      asked++;
      response.writeHead(429).end();
      return true;
    };
    await using hub = await startHubServer({ repositories, intercept });
    const load = withUrlFolder(
      { url: `${hub.url}/o/n/resolve/main/`, store: createMemoryStore(), network },
      readBoth,
    );
    await expect(load).rejects.toMatchObject({ code: 'network', status: 429 });
    expect(asked).toBe(2);
  });
});
