import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { putUpGate } from './gate.ts';

/** A scope like a worker's: some exits in the prototype chain, some on the object itself. */
function makeScope() {
  class Socket {
    readonly sent: string[] = [];
    send(text: string) {
      this.sent.push(text);
    }
  }

  class Helper {
    readonly url: string;
    readonly name: string;
    constructor(url: string, { name = '' }: { readonly name?: string }) {
      this.url = url;
      this.name = name;
    }
  }

  class Databases {
    open(name: string) {
      return `the database ${name}`;
    }
    databases() {
      return ['all'];
    }
  }

  const databases = new Databases();
  const asked: Request[] = [];
  const answers: { resolve?: () => void } = {};
  const inherited = {
    fetch: (request: Request, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((resolve, reject) => {
        asked.push(request);
        signal.addEventListener('abort', () => reject(signal.reason));
        answers.resolve = () => resolve(new Response('weights'));
      }),
    get caches() {
      return 'the cache';
    },
    get indexedDB() {
      return databases;
    },
  };
  const scope = Object.assign(Object.create(inherited), {
    location: { href: 'https://app.example/engine.js' },
    navigator: {
      get locks() {
        return 'locks';
      },
      sendBeacon: () => true,
    },
    WebSocket: Socket,
    IDBFactory: Databases,
    Worker: Helper,
  });
  return { scope, asked, answers, socket: new Socket() };
}

const sealed = (name: string) =>
  expect.objectContaining({ code: 'sealed', message: expect.stringContaining(name) });
const attempt = (work: () => unknown) => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('the gate while it is open', () => {
  it('lets requests through that carry nothing, and refuses others', async () => {
    const { scope, asked, answers } = makeScope();
    putUpGate(scope);
    const response = scope.fetch('https://app.example/model.onnx', { headers: { range: 'bytes=0-9' } });
    answers.resolve?.();
    expect(await (await response).text()).toBe('weights');
    expect(asked[0]!.headers.get('range')).toBe('bytes=0-9');
    await expect(scope.fetch('https://app.example/', { method: 'POST', body: 'x' })).rejects.toEqual(
      sealed('POST'),
    );
    expect(asked).toHaveLength(1);
  });

  it('lets storage through, and nothing that loading does not need', () => {
    const { scope } = makeScope();
    putUpGate(scope);
    expect(scope.caches).toBe('the cache');
    expect(attempt(() => new scope.WebSocket())).toEqual(sealed('WebSocket'));
    expect(attempt(() => scope.navigator.sendBeacon('/'))).toEqual(sealed('sendBeacon'));
  });

  it('opens the storage of weights by name, and nothing else of the origin', () => {
    const { scope } = makeScope();
    putUpGate(scope);
    expect(scope.indexedDB.open('e2p-weights')).toBe('the database e2p-weights');
    const vault = sealed('IDBFactory.prototype.open');
    expect(attempt(() => scope.indexedDB.open('e2p-vault-default'))).toEqual(vault);
    expect(attempt(() => scope.indexedDB.databases())).toEqual(sealed('databases'));
    // A name that is another when it is looked at again.
    let looks = 0;
    const name = { toString: () => (looks++ === 0 ? 'e2p-weights' : 'e2p-vault-default') };
    expect(scope.indexedDB.open(name)).toBe('the database e2p-weights');
    const { startsWith } = String.prototype;
    try {
      String.prototype.startsWith = () => true;
      expect(attempt(() => scope.indexedDB.open('e2p-vault-default'))).toEqual(vault);
    } finally {
      String.prototype.startsWith = startsWith;
    }
  });

  it('lets helper threads of onnxruntime through, and tells those without a gate', () => {
    const { scope } = makeScope();
    const gate = putUpGate(scope);
    gate.helpers.hint = 'jspi';
    const ours = new scope.Worker(new URL('https://app.example/engine.js'), { name: 'em-pthread-1' });
    expect(ours.url).toBe('https://app.example/engine.js#jspi');
    expect(gate.helpers.strangers).toBe(0);
    new scope.Worker('/ort.js', { name: 'em-pthread-2' });
    expect(gate.helpers.strangers).toBe(1);
    for (const [address, name] of [
      ['/own.js', 'mine'],
      ['https://elsewhere.example/x.js', 'em-pthread'],
      ['blob:https://elsewhere.example/1', 'em-pthread'],
      ['blob:https://app.example/1', 'em-pthread'],
      ['https://app.example.elsewhere.example/', 'em-pthread'],
      ['data:text/javascript,', 'em-pthread'],
    ]) {
      expect(attempt(() => new scope.Worker(address, { name }))).toEqual(sealed('Worker'));
    }
  });
});

describe('the gate after the seal', () => {
  it('refuses references and objects that somebody kept', () => {
    const { scope, socket } = makeScope();
    const gate = putUpGate(scope);
    const kept = { fetch: scope.fetch, Worker: scope.Worker };
    gate.seal();
    expect(attempt(() => kept.fetch('https://app.example/?secret'))).toEqual(sealed('fetch'));
    expect(attempt(() => new kept.Worker('/x.js', { name: 'em-pthread' }))).toEqual(sealed('Worker'));
    expect(attempt(() => socket.send('secret'))).toEqual(sealed('WebSocket.prototype.send'));
    expect(attempt(() => Reflect.construct(socket.constructor, []))).toEqual(sealed('WebSocket'));
    expect(attempt(() => scope.caches)).toEqual(sealed('caches'));
    expect(socket.sent).toEqual([]);
  });

  it('cuts a request that is under way', async () => {
    const { scope, asked } = makeScope();
    const gate = putUpGate(scope);
    const response = scope.fetch('https://app.example/slow');
    await Promise.resolve();
    expect(asked).toHaveLength(1);
    gate.seal();
    await expect(response).rejects.toEqual(sealed('under way'));
  });

  it('says what became of each exit, and calls open what it could not replace', () => {
    const { scope } = makeScope();
    Object.defineProperty(scope, 'EventSource', { value: class {}, configurable: false });
    Object.assign(scope, { sharedStorage: 'a value' });
    const states = putUpGate(scope).seal();
    const stateOf = (name: string) => states.find((exit) => exit.name === name);
    expect(stateOf('fetch')).toEqual({ name: 'fetch', state: 'shut', by: 'script' });
    expect(stateOf('navigator.locks')).toMatchObject({ state: 'shut' });
    expect(stateOf('XMLHttpRequest')).toEqual({ name: 'XMLHttpRequest', state: 'absent', by: 'absence' });
    expect(stateOf('sharedStorage')).toMatchObject({ state: 'open' });
    expect(stateOf('EventSource')).toEqual({ name: 'EventSource', state: 'open', by: 'nothing' });
  });

  it('can be taken away by nobody', () => {
    const { scope } = makeScope();
    const gate = putUpGate(scope);
    for (const holder of [Object.getPrototypeOf(scope), scope.navigator]) {
      const key = holder === scope.navigator ? 'sendBeacon' : 'fetch';
      expect(Reflect.defineProperty(holder, key, { value: () => 'out' })).toBe(false);
    }
    expect(gate.seal().filter(({ state }) => state === 'open')).toEqual([]);
  });
});

describe.each(['engine-worker.ts', 'train-worker.ts'])('%s', (name) => {
  it('puts up the gate before any code of others runs', () => {
    const before: string[] = [];
    const visit = (file: URL): boolean => {
      if (file.pathname.endsWith('/engine-gate.ts')) return true;
      const text = readFileSync(fileURLToPath(file), 'utf8');
      for (const [, what = '', from = ''] of text.matchAll(/^import ([^;]*?)from '([^']+)';/gms)) {
        if (what.startsWith('type ')) continue;
        if (!from.startsWith('.')) before.push(from);
        else if (visit(new URL(from, file))) return true;
      }
      return false;
    };
    expect(visit(new URL(`./${name}`, import.meta.url))).toBe(true);
    expect(before).toEqual([]);
  });
});
