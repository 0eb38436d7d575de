import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { rowLines } from './rows-file.ts';
import type { Example, Users } from './training-data.ts';

const folder = fileURLToPath(new URL('../../public/models/e2p-tiny', import.meta.url));
const model = await loadBaseModel({ source: createFolderSource(folder), dtypes: ['q4'] });
const users: Users = { dim: 2, rows: new Map([['a', Float32Array.of(1, 2)]]) };
const example = (line: number, prompt: string): Example => ({
  ...{ user: 'a', target: 'Dogs in the park', persona: undefined, line },
  messages: [{ role: 'user', content: prompt }],
});

describe('a rows file', () => {
  it('is made line by line, as it is asked for: a bad example is met where it stands', async () => {
    const tooLong: number[] = [];
    const lines = rowLines({
      ...{ model, runtime: createNodeRuntime(), users, modelId: 'e2p-tiny', space: 's', maxLength: 40 },
      slot: { placeholder: '<|me|>' },
      examples: [
        example(1, 'I am <|me|>. What do I like?'),
        example(2, `I am <|me|>. ${'And so on. '.repeat(40)}`),
        example(3, 'What do I <|me|> like?'),
        example(4, 'What do I like?'),
      ],
      onTooLong: (line) => tooLong.push(line),
    });
    const next = async () => JSON.parse((await lines.next()).value as string);
    expect((await next()).contract).toMatchObject({ tokens: 1, vectors: 1, model: { id: 'e2p-tiny' } });
    const first = await next();
    expect(first.user).toBe('a');
    expect(first.softIndices).toEqual([0]);
    expect(model.codec.decode(first.ids.slice(first.targetFrom))).toContain('Dogs in the park');
    expect(tooLong).toEqual([]);
    expect((await next()).softPositions).toHaveLength(1);
    expect(tooLong).toEqual([2]);
    await expect(lines.next()).rejects.toThrow(/no <\|me\|>/);
  });
});
