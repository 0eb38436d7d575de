/** `e2p catalogue`: the items' vectors of a recommender as the file that devices fold their person in with. */
import { E2PError } from '../error.ts';
import { readSafetensors } from '../projector/safetensors.ts';
import { isNpy, type Matrix, readNpy } from '../user/npy.ts';
import { writeCatalogue } from '../user/write-catalogue.ts';
import { defineCommand, given, type Options, type Values } from './command.ts';
import { prepareOutput, readInput, writeWhole } from './files.ts';
import { number, positive } from './numbers.ts';

const FILE = { value: '<file>', required: true } as const;
const OPTIONS = {
  items: { ...FILE, meaning: 'factors [items, dim]: .npy, or safetensors with the tensor "items"' },
  ids: {
    value: '<file>',
    meaning: "the app's id of each item, a line each, in the order of the factors",
    without: 'the row as a number',
  },
  out: { ...FILE, meaning: 'the catalogue' },
  space: { value: '<id>', required: true, meaning: 'name of the embedding space of its users' },
  regularisation: {
    ...{ value: '<λ>', read: positive, required: true },
    meaning: 'of the factorisation, which fold-in repeats',
  },
  alpha: { value: '<α>', read: number, required: true, meaning: 'how much more a click counts, likewise' },
} as const satisfies Options;

async function catalogue(values: Values<typeof OPTIONS>): Promise<void> {
  const { items: itemsFile, ids: idsFile, out, space, regularisation, alpha } = values;
  prepareOutput(out);
  const { rows, dim, read } = readMatrix(readInput(itemsFile), itemsFile);
  const ids = idsFile === undefined ? undefined : readIds(readInput(idsFile), idsFile);
  const items = read(0, rows);
  const bytes = writeCatalogue({ items, dim, space, regularisation, alpha, ...given({ ids }) });
  await writeWhole(out, [bytes]);
  console.log(`${out}: ${rows} items of ${dim} numbers, ${bytes.length} bytes`);
}

function readMatrix(bytes: Uint8Array, file: string): Matrix {
  const refuse = (field: string, found: string, expected: string): never => {
    throw new E2PError('invalid-data', `${file}: ${field} is ${found}, expected ${expected}`);
  };
  if (isNpy(bytes)) {
    const matrix = readNpy(bytes, refuse);
    if (matrix.shape.length !== 2) refuse('shape', `[${matrix.shape.join(', ')}]`, '[items, dim]');
    return matrix;
  }
  const items = readSafetensors(bytes, file).tensors.get('items');
  if (items?.shape.length !== 2) {
    const found = items === undefined ? 'no tensor of that name' : `[${items.shape.join(', ')}]`;
    return refuse('items', found, '[items, dim]');
  }
  const [rows, dim] = items.shape as [number, number];
  return { rows, dim, read: (from, count) => items.data.subarray(from * dim, (from + count) * dim) };
}

/** A line each; the last one may end in a line feed, and all as on Windows. */
function readIds(bytes: Uint8Array, file: string): string[] {
  try {
    return new TextDecoder('utf-8', { fatal: true })
      .decode(bytes)
      .replace(/\r?\n$/, '')
      .split(/\r?\n/);
  } catch (cause) {
    throw new E2PError('invalid-data', `${file} is not UTF-8 text`, { cause });
  }
}

export const command = defineCommand({
  purpose: 'Writes item factors as the catalogue that a device embeds its person from: docs/embeddings.md.',
  options: OPTIONS,
  examples: [
    'catalogue --items items.npy --ids ids.txt --out podcasts-items.safetensors --space podcasts-v3 --regularisation 5 --alpha 4',
  ],
  run: catalogue,
});
