import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadBaseModel } from '../model/base-model.ts';
import { createNodeRuntime } from '../runtime/node-runtime.ts';
import { createFolderSource } from '../storage/folder-source.ts';
import { rowLines, userLines } from './rows-file.ts';
import { type Example, readUsers, type Users } from './training-data.ts';

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

  it('takes over a contract with its slot and its bound on vectors, and has the row of a teacher', async () => {
    const source = { model, runtime: createNodeRuntime(), modelId: 'e2p-tiny', space: 's' };
    const first = rowLines({
      ...{ ...source, users, examples: [example(1, 'Hi')], vectors: 2 },
      slot: { places: [{ at: 'user-end', text: ' About{soft}.' }] },
    });
    const { contract } = JSON.parse((await first.next()).value as string);
    const pair: Users = { dim: 2, rows: new Map([['a', Float32Array.of(3, 2, 1, 2)]]) };
    const told = [{ ...example(1, 'What do I like?'), persona: 'The user loves dogs.' }];
    const lines = rowLines({ ...source, users: pair, examples: told, contract, withTeacher: true });
    expect(JSON.parse((await lines.next()).value as string)).toEqual({ contract });
    const row = JSON.parse((await lines.next()).value as string);
    expect(row.softIndices).toEqual([0, 1]);
    const { ids, targetFrom } = row.teacher;
    expect(model.codec.decode(ids.slice(0, targetFrom))).toContain('The user loves dogs.');
    expect(ids.slice(targetFrom)).toEqual(row.ids.slice(row.targetFrom));

    const three: Users = { dim: 2, rows: new Map([['a', Float32Array.of(3, 2, 1, 2, 5, 6)]]) };
    await expect(rowLines({ ...source, users: three, examples: told, contract }).next()).rejects.toThrow(
      /vectors/,
    );
  });
});

describe("users' vectors in a file", () => {
  it('are the same float32 when read, in the order that rows count by', () => {
    const all: Users = { dim: 2, rows: new Map([['a', Float32Array.of(0.1, 1 / 3, -1e-7, 7e12)]]) };
    const bytes = new TextEncoder().encode([...userLines(all)].join(''));
    expect(readUsers(bytes, 'users.jsonl').rows.get('a')).toEqual(Float32Array.of(-1e-7, 7e12, 0.1, 1 / 3));
  });
});
