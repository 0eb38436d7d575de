import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { putUpGate } from './gate.ts';
import { describePrivacy } from './privacy.ts';

/** A scope like a worker's: some exits in the prototype chain, some on the object itself. */
function makeScope() {
  class Socket {
    readonly sent: string[] = [];
    send(text: string) {
      this.sent.push(text);
    }
  }
  class Databases {
    open(name: string) {
      return `the database ${name}`;
    }
  }
  const databases = new Databases();
  const inherited = {
    fetch: async () => 'an answer',
    get caches() {
      return 'the cache';
    },
    get indexedDB() {
      return databases;
    },
  };
  const scope = Object.assign(Object.create(inherited), {
    navigator: {
      get locks() {
        return 'locks';
      },
      sendBeacon: () => true,
    },
    WebSocket: Socket,
    IDBFactory: Databases,
    Worker: class {},
  });
  return { scope, databases, socket: new Socket() };
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

describe('the gate', () => {
  it('is shut from the beginning, for objects that were there before too', () => {
    const { scope, databases, socket } = makeScope();
    putUpGate(scope);
    expect(attempt(() => scope.fetch('https://app.example/?secret'))).toEqual(sealed('fetch'));
    expect(attempt(() => new scope.Worker('/x.js'))).toEqual(sealed('Worker'));
    expect(attempt(() => scope.navigator.locks)).toEqual(sealed('navigator.locks'));
    expect(attempt(() => scope.indexedDB)).toEqual(sealed('indexedDB'));
    expect(attempt(() => databases.open('e2p-weights'))).toEqual(sealed('IDBFactory.prototype.open'));
    expect(attempt(() => socket.send('secret'))).toEqual(sealed('WebSocket.prototype.send'));
    expect(attempt(() => Reflect.construct(socket.constructor, []))).toEqual(sealed('WebSocket'));
    expect(socket.sent).toEqual([]);
  });

  it('leaves alone what is named harmless', () => {
    const { scope } = makeScope();
    const states = putUpGate(scope, ['Worker']).look();
    expect(new scope.Worker()).toBeInstanceOf(Object);
    expect(states.some(({ name }) => name === 'Worker')).toBe(false);
  });

  it('says what became of each exit, and calls open what it could not replace', () => {
    const { scope } = makeScope();
    Object.defineProperty(scope, 'EventSource', { value: class {}, configurable: false });
    Object.assign(scope, { sharedStorage: 'a value' });
    const states = putUpGate(scope).look();
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
    expect(gate.look().filter(({ state }) => state === 'open')).toEqual([]);
  });
});

describe('what the page is told', () => {
  const gated = [
    { name: 'fetch', state: 'shut', by: 'script' },
    { name: 'indexedDB', state: 'open', by: 'nothing' },
    { name: 'BroadcastChannel', state: 'shut', by: 'script' },
  ] as const;
  const told = (isOpaque: boolean, isShut: boolean) => {
    const report = describePrivacy({
      isOpaque,
      shutsRequests: isShut,
      shutsImports: isShut,
      isReported: false,
      gated,
    });
    return { by: report.exits.map(({ by }) => by), notSealed: report.notSealed.length };
  };
  it('is who shuts what, the browser before our script, and what is open', () => {
    expect(told(true, true)).toEqual({
      by: ['policy', 'absence', 'policy', 'origin', 'script'],
      notSealed: 1,
    });
    expect(told(false, true)).toEqual({
      by: ['policy', 'absence', 'policy', 'nothing', 'script'],
      notSealed: 2,
    });
    expect(told(false, false)).toEqual({
      by: ['nothing', 'absence', 'script', 'nothing', 'script'],
      notSealed: 3,
    });
  });
});

describe.each(['engine-worker.ts', 'train-worker.ts'])('%s', (name) => {
  it('puts up the gate before any code of others runs', () => {
    const before: string[] = [];
    const visit = (file: URL): boolean => {
      if (file.pathname.endsWith('/gate.ts')) return true;
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
