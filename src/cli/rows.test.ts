/** What `e2p rows` refuses before it reads a model; what it writes stands in `src/train/rows-file.test.ts`. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command } from './rows.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-rows-'));
const path = (name: string) => join(folder, name);
const note = path('note');
writeFileSync(note, '');

describe('e2p rows refuses', () => {
  it.each([
    ['a folder to write to', ['--out', folder], /e2p-rows-\w+ could not be written: it is a folder/],
    [
      'vectors below a file',
      ['--out', path('rows'), '--encoded', join(note, 'v')],
      /note.v could not be written: a part of its path is a file/,
    ],
    [
      'one file for two outputs',
      ['--out', path('rows'), '--encoded', join(folder, 'x', '..', 'rows')],
      /--out, --encoded and --aligned name one file, expected different ones/,
    ],
    ['no users', ['--out', path('rows')], /nowhere could not be read/],
  ])('%s', async (_, more, reason) => {
    const args = ['--model', path('model'), '--users', path('nowhere'), '--data', path('nowhere')];
    await expect(command.run([...args, ...more])).rejects.toThrow(reason);
  });
});
