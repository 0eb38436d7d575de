import { describe, expect, it } from 'vitest';
import { writeSafetensors } from '../projector/safetensors.ts';
import { readExamples, readUsers } from './training-data.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const lines = (...values: unknown[]) => bytes(values.map((v) => JSON.stringify(v)).join('\n'));

describe('the users of a training', () => {
  it('are read from JSON Lines, empty lines aside', () => {
    const { rows, dim } = readUsers(
      bytes('{"user": "a", "embedding": [1, 2]}\n\n{"user": "b", "embedding": [3, -4.5]}\n'),
      'users.jsonl',
    );
    expect(dim).toBe(2);
    expect([...rows].map(([id, row]) => [id, ...row])).toEqual([
      ['a', 1, 2],
      ['b', 3, -4.5],
    ]);
  });

  it('are read from a matrix, with ids or without', () => {
    const tensors = new Map([['embeddings', { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) }]]);
    const read = (metadata: Record<string, string>) =>
      [...readUsers(writeSafetensors({ tensors, metadata }), 'u.safetensors').rows].map(([id, r]) => [
        id,
        ...r,
      ]);
    expect(read({ users: '["x", "y"]' })).toEqual([
      ['x', 1, 2, 3],
      ['y', 4, 5, 6],
    ]);
    expect(read({}).map(([id]) => id)).toEqual(['0', '1']);
    expect(() => read({ users: '["x", "x"]' })).toThrow('has 1 different ids, expected 2, one for each row');
  });

  it.each([
    ['no id', [{ embedding: [1] }], 'line 1: field user is missing, expected text'],
    ['no list', [{ user: 'a', embedding: 'secret' }], 'line 1: field embedding is a string, expected a list'],
    [
      'text in it',
      [{ user: 'a', embedding: [1, 'secret'] }],
      'field embedding[1] is a string, expected a finite',
    ],
    [
      'a number too large for float32',
      [{ user: 'a', embedding: [1e300] }],
      'embedding[0] is a number, expected a',
    ],
    [
      'two lengths',
      [
        { user: 'a', embedding: [1, 2] },
        { user: 'b', embedding: [1] },
      ],
      'line 2: field embedding is 1 numbers, expected 2 as in the lines before',
    ],
    [
      'one id twice',
      [
        { user: 'a', embedding: [1] },
        { user: 'a', embedding: [2] },
      ],
      'line 2: field user is the id of an earlier line',
    ],
    ['a list for a line', [[1]], 'line 1 is a list, expected an object'],
    ['nothing', [], 'no users'],
  ])('are refused with file, line and field: %s', (_, values, message) => {
    let error: unknown;
    try {
      readUsers(lines(...values), 'people.jsonl');
    } catch (e) {
      error = e;
    }
    expect(error).toMatchObject({ code: 'invalid-data', message: expect.stringContaining('people.jsonl') });
    expect(String(error)).toContain(message);
    expect(String(error)).not.toContain('secret');
  });

  it('are read line by line: ends of lines of Windows, no newline at the end, characters of several bytes', () => {
    const read = readUsers(
      bytes('\ufeff{"user": "ü", "embedding": [1]}\r\n\r\n{"user": "漢", "embedding": [2]}'),
      'u.jsonl',
    );
    expect([...read.rows.keys()]).toEqual(['ü', '漢']);
  });

  it('are refused by the line that is not UTF-8', () => {
    const broken = bytes('{"user": "a", "embedding": [1]}\n\n{"user": "?", "embedding": [1]}');
    broken[broken.indexOf(0x3f)] = 0xfc;
    expect(() => readUsers(broken, 'u.jsonl')).toThrow(/^u\.jsonl line 3 is not UTF-8 text$/);
  });

  it('are not quoted where a line is no JSON', () => {
    expect(() => readUsers(bytes('{"user": "a", "embedding": [1]}\n{"secret'), 'u.jsonl')).toThrow(
      /^u\.jsonl line 2 is not JSON$/,
    );
  });
});

describe('the examples of a training', () => {
  const users = readUsers(lines({ user: 'a', embedding: [1] }), 'u.jsonl');
  it('have a text or a conversation for a prompt', () => {
    const conversation = [
      { role: 'system', content: 's' },
      { role: 'user', content: 'u' },
    ];
    const read = readExamples(
      lines(
        { user: 'a', prompt: 'p', target: 't' },
        { user: 'a', prompt: conversation, target: 't', persona: 'likes tea' },
      ),
      'd.jsonl',
      users,
    );
    expect(read).toEqual([
      { user: 'a', messages: [{ role: 'user', content: 'p' }], target: 't', persona: undefined, line: 1 },
      { user: 'a', messages: conversation, target: 't', persona: 'likes tea', line: 2 },
    ]);
  });

  it.each([
    [{ user: 'z', prompt: 'p', target: 't' }, 'field user is an id that is not in the users file'],
    [{ user: 'a', prompt: 'p', target: '' }, 'field target is empty, expected text'],
    [{ user: 'a', prompt: 7, target: 't' }, 'field prompt is a number, expected text, or a list'],
    [{ user: 'a', prompt: [{ role: 'boss', content: '' }], target: 't' }, 'field prompt[0].role is a string'],
    [{ user: 'a', prompt: [{ role: 'user' }], target: 't' }, 'field prompt[0].content is missing'],
    [{ user: 'a', prompt: 'p', target: 't', persona: 1 }, 'field persona is a number, expected text'],
    [
      { user: 'a', prompt: ['user', 'assistant'].map((role) => ({ role, content: 'c' })), target: 't' },
      'field prompt is a conversation that ends with the assistant, expected a user message last',
    ],
  ])('are refused with the field: %j', (value, message) => {
    expect(() => readExamples(lines(value), 'd.jsonl', users)).toThrow(`d.jsonl line 1: ${message}`);
  });
});
