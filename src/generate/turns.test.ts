import { describe, expect, it } from 'vitest';
import { Turns } from './turns.ts';

/** Calls that end when they are told to, and the order in which they began. */
function open(limits: { readonly running: number; readonly waiting: number }) {
  const turns = new Turns(limits);
  const begun: string[] = [];
  const ends = new Map<string, (error?: Error) => void>();
  const call = (name: string, owner: object = turns, signal = new AbortController().signal) =>
    turns.take(owner, signal, () => {
      begun.push(name);
      return new Promise<string>((resolve, reject) => {
        ends.set(name, (error) => (error === undefined ? resolve(name) : reject(error)));
      });
    });
  return { begun, call, end: (name: string, error?: Error) => ends.get(name)!(error) };
}

/** What follows from an end has happened. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('turns on an engine', () => {
  it('lets a few run side by side, and the others in the order they came', async () => {
    const { begun, call, end } = open({ running: 2, waiting: 9 });
    const calls = ['a', 'b', 'c', 'd'].map((name) => call(name));
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await calls[1];
    await settled();
    expect(begun).toEqual(['a', 'b', 'c']);
    // One that fails makes room too.
    end('a', new Error('it failed'));
    await expect(calls[0]).rejects.toThrow('it failed');
    await settled();
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    for (const name of ['c', 'd']) end(name);
    expect(await Promise.all(calls.slice(2))).toEqual(['c', 'd']);
  });

  it('next is whoever has the fewest under way', async () => {
    const { begun, call, end } = open({ running: 2, waiting: 9 });
    const [one, other] = [{}, {}];
    const calls = ['a', 'b', 'c', 'd'].map((name) => call(name, one));
    calls.push(call('e', other));
    end('a');
    await calls[0];
    await settled();
    expect(begun).toEqual(['a', 'b', 'e']);
  });

  it('an abort while it waits fails at once, and gives its place away', async () => {
    const { begun, call, end } = open({ running: 1, waiting: 1 });
    const first = call('a');
    const controller = new AbortController();
    const second = call('b', {}, controller.signal);
    controller.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    const third = call('c');
    end('a');
    await first;
    await settled();
    end('c');
    await third;
    expect(begun).toEqual(['a', 'c']);
    await expect(call('d', {}, controller.signal)).rejects.toThrow('enough');
  });

  it('refuses more than may wait', async () => {
    const { begun, call, end } = open({ running: 1, waiting: 2 });
    const calls = ['a', 'b', 'c'].map((name) => call(name));
    await expect(call('d')).rejects.toMatchObject({
      code: 'busy',
      message: expect.stringMatching(/^1 calls are answered and 2 wait on this engine, expected fewer/),
    });
    for (const [i, name] of ['a', 'b', 'c'].entries()) {
      end(name);
      await calls[i];
      await settled();
    }
    expect(begun).toEqual(['a', 'b', 'c']);
  });
});
