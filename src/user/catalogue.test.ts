import { openAsBlob, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { headerEnd, readHeader, writeRaw } from '../projector/safetensors.ts';
import { gramMatrix } from './als.ts';
import { CATALOGUE_KEY, compareIds, openCatalogue } from './catalogue.ts';
import { type WriteCatalogueOptions, writeCatalogue } from './write-catalogue.ts';

const dim = 6;
const factors = (count: number) =>
  Float32Array.from({ length: count * dim }, (_, i) => Math.sin(i * i + 1) * (1 + (i % 5)));
const write = (count: number, more: Partial<WriteCatalogueOptions> = {}) =>
  writeCatalogue({
    ...{ items: factors(count), dim, space: 'films-v1', regularisation: 2, alpha: 5 },
    ...more,
  }).slice();
const open = (bytes: Uint8Array<ArrayBuffer>) => openCatalogue(new Blob([bytes]));

/** Ids of all lengths and scripts, in no order. */
const names = (count: number) =>
  Array.from(
    { length: count },
    (_, i) => `${['é', 'film-', '電', '🎬', '\uffee', 'Z', '\ufeff'][i % 7]}${(i * 7919) % 10_007}`,
  );

describe('a catalogue', () => {
  it('gives the rows that were written, rounded to 1/127 of their largest number', async () => {
    const items = factors(50);
    items.fill(0, 3 * dim, 4 * dim);
    const catalogue = await open(write(50, { items }));
    expect(catalogue).toMatchObject({ space: 'films-v1', dim, size: 50, regularisation: 2, alpha: 5 });
    const all = await catalogue.rows(Array.from({ length: 50 }, (_, i) => i));
    for (let row = 0; row < 50; row++) {
      const [given, found] = [items, all].map((rows) => rows.subarray(row * dim, (row + 1) * dim));
      const largest = Math.max(...given!.map(Math.abs));
      for (let k = 0; k < dim; k++)
        expect(Math.abs(found![k]! - given![k]!)).toBeLessThanOrEqual((largest / 127) * 0.5001);
    }
    expect(await catalogue.rows([7, 3, 7])).toEqual(
      Float32Array.from([7, 3, 7].flatMap((row) => [...all.subarray(row * dim, (row + 1) * dim)])),
    );
    // Fold-in is of what the device has.
    expect(catalogue.gram).toEqual(gramMatrix(all, dim));
    expect(await catalogue.find(['0', '49', '50', '-1', '07', '1e1', ''])).toEqual([
      ...[0, 49],
      ...Array.from({ length: 5 }, () => undefined),
    ]);
  });

  it.each([
    1, 255, 256, 257, 1500,
  ])('finds each of %i ids, in their blocks, and nothing else', async (count) => {
    const ids = names(count);
    const items = factors(count);
    const catalogue = await open(write(count, { ids }));
    const found = await catalogue.find(ids);
    expect(new Set(found).size).toBe(count);
    const ascending = ids.toSorted(compareIds);
    expect(found.map((row) => ascending[row!])).toEqual(ids);
    const rows = await catalogue.rows(found as number[]);
    expect(rows.every((value, i) => Math.abs(value - items[i]!) < 0.03)).toBe(true);
    const strange = [
      '',
      'film-',
      'film-10007',
      'a',
      '\u{10ffff}',
      `${ids[0]}\n${ids[1] ?? ''}`,
      ids[0]!.slice(0, -1),
    ];
    expect(await catalogue.find(strange)).toEqual(strange.map(() => undefined));
  });

  it('orders ids as Python does', () => {
    // `sorted(["\uffee", "🎬", "Z", "é", "a", "電", "ab", "🎬a"])` of Python 3.
    const python = ['Z', 'a', 'ab', 'é', '電', '\uffee', '🎬', '🎬a'];
    expect(python.toReversed().toSorted(compareIds)).toEqual(python);
  });

  it('reads nothing of the file but what is asked for', async () => {
    const bytes = write(20_000, { ids: names(20_000) });
    let read = 0;
    class Counted extends Blob {
      override slice(from = 0, to = this.size): Blob {
        read += to - from;
        return super.slice(from, to);
      }
    }
    const catalogue = await openCatalogue(new Counted([bytes]));
    const opened = read;
    expect(opened).toBeLessThan(3000);
    const [row] = await catalogue.find([names(20_000)[1234]!]);
    await catalogue.rows([row!]);
    expect(read - opened).toBeLessThan(20_000);
    expect(bytes.length).toBeGreaterThan(300_000);
  });

  it('is the same from a file in Node, and says so when that is gone', async () => {
    const path = join(await mkdtemp(join(tmpdir(), 'e2p-catalogue-')), 'films.safetensors');
    writeFileSync(path, write(300, { ids: names(300) }));
    const catalogue = await openCatalogue(await openAsBlob(path));
    const ids = names(300).slice(0, 3);
    expect(await catalogue.find(ids)).toEqual(await (await open(write(300, { ids: names(300) }))).find(ids));
    writeFileSync(path, 'x');
    await expect(catalogue.rows([0])).rejects.toThrow(expect.objectContaining({ code: 'storage-failed' }));
  });

  it('is never read over a network, where the ranges would tell what a person did', async () => {
    for (const given of ['https://example.com/items', new URL('https://example.com')]) {
      await expect(openCatalogue(given as never)).rejects.toThrow(/from a URL, the server would see/);
    }
  });

  it('refuses rows that it has not, and repeats no number', async () => {
    const catalogue = await open(write(5));
    for (const row of [-1, 5, 977, 0.5, Number.NaN]) {
      const asked = catalogue.rows([0, row]);
      await expect(asked).rejects.toThrow(expect.objectContaining({ code: 'invalid-argument' }));
      await expect(asked).rejects.not.toThrow(/977/);
    }
  });

  it('is refused where it is not what it says', async () => {
    const bytes = write(3, { ids: ['a', 'b', 'c'] });
    const end = headerEnd(bytes, bytes.length, () => expect.fail());
    const { places, metadata } = readHeader(
      bytes.subarray(0, end),
      bytes.length,
      ['I8', 'F32', 'F64', 'U8', 'U32'],
      () => expect.fail(),
    );
    const tensors = [...places].map(
      ([name, { dtype, shape, from, to }]) => [name, { dtype, shape, data: bytes.slice(from, to) }] as const,
    );
    const refused = async (changed: Uint8Array<ArrayBuffer>, reason: RegExp) => {
      const opening = open(changed).then((catalogue) =>
        Promise.all([catalogue.find(['b']), catalogue.rows([1])]),
      );
      await expect(opening).rejects.toThrow(expect.objectContaining({ code: 'invalid-data' }));
      await expect(opening).rejects.toThrow(reason);
    };
    const without = (gone: string) => new Map(tensors.filter(([name]) => name !== gone));
    const withOther = (name: string, data: Uint8Array) =>
      new Map([...tensors].map(([n, t]) => [n, n === name ? { ...t, data } : t] as const));
    const facts = (more: object) => ({
      [CATALOGUE_KEY]: JSON.stringify({ version: 1, space: 's', regularisation: 1, alpha: 1, ...more }),
    });
    await refused(new Uint8Array(0), /an empty file, expected a safetensors file/);
    await refused(bytes.slice(0, 300), /cut short/);
    for (const name of ['items', 'scales', 'gram', 'ids.blocks'])
      await refused(writeRaw(without(name), metadata), new RegExp(`${name} is nothing, expected`));
    await refused(writeRaw(new Map(tensors), {}), /no JSON under e2p_catalogue/);
    await refused(writeRaw(new Map(tensors), facts({ version: 2 })), /version must be 1/);
    await refused(writeRaw(new Map(tensors), facts({ regularisation: 0 })), /regularisation must be above 0/);
    await refused(writeRaw(new Map(tensors), facts({ space: '' })), /space must be a text/);
    const nan = new Uint8Array(Float64Array.of(Number.NaN).buffer);
    await refused(
      writeRaw(
        withOther(
          'gram',
          Uint8Array.from({ length: 288 }, (_, i) => nan[i % 8]!),
        ),
        metadata,
      ),
      /gram has a number/,
    );
    const scales = new Uint8Array(new Float32Array(3).fill(Number.NaN).buffer);
    await refused(writeRaw(withOther('scales', scales), metadata), /scales has a number/);
    const starts = new Uint8Array(Uint32Array.of(9).buffer);
    await refused(writeRaw(withOther('ids.blocks', starts), metadata), /ids\.blocks has a block of/);
  });

  it.each([
    ['ids that come twice', { ids: ['a', 'b', 'a'] }, /ids\[2\] is the id of another item again/],
    ['an empty id', { ids: ['a', '', 'b'] }, /ids\[1\] is no id/],
    ['an id of two lines', { ids: ['a', 'b\nc', 'd'] }, /ids\[1\] is no id/],
    ['half a character', { ids: ['a', '\ud83c', 'd'] }, /ids\[1\] is no id/],
    ['ids for others', { ids: ['a'] }, /ids is 1 ids, expected 3/],
    ['no rows', { items: new Float32Array(7) }, /items is 7 numbers, expected rows of 6/],
    ['a number that is none', { items: new Float32Array(18).fill(Number.NaN) }, /items is not finite/],
    ['no regularisation', { regularisation: 0 }, /regularisation is 0/],
  ])('is not written of %s', (_, wrong, reason) => {
    expect(() => write(3, wrong)).toThrow(expect.objectContaining({ code: 'invalid-argument' }));
    expect(() => write(3, wrong)).toThrow(reason);
  });
});
