/** `e2p catalogue`: what a recommender in Python has, as the file that devices read. */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, vi } from 'vitest';
import { writeSafetensors } from '../projector/safetensors.ts';
import { openCatalogue } from '../user/catalogue.ts';
import { command } from './catalogue.ts';

const folder = mkdtempSync(join(tmpdir(), 'e2p-catalogue-'));
const save = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};
/** Written by NumPy 2.4.6, once: `numpy.array([[0.5, -1], [0.25, 0], [1, 127 / 128]], 'f4')`. */
const npy = Buffer.from(
  'k05VTVBZAQB2AHsnZGVzY3InOiAnPGY0JywgJ2ZvcnRyYW5fb3JkZXInOiBGYWxzZSwgJ3NoYXBlJzogKDMsIDIpLCB9ICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgICAgIAoAAAA/AACAvwAAgD4AAAAAAACAPwAAfj8=',
  'base64',
);
const out = join(folder, 'out.safetensors');
const facts = ['--out', out, '--space', 's', '--regularisation', '5', '--alpha', '4'];

it('is written of factors and ids, in the order of the ids', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const ids = save('ids.txt', 'c\na\nb\n');
  const tensors = new Map([
    ['items', { shape: [3, 2], data: Float32Array.of(0.5, -1, 0.25, 0, 1, 127 / 128) }],
  ]);
  const files = [
    save('items.npy', npy),
    save('items.safetensors', writeSafetensors({ tensors, metadata: {} })),
  ];
  for (const file of files) {
    await command.run(['--items', file, '--ids', ids, ...facts]);
    const catalogue = await openCatalogue(new Blob([readFileSync(out)]));
    expect(catalogue).toMatchObject({ space: 's', regularisation: 5, alpha: 4, size: 3, dim: 2 });
    expect(await catalogue.find(['a', 'b', 'c'])).toEqual([0, 1, 2]);
    const rows = await catalogue.rows([2, 0]);
    for (const [k, value] of [0.5, -1, 0.25, 0].entries()) expect(rows[k]).toBeCloseTo(value, 2);
  }
  expect(log.mock.calls[0]![0]).toMatch(/out\.safetensors: 3 items of 2 numbers, \d+ bytes/);
  log.mockRestore();
});

it('reads ids as editors on Windows save them', async () => {
  const log = vi.spyOn(console, 'log').mockReturnValue();
  const ids = save('windows.txt', '\ufeffc\r\na\r\nb\r\n');
  await command.run(['--items', save('items.npy', npy), '--ids', ids, ...facts]);
  const catalogue = await openCatalogue(new Blob([readFileSync(out)]));
  expect(await catalogue.find(['a', 'b', 'c'])).toEqual([0, 1, 2]);
  log.mockRestore();
});

it.each([
  [
    'without the items',
    'items.safetensors',
    writeSafetensors({ tensors: new Map(), metadata: {} }),
    [],
    /no tensor of that name/,
  ],
  ['with other ids', 'items.npy', npy, ['--ids', save('two.txt', 'a\nb')], /ids is 2 ids, expected 3/],
  [
    'with ids that are no UTF-8',
    'items.npy',
    npy,
    ['--ids', save('latin.txt', Uint8Array.of(0x61, 0x0a, 0xe9, 0x0a, 0x62))],
    /latin\.txt is not UTF-8 text/,
  ],
  [
    'of one vector alone',
    'vector.npy',
    Buffer.from(npy.toString('latin1').replace('(3, 2)', '(6,)  '), 'latin1'),
    [],
    /vector\.npy: shape is \[6\], expected \[items, dim\]/,
  ],
  [
    'for a space that no device could name',
    'items.npy',
    npy,
    ['--space', 'x'.repeat(201)],
    /space is a text of 201 characters, expected 1 to 200/,
  ],
  [
    'of what is cut short',
    'cut.npy',
    npy.subarray(0, 140),
    [],
    /cut\.npy: the npy data is 12 bytes, expected 24/,
  ],
])('is not written %s', async (_, name, bytes, more, reason) => {
  await expect(command.run(['--items', save(name, bytes), ...facts, ...more])).rejects.toThrow(reason);
});
