import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { hashData, jsonList, sha256Of } from './hash-data.ts';
import type { Example } from './training-data.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const example = (line: number): Example => ({
  ...{ user: `u${line}`, target: 'Dünen, "am" Meer ☀', line, persona: undefined },
  messages: [{ role: 'user', content: 'What\ndo I like?' }],
});
const rows = new Map([
  ['u1', Float32Array.of(0.1, -2e-9)],
  ['u2', Float32Array.of(1 / 3, 0, 7, -0.5)],
]);
const data = { examples: [example(1), example(2)], validation: undefined, alignTo: undefined };

describe('the hash of training data', () => {
  it('is that of them as one JSON text', () => {
    const users = [...rows].map(([id, row]) => [id, ...row]);
    expect(hashData({ ...data, users: { dim: 2, rows } })).toBe(
      sha256(JSON.stringify([data.examples, undefined, users, undefined])),
    );
    const alignTo = [{ vector: Float32Array.of(0.25), words: 'dunes' }];
    const whole = { ...data, validation: [example(3)], alignTo };
    expect(hashData({ ...whole, users: { dim: 2, rows: new Map() } })).toBe(
      sha256(JSON.stringify([data.examples, whole.validation, [], [['dunes', 0.25]]])),
    );
  });

  it('is another one for another order, number or text', () => {
    const of = (examples: readonly Example[], by = rows) =>
      hashData({ ...data, examples, users: { dim: 2, rows: by } });
    const other = new Map([...rows, ['u2', Float32Array.of(1 / 3, 0, 7, -0.4)]]);
    const all = [
      of(data.examples),
      of(data.examples.toReversed()),
      of(data.examples, other),
      of([example(1), { ...example(2), target: 'Dünen' }]),
    ];
    expect(new Set(all).size).toBe(all.length);
  });

  it('never holds more than an item of a list as text', () => {
    function* many() {
      for (let i = 0; i < 50_000; i++) yield { line: i, text: 'x'.repeat(100) };
    }
    let longest = 0;
    for (const piece of jsonList(many())) longest = Math.max(longest, piece.length);
    expect(longest).toBeLessThan(150);
    expect(sha256Of(jsonList(many()))).toBe(sha256(JSON.stringify([...many()])));
    expect(sha256Of([...jsonList([]), Uint8Array.of(0x21)])).toBe(sha256('[]!'));
  });
});
