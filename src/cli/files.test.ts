import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { prepareOutput, writeWhole } from './files.ts';

let folder: string;
const path = (...names: string[]) => join(folder, ...names);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'e2p-files-'));
  writeFileSync(path('old'), 'old');
});

describe('a path to write to, before the work', () => {
  it('gets its folder, and nothing that is there changes', () => {
    prepareOutput(path('new', 'folder', 'out'));
    prepareOutput(path('old'));
    expect(readdirSync(path('new', 'folder'))).toEqual([]);
    expect(readFileSync(path('old'), 'utf8')).toBe('old');
    expect(readdirSync(folder).toSorted()).toEqual(['new', 'old']);
  });

  it.each([
    ['a folder', [], 'it is a folder'],
    ['below a file', ['old', 'out'], 'a part of its path is a file'],
  ])('is refused by its name: %s', (_, names, why) => {
    const out = path(...names);
    expect(() => prepareOutput(out)).toThrow(
      expect.objectContaining({ code: 'storage-failed', message: `${out} could not be written: ${why}` }),
    );
  });

  it('is refused where not even its temporary file can be', () => {
    mkdirSync(path('out.part'));
    expect(() => prepareOutput(path('out'))).toThrow(/out could not be written: it is a folder/);
    expect(existsSync(path('out'))).toBe(false);
  });
});

describe('a file that is written', () => {
  it('is the old one until all of it is there, and stays that where making it fails', async () => {
    const seen: string[] = [];
    const pieces = function* (fails: boolean) {
      yield 'n';
      seen.push(readFileSync(path('old'), 'utf8'));
      if (fails) throw new Error('no more');
      yield new Uint8Array([0x65, 0x77]);
    };
    await expect(writeWhole(path('old'), pieces(true))).rejects.toThrow('no more');
    expect(readdirSync(folder)).toEqual(['old']);
    await writeWhole(path('old'), pieces(false));
    expect(seen).toEqual(['old', 'old']);
    expect(readFileSync(path('old'), 'utf8')).toBe('new');
    expect(readdirSync(folder)).toEqual(['old']);
  });
});
