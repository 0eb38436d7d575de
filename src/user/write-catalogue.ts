/** Makes the file that `catalogue.ts` reads, of the items' side of a factorisation, where that was computed. */
import { E2PError } from '../error.ts';
import { type RawTensor, writeRaw } from '../projector/safetensors.ts';
import { type AlsWeights, checkPositive, checkWeights, gramMatrix } from './als.ts';
import { CATALOGUE_KEY, CATALOGUE_LIMITS, CATALOGUE_VERSION, compareIds, ID_BLOCK } from './catalogue.ts';
import { EMBEDDING_LIMITS } from './stored-embeddings.ts';

/** What a catalogue is made of. */
export interface WriteCatalogueOptions extends AlsWeights {
  /** Row-major [items, dim], as `factorize` returned them. */
  readonly items: Float32Array;
  /** Numbers of an item. */
  readonly dim: number;
  /** The embedding space of the users that belong to it. */
  readonly space: string;
  /** The app's id of each item, as it stands in events. Default: the row as a number. */
  readonly ids?: readonly string[];
}

/**
 * The file. Rows are rounded to int8, each by a scale of its own; with ids, they stand in the order of the ids. Users of the training are
 * to be folded in on the rounded rows, as the devices will.
 * @throws E2PError `invalid-argument` naming the field
 */
export function writeCatalogue(options: WriteCatalogueOptions): Uint8Array {
  const { items, dim, space, ids, regularisation, alpha } = options;
  checkWeights(options);
  checkPositive('dim', dim);
  const most = EMBEDDING_LIMITS.space;
  if (!(space.length >= 1 && space.length <= most))
    refuse('space', `a text of ${space.length} characters`, `1 to ${most}`);
  if (dim > CATALOGUE_LIMITS.dim) refuse('dim', String(dim), `at most ${CATALOGUE_LIMITS.dim}`);
  const size = items.length / dim;
  if (!Number.isInteger(size) || size < 1) refuse('items', `${items.length} numbers`, `rows of ${dim}`);
  if (ids !== undefined && ids.length !== size) refuse('ids', `${ids.length} ids`, String(size));
  const order = ids && sorted(ids);
  const rounded = new Int8Array(items.length);
  const scales = new Float32Array(size);
  const rows = new Float32Array(items.length);
  for (let row = 0; row < size; row++) {
    const from = (order?.[row] ?? row) * dim;
    let largest = 0;
    for (let k = from; k < from + dim; k++) largest = Math.max(largest, Math.abs(items[k]!));
    if (!Number.isFinite(largest)) refuse('items', 'not finite', 'finite numbers');
    const scale = Math.fround(largest / 127);
    scales[row] = scale;
    for (let k = 0; k < dim; k++) {
      const at = row * dim + k;
      rounded[at] = scale === 0 ? 0 : Math.max(-127, Math.min(127, Math.round(items[from + k]! / scale)));
      rows[at] = rounded[at]! * scale;
    }
  }
  const tensors = new Map<string, RawTensor>([
    ['gram', { dtype: 'F64', shape: [dim, dim], data: gramMatrix(rows, dim) }],
    ['scales', { dtype: 'F32', shape: [size], data: scales }],
    ...(ids === undefined ? [] : idTensors(order!.map((row) => ids[row]!))),
    ['items', { dtype: 'I8', shape: [size, dim], data: rounded }],
  ]);
  const facts = { version: CATALOGUE_VERSION, space, regularisation, alpha };
  return writeRaw(tensors, { [CATALOGUE_KEY]: JSON.stringify(facts) });
}

/** Rows in the order of their ids. */
function sorted(ids: readonly string[]): number[] {
  const bad = ids.findIndex(
    (id) => !(id.length >= 1 && id.length <= CATALOGUE_LIMITS.id) || /[\n\p{Surrogate}]/u.test(id),
  );
  if (bad >= 0)
    refuse(`ids[${bad}]`, 'no id', `a text of 1 to ${CATALOGUE_LIMITS.id} characters without a line feed`);
  const order = Array.from(ids.keys()).sort((a, b) => compareIds(ids[a]!, ids[b]!));
  const twice = order.findIndex((row, i) => i > 0 && ids[row] === ids[order[i - 1]!]);
  if (twice >= 0) refuse(`ids[${order[twice]}]`, 'the id of another item again', 'each once');
  return order;
}

function idTensors(ids: readonly string[]): [string, RawTensor][] {
  const blocks = Array.from({ length: Math.ceil(ids.length / ID_BLOCK) }, (_, block) =>
    new TextEncoder().encode(
      ids
        .slice(block * ID_BLOCK, (block + 1) * ID_BLOCK)
        .map((id) => `${id}\n`)
        .join(''),
    ),
  );
  const length = blocks.reduce((sum, block) => sum + block.length, 0);
  if (length >= 2 ** 32) refuse('ids', `${length} bytes`, 'less than 4 GB');
  const [texts, starts] = [new Uint8Array(length), new Uint32Array(blocks.length)];
  let at = 0;
  for (const [n, block] of blocks.entries()) {
    starts[n] = at;
    texts.set(block, at);
    at += block.length;
  }
  return [
    ['ids.blocks', { dtype: 'U32', shape: [starts.length], data: starts }],
    ['ids', { dtype: 'U8', shape: [length], data: texts }],
  ];
}

function refuse(field: string, found: string, expected: string): never {
  throw new E2PError('invalid-argument', `the catalogue: ${field} is ${found}, expected ${expected}`);
}
